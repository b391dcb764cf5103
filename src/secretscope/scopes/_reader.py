"""Reading through a frame: what all readers share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NoReturn, Protocol, Self

from secretscope.errors import MissingSecretError
from secretscope.redaction import redact
from secretscope.scopes._home import Anywhere
from secretscope.scopes._recording import noted, recording
from secretscope.scopes._view import View
from secretscope.scopes._whole import resolve_whole, whole
from secretscope.values import Secret, split_location


class Shown(Protocol):
    """What a reader asks of the frame it reads (see `Frame`)."""

    over: Mapping[str, str] | None
    view: View

    @property
    def env_fallback(self) -> bool:
        """Whether who finds nothing may look in the environment."""
        ...

    @property
    def home(self) -> Anywhere:
        """The loop that its lifetime lives on."""
        ...

    @property
    def ended(self) -> bool:
        """Whether its block is over."""
        ...

    def refuse(self) -> NoReturn:
        """Say why it can't be read."""
        ...


class Reader:
    """Reads the frame that `_here` gives; a subclass says which one that is."""

    __slots__ = ()

    def _here(self) -> Shown:
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
        over = frame.over
        if over is not None and ref in over:
            return over[ref]
        value = await frame.home.bring(frame.view.resolve, ref)
        if frame.ended:
            frame.refuse()
        return value

    async def store(self, ref: str, value: str) -> None:
        """Write to this frame's own place: a tenant's own, else the application's.

        An override of the ref stays as it was given.

        Raises:
            NoTenantError: It belongs to tenants, and none is entered.
            ReadOnlyStoreError: The store can't be written to.
        """
        frame = self._here()
        await frame.home.bring(frame.view.put, ref, value)

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
        if recording() is not None:
            return noted(lambda: _peek(frame, ref), ref, frame)
        return _peek(frame, ref)

    def peek_secret(self, ref: str) -> Secret:
        """Return the whole secret that is at hand: its fields belong together.

        Fields that are overridden take the place of the store's.

        Raises:
            SecretReadError: As `peek` raises it.
        """
        frame = self._here()
        base = split_location(ref)[0]

        def read() -> Secret:
            return whole(frame.over or {}, base, lambda: frame.view.peek_secret(base))

        return noted(read, base, frame, whole=True)

    async def resolve_secret(self, ref: str) -> Secret:
        """Return the whole secret, fetched if need be: its fields belong together.

        Raises:
            MissingSecretError: No store that this frame reads holds it.
            StoreError: The store failed (or what a store of yours raises).
        """
        frame = self._here()
        base = split_location(ref)[0]

        async def read() -> Secret:
            secret = await frame.home.bring(frame.view.resolve_secret, base)
            if frame.ended:
                frame.refuse()
            return secret

        return await resolve_whole(frame.over or {}, base, read)

    async def refresh(self, ref: str, *, bad: str | None = None) -> None:
        """Fetch the secret anew; nothing happens where it is overridden.

        Args:
            ref: which one.
            bad: the value that was refused; a no-op if another one is current.
        """
        frame = self._here()
        if frame.over is None or ref not in frame.over:
            await frame.home.bring(frame.view.refresh, ref, bad)

    def _look_further(self, ref: str) -> str | None:
        """Look the ref up without haste: what is at hand, None, or an error."""
        try:
            return self.peek(ref)
        except MissingSecretError:
            if self._here().env_fallback:
                return None
            raise

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        message = "secrets are read in the process that opened them: hand on the ref"
        raise TypeError(message)

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: object) -> Self:
        return self


def _peek(frame: Shown, ref: str) -> str:
    over = frame.over
    return over[ref] if over is not None and ref in over else frame.view.peek(ref)
