"""The readers: one that follows the running task, one that stays with its frame."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secretscope.errors import (
    AmbiguousStoreError,
    MissingSecretError,
    NotOpenError,
)
from secretscope.redaction import redact
from secretscope.scopes._frame import POSITION, Frame

if TYPE_CHECKING:
    from secretscope.scopes._lifetime import Lifetime


class _Reader:
    """What both readers share: everything but which frame they read."""

    __slots__ = ("_owner", "_slot", "name")

    _owner: Lifetime | None
    _slot: int
    name: str

    def _here(self) -> Frame:
        raise NotImplementedError

    def lookup_sync(self, ref: str) -> str | None:
        raise NotImplementedError

    async def resolve(self, ref: str) -> str:
        """Return the secret's value as this frame sees it, fetched if need be.

        Raises:
            MissingSecretError: No store that this frame reads holds it.
            NoTenantError: It belongs to tenants, and none is entered.
            StoreError: The store failed (or what a store of yours raises).
            ScopeError: The frame has ended, or no lifetime is open.
        """
        frame = self._here()
        value = frame.overrides[self._slot].get(ref)
        if value is None:
            value = await frame.views[self._slot].resolve(ref)
        if frame.ended:
            self._lifetime().refuse(frame)
        return value

    async def store(self, ref: str, value: str) -> None:
        """Write to this frame's own place: a tenant's own, else the application's.

        An override of the ref stays as it was given.

        Raises:
            NoTenantError: It belongs to tenants, and none is entered.
            ReadOnlyStoreError: The store can't be written to.
        """
        await self._here().views[self._slot].put(ref, value)

    def redact(self, text: str) -> str:
        """Return the text with every credential in it masked."""
        return redact(text)

    def peek(self, ref: str) -> str:
        """Return what is at hand in this frame.

        Raises:
            MissingSecretError: No store that this frame reads holds it.
            NotWarmError: It has not been fetched.
            ExpiredError: What was fetched has run out.
            NoTenantError: It belongs to tenants, and none is entered.
        """
        frame = self._here()
        value = frame.overrides[self._slot].get(ref)
        return frame.views[self._slot].peek(ref) if value is None else value

    async def refresh(self, ref: str, *, bad: str | None = None) -> None:
        """Fetch the secret anew; nothing happens where it is overridden.

        Args:
            ref: which one.
            bad: the value that was refused; a no-op if another one is current.
        """
        frame = self._here()
        if ref not in frame.overrides[self._slot]:
            await frame.views[self._slot].refresh(ref, bad)

    def bind(self) -> BoundReader:
        """Return a reader that stays with the frame that is current now."""
        return BoundReader(self._lifetime(), self._slot, self._here())

    def _lifetime(self) -> Lifetime:
        if self._owner is None:
            raise NotOpenError(self.name)
        return self._owner

    def _look_further(self, frame: Frame, ref: str) -> str | None:
        try:
            value = frame.overrides[self._slot].get(ref)
            return frame.views[self._slot].peek(ref) if value is None else value
        except MissingSecretError:
            if frame.tenant is None and self._lifetime().env_fallback(self._slot):
                return None
            raise


class ScopedReader(_Reader):
    """Reads what the running task may see; a Secrets for `Tuning` and the like.

    Args:
        name: what errors call it.
    """

    __slots__ = ("__weakref__",)

    def __init__(self, name: str = "these secrets") -> None:
        self._owner = None
        self._slot = 0
        self.name = name

    def lookup_sync(self, ref: str) -> str | None:
        """Return what is at hand in the running task's frame.

        Returns:
            The value; None where the application's frame has none.

        Raises:
            MissingSecretError: A tenant's frame has none.
            NotWarmError: It has not been fetched.
            ExpiredError: What was fetched has run out.
            NoTenantError: It belongs to tenants, and none is entered.
            ScopeError: The frame has ended, or no lifetime is open.
        """
        frame = POSITION.get()
        if frame.owner is self._owner is not None:
            value = frame.overrides[self._slot].get(ref)
            if value is None:
                value = frame.views[self._slot].values.get(ref)
            if value is not None:
                return value
        return self._look_further(self._here(), ref)

    def attach(self, lifetime: Lifetime, slot: int) -> None:
        """Read in this lifetime, which holds the store under that number."""
        self._owner = lifetime
        self._slot = slot

    def detach(self) -> None:
        """Read nowhere, until attached again."""
        self._owner = None

    @property
    def attached(self) -> bool:
        """Whether its lifetime is open."""
        return self._owner is not None

    @property
    def slot(self) -> int:
        """The number of its store in the lifetime."""
        return self._slot

    def _here(self) -> Frame:
        return self._lifetime().here()

    def __repr__(self) -> str:
        return f"<{self.name}, {'open' if self.attached else 'not open'}>"


class BoundReader(_Reader):
    """Reads what its own frame sees, wherever it is read from, until the frame ends."""

    __slots__ = ("_frame",)

    def __init__(self, owner: Lifetime, slot: int, frame: Frame) -> None:
        self._owner = owner if slot >= 0 else None
        self._slot = slot
        self._frame = frame

    @property
    def name(self) -> str:  # type: ignore[override]
        """What errors call it."""
        return self._frame.name

    @property
    def tenant(self) -> str | None:
        """The tenant it reads for; None is the application."""
        return self._frame.tenant

    def lookup_sync(self, ref: str) -> str | None:
        """Return what is at hand in its frame, as `ScopedReader.lookup_sync` does."""
        frame = self._frame
        if frame.owner is self._owner:
            value = frame.overrides[self._slot].get(ref)
            if value is None:
                value = frame.views[self._slot].values.get(ref)
            if value is not None:
                return value
        return self._look_further(self._here(), ref)

    def bind(self) -> BoundReader:
        """Return itself: it is bound."""
        self._here()
        return self

    def _here(self) -> Frame:
        frame = self._frame
        if self._owner is None:
            names = frame.lifetime.names if frame.lifetime else ()
            raise AmbiguousStoreError("this reader", stores=names)
        if frame.owner is None:
            self._owner.refuse(frame)
        return frame

    def __repr__(self) -> str:
        return f"<secrets of {self._frame!r}>"
