"""A clock that goes only when a test turns it."""

from __future__ import annotations

from heapq import heapify, heappop, heappush
from itertools import count

import anyio
import anyio.lowlevel

_ROUNDS = 20
"""Checkpoints after which tasks that only talk to each other have come to rest."""


async def settle() -> None:
    """Let every task run until it waits for something that only the test can give."""
    for _ in range(_ROUNDS):
        await anyio.lowlevel.checkpoint()
    await anyio.wait_all_tasks_blocked()


class HandClock:
    """Seconds that stand still until `advance` turns them; on asyncio and on trio.

    Hand it to a `CachedSecrets` as its clock: refreshes, retries, leases, expiries and
    timeouts then happen when the test says so, and no test waits for real time::

        clock = HandClock()
        secrets = CachedSecrets(source, Policy(ttl=60), clock=clock)
        ...
        await clock.advance(60)

    Args:
        start: what it shows at first, in seconds.

    Attributes:
        now: what it shows.
    """

    def __init__(self, start: float = 1000.0) -> None:
        self.now = start
        self._order = count()
        self._waiting: list[tuple[float, int, anyio.Event]] = []

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        """Wait until the clock has been turned by so much."""
        if seconds <= 0:
            await anyio.lowlevel.checkpoint()
            return
        entry = (self.now + seconds, next(self._order), anyio.Event())
        heappush(self._waiting, entry)
        try:
            await entry[2].wait()
        finally:
            if entry in self._waiting:  # it was cancelled
                self._waiting.remove(entry)
                heapify(self._waiting)

    async def advance(self, seconds: float) -> None:
        """Turn the clock; whoever sleeps wakes in order, and tasks settle each time."""
        end = self.now + seconds
        await settle()
        while self._waiting and self._waiting[0][0] <= end:
            due, _, event = heappop(self._waiting)
            self.now = max(self.now, due)
            event.set()
            await settle()
        self.now = end
        await settle()
