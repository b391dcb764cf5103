"""The fleet's key, read from the application's own secrets, and followed."""

from __future__ import annotations

from random import Random

import anyio

from secretscope.errors import SecretReadError, SecretScopeError
from secretscope.fleet._holder import KeyReader
from secretscope.fleet._options import FleetOptions
from secretscope.fleet._seal import Keys
from secretscope.fleet._time import Clock

_GAP = 30.0
"""Seconds within which messages of an unknown key lead to one look at the store."""


class Keyring:
    """Keeps `Keys` up to date with the secrets that they are.

    Args:
        reader: the application's secrets.
        options: say which of them signs, and which are accepted, too, while there.
        clock: tells the time.
        random: spreads the looks at the store.
    """

    def __init__(
        self,
        reader: KeyReader,
        options: FleetOptions,
        *,
        clock: Clock,
        random: Random,
    ) -> None:
        self.keys = Keys()
        self.ref = options.key_ref
        self._reader = reader
        self._previous = options.previous_key_refs
        self._clock = clock
        self._random = random
        self._doubted = anyio.Event()
        self._next = float("-inf")

    async def open(self) -> None:
        """Read the key.

        Raises:
            SecretReadError: There is none.
            StoreError: The store failed.
            ConfigurationError: It is too short.
        """
        current = await self._reader.resolve(self.ref)
        others: list[str] = []
        for ref in self._previous:
            try:
                others.append(await self._reader.resolve(ref))
            except SecretReadError:
                continue  # there is a previous one only while the key rotates
        self.keys.use(self.ref, current, *others)

    def follow(self) -> None:
        """Use what is at hand now; what was read last where nothing is."""
        current = self._at_hand(self.ref)
        if current is not None:
            others = [self._at_hand(ref) for ref in self._previous]
            try:
                self.keys.use(self.ref, current, *(each for each in others if each))
            except SecretScopeError:
                return  # too short to be one: go on with the one before

    def doubt(self) -> None:
        """Take note that somebody signs with another key: it may have rotated."""
        self._doubted.set()

    async def run(self) -> None:
        """Read the key again when in doubt, at most once in a while, until cancelled."""
        while True:
            await self._doubted.wait()
            await self._clock.wait(anyio.Event(), self._random.uniform(0, _GAP))
            self._doubted = anyio.Event()
            for ref in (self.ref, *self._previous):
                await self._reread(ref)

    async def _reread(self, ref: str) -> None:
        try:
            await self._reader.refresh(ref)
        except Exception:  # noqa: BLE001 - the key that is known goes on
            return

    def _at_hand(self, ref: str) -> str | None:
        try:
            return self._reader.peek(ref)
        except SecretReadError:
            return None
