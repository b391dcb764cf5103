"""The block of one tenant."""

from __future__ import annotations

from contextlib import suppress
from contextvars import Token
from types import TracebackType

from secretscope.errors import AlreadyOpenError, NestedTenantError
from secretscope.scopes._frame import Frame, go_back, stand, standing
from secretscope.scopes._lifetime import Lifetime
from secretscope.scopes._scope import Scope
from secretscope.scopes._several import SeveralStores


class TenantBlock:
    """Narrows every ScopedSecrets of the container to one tenant, for its block.

    Args:
        lifetime: the lifetime that is open.
        name: the tenant.
    """

    __slots__ = ("_frames", "_lifetime", "_name", "_token")

    def __init__(self, lifetime: Lifetime, name: str) -> None:
        self._lifetime = lifetime
        self._name = lifetime.check_tenant(name)
        self._frames: list[Frame] | None = None
        self._token: Token[Frame] | None = None

    async def __aenter__(self) -> Frame | SeveralStores:
        if self._frames is not None:
            raise AlreadyOpenError(f"this block of tenant {self._name!r}")
        outer = [self._outer(scope) for scope in self._lifetime.scopes]
        views = await self._lifetime.tenant(self._name)
        position = standing()
        self._frames = []
        for frame, view, scope in zip(outer, views, self._lifetime.scopes, strict=True):
            if frame.owner is None:  # it ended while we waited
                frame.refuse()
            position = Frame(
                scope, view, tenant=self._name, parent=position, outer=frame
            )
            position.over = scope.forced.get(self._name)
            self._frames.append(position)
        self._token = stand(position)
        only = len(self._frames) == 1
        return position if only else SeveralStores(self._lifetime.names, self._name)

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for frame in self._frames or ():
            frame.part()
            frame.close()
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
            raise NestedTenantError(self._name, inside=frame.tenant or "")
        return frame
