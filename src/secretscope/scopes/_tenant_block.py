"""The block of one tenant: `async with`, or a plain `with` where no loop runs."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from contextvars import Token
from types import TracebackType

from secretscope.errors import AlreadyOpenError, NestedTenantError
from secretscope.scopes._frame import Frame, go_back, stand, standing
from secretscope.scopes._home import refuse_in_loop
from secretscope.scopes._lifetime import Lifetime
from secretscope.scopes._scope import Scope
from secretscope.scopes._several import SeveralStores
from secretscope.scopes._tenant_view import TenantView


class TenantBlock:
    """Narrows every ScopedSecrets of the container to one tenant, for its block.

    Args:
        lifetime: the lifetime that is open.
        name: the tenant.
    """

    __slots__ = ("_frames", "_lifetime", "_name", "_token", "_views")

    def __init__(self, lifetime: Lifetime, name: str) -> None:
        self._lifetime = lifetime
        self._name = lifetime.check_tenant(name)
        self._frames: list[Frame] | None = None
        self._token: Token[Frame] | None = None
        self._views: tuple[TenantView, ...] = ()

    async def __aenter__(self) -> Frame | SeveralStores:
        outer, lifetime = self._outside(), self._lifetime
        views = lifetime.tenants.ready(self._name)
        while views is None or not lifetime.tenants.enter(views):
            views = await lifetime.home.bring(lifetime.tenant, self._name)
        return self._enter(outer, views)

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._leave()

    def __enter__(self) -> Frame | SeveralStores:
        refuse_in_loop(f"tenant {self._name!r}")
        outer, lifetime = self._outside(), self._lifetime
        views = lifetime.tenants.ready(self._name)
        while views is None or not lifetime.tenants.enter(views):
            views = lifetime.home.call(lifetime.tenant, self._name)
        return self._enter(outer, views)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._leave()

    def _outside(self) -> list[Frame]:
        if self._frames is not None:
            raise AlreadyOpenError(f"this block of tenant {self._name!r}")
        return [self._outer(scope) for scope in self._lifetime.scopes]

    def _enter(
        self, outer: Sequence[Frame], views: tuple[TenantView, ...]
    ) -> Frame | SeveralStores:
        position = standing()
        self._frames, self._views = [], views
        for frame, view, scope in zip(outer, views, self._lifetime.scopes, strict=True):
            if frame.owner is None:  # it ended while we waited
                self._leave()
                frame.refuse()
            position = Frame(
                scope, view, tenant=self._name, parent=position, outer=frame
            )
            position.over = scope.forced.get(self._name) or None
            self._frames.append(position)
        self._token = stand(position)
        if self._lifetime.trail is not None:
            self._lifetime.note("open", self._name)
        only = len(self._frames) == 1
        return position if only else SeveralStores(self._lifetime.names, self._name)

    def _leave(self) -> None:
        for frame in self._frames or ():
            frame.part()
            frame.close()
        views, self._views = self._views, ()
        self._lifetime.tenants.leave(views)
        if self._token is not None:
            with suppress(ValueError):  # left in another task
                go_back(self._token)

    def _outer(self, scope: Scope) -> Frame:
        """Return the frame to enter from; one that has ended counts as none."""
        frame: Frame | None = standing()
        while frame is not None and (frame.scope is not scope or frame.ended):
            frame = frame.parent
        if frame is None:
            frame = scope.base
        if frame.owner is None:
            frame.refuse()
        if frame.tenant not in (None, self._name):
            self._lifetime.note("refusal", self._name, detail="NestedTenantError")
            raise NestedTenantError(self._name, inside=frame.tenant or "")
        return frame
