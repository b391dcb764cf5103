"""Reading one store: what is good at hand, and what is fetched where nothing is."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from attrs import frozen

from secretscope.cache._failures import Kind, kind_of
from secretscope.cache._keeper import Keeper
from secretscope.cache._shelf import Shelf
from secretscope.errors import (
    ExpiredError,
    MissingSecretError,
    SecretReadError,
    again,
)
from secretscope.values import Secret, split_location


@frozen(eq=False)
class Reading:
    """Reads by ref what the keeper keeps by base.

    Attributes:
        shelf: what is at hand.
        keeper: fetches what is not.
    """

    shelf: Shelf
    keeper: Keeper

    async def value(self, ref: str) -> str:
        """Return the value that a ref names.

        Raises:
            SecretReadError: It is not there, or what the store holds has run out.
            StoreError: The store failed, and nothing is at hand that may be read.
        """
        base = split_location(ref)[0]
        return self.shelf.reveal(ref, await self._secret(ref, base))

    async def secret(self, ref: str) -> Secret:
        """Return the whole secret of a ref's base, or raise as `value` does."""
        base = split_location(ref)[0]
        return await self._secret(base, base)

    async def values(self, refs: Sequence[str]) -> dict[str, str | Exception]:
        """Return for each ref its value or its own error, in few requests."""
        found: dict[str, str | Exception] = {}
        cold: dict[str, list[str]] = {}
        for ref in refs:
            base = split_location(ref)[0]
            if self.at_hand(base):
                found[ref] = self._told(ref, base, None)
            else:
                cold.setdefault(base, []).append(ref)
        answers = await self.keeper.load(list(cold)) if cold else {}
        for base, wanted in cold.items():
            found.update({ref: self._told(ref, base, answers[base]) for ref in wanted})
        return found

    def at_hand(self, base: str) -> bool:
        """Tell whether a read asks nobody: a value, or that there is none, is good."""
        entry = self.shelf.entries.get(base)
        if entry is None:
            return False
        now = self.shelf.clock()
        return entry.readable(now) and not self.keeper.overdue(entry, now)

    async def _secret(self, ref: str, base: str) -> Secret:
        if self.at_hand(base):
            return self.shelf.read(ref, base)
        return self._settled(ref, base, await self.keeper.load_one(base))

    def _settled(self, ref: str, base: str, answer: Secret | Exception) -> Secret:
        """Return what was fetched; in an outage, what may be read past its time."""
        if isinstance(answer, Secret):
            end, now = answer.expires_at, self.shelf.clock()
            if end is not None and end <= now:  # the store holds an ended one
                raise ExpiredError(ref, where=self.shelf.name)
            entry = self.shelf.entries.get(base)
            if entry is not None:
                entry.reads += 1
                entry.seen_at = now
            return answer
        if kind_of(answer) is Kind.OUTAGE:
            with suppress(SecretReadError):
                return self.shelf.read(ref, base)
        if isinstance(answer, MissingSecretError):
            raise self.shelf.absent(ref, answer)
        raise answer

    def _told(
        self, ref: str, base: str, answer: Secret | Exception | None
    ) -> str | Exception:
        """Return a value, or the error of reading it; None reads what is at hand."""
        shelf = self.shelf
        try:
            if answer is None:
                return shelf.reveal(ref, shelf.read(ref, base))
            return shelf.reveal(ref, self._settled(ref, base, answer))
        except Exception as error:  # noqa: BLE001 - its own answer, whatever it is
            return again(error)
