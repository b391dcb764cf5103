"""The blocks that a task enters: a tenant's, and one with overrides."""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import Token
from types import TracebackType

from secretscope.errors import AlreadyOpenError, MalformedSecretError, NestedTenantError
from secretscope.redaction import KNOWN
from secretscope.scopes._frame import NONE, POSITION, Frame, Overrides
from secretscope.scopes._lifetime import Lifetime
from secretscope.scopes._reader import BoundReader
from secretscope.values import parse_ref


def enter(frame: Frame, parent: Frame) -> Token[Frame]:
    """Make the frame the running task's position."""
    parent.inner.add(frame)
    return POSITION.set(frame)


def leave(frame: Frame, parent: Frame, token: Token[Frame] | None) -> None:
    """End the frame, and go back to where the task stood."""
    parent.inner.discard(frame)
    frame.close()
    if token is not None:
        try:
            POSITION.reset(token)
        except ValueError:  # left in another task: the ended frame refuses reads there
            return


class TenantBlock:
    """Narrows every ScopedSecrets of the container to one tenant, for its block.

    Args:
        lifetime: the lifetime that is open.
        slot: the store that the yielded reader reads.
        name: the tenant.
    """

    __slots__ = ("_frame", "_lifetime", "_name", "_parent", "_slot", "_token")

    def __init__(self, lifetime: Lifetime, slot: int, name: str) -> None:
        self._lifetime = lifetime
        self._slot = slot
        self._name = lifetime.check_tenant(name)
        self._frame: Frame | None = None

    async def __aenter__(self) -> BoundReader:
        if self._frame is not None:
            raise AlreadyOpenError(f"this block of tenant {self._name!r}")
        lifetime = self._lifetime
        parent = _ground(lifetime)
        if parent.tenant not in (None, self._name):
            raise NestedTenantError(self._name, inside=parent.tenant or "")
        views = await lifetime.tenant(self._name)
        self._parent = parent
        self._frame = Frame(
            lifetime, POSITION.get(), self._name, (NONE,) * len(views), views
        )
        self._token = enter(self._frame, parent)
        return BoundReader(lifetime, self._slot, self._frame)

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._frame is not None:
            leave(self._frame, self._parent, self._token)


def _ground(lifetime: Lifetime) -> Frame:
    """Return the frame to enter a tenant from; one that has ended counts as none."""
    frame: Frame | None = POSITION.get()
    while frame is not None and (frame.lifetime is not lifetime or frame.ended):
        frame = frame.parent
    if frame is None:
        frame = lifetime.root
    if frame.owner is None:
        lifetime.refuse(frame)
    return frame


class OverrideBlock:
    """Puts values in front of what the running task sees, for its block.

    Args:
        lifetime: the lifetime that is open.
        slot: the store that the yielded reader reads.
        values: values by ref.
        on: the number of the one store whose refs are overridden; None is all.

    Raises:
        InvalidRefError: A ref is outside the grammar.
        MalformedSecretError: A value is no `str`.
    """

    __slots__ = ("_frame", "_lifetime", "_on", "_parent", "_slot", "_token", "_values")

    def __init__(
        self,
        lifetime: Lifetime,
        slot: int,
        values: Mapping[str, str],
        on: int | None = None,
    ) -> None:
        for ref, value in values.items():
            parse_ref(ref)
            if not isinstance(value, str):
                raise MalformedSecretError(
                    "this override",
                    ref=ref,
                    expected=f"a str, not {type(value).__name__}",
                )
        self._lifetime = lifetime
        self._slot = slot
        self._values = values
        self._on = on
        self._frame: Frame | None = None

    def __enter__(self) -> BoundReader:
        if self._frame is not None:
            raise AlreadyOpenError("this override")
        lifetime = self._lifetime
        parent = POSITION.get()
        if parent.owner is not lifetime:
            parent = lifetime.here()
        for ref, value in self._values.items():
            KNOWN.add(value, ref=ref, tenant=parent.tenant)
        self._parent = parent
        self._frame = frame = Frame(
            lifetime,
            POSITION.get(),
            parent.tenant,
            self._merged(parent.overrides),
            parent.views,
        )
        self._token = enter(frame, parent)
        return BoundReader(lifetime, self._slot, frame)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._frame is not None:
            for ref, value in self._values.items():
                KNOWN.dropped(KNOWN.add(value, ref=ref, tenant=self._frame.tenant))
            leave(self._frame, self._parent, self._token)

    def _merged(self, outer: tuple[Overrides, ...]) -> tuple[Overrides, ...]:
        values = self._values
        if self._on is None:
            return tuple([{**below, **values} if below else values for below in outer])
        return tuple(
            {**below, **values} if slot == self._on else below
            for slot, below in enumerate(outer)
        )
