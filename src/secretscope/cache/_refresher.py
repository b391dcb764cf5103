"""Refreshes that are due: so many at once, in batches where the source can."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence


class Refresher:
    """A queue of bases to refresh in the background.

    Args:
        begin: begins one load of these bases; it calls what it is given when it is over.
        at_once: how many loads run at once.
        batch: how many bases one load takes.
    """

    def __init__(
        self,
        begin: Callable[[Sequence[str], Callable[[], None]], None],
        *,
        at_once: int,
        batch: int,
    ) -> None:
        self._begin = begin
        self._at_once = at_once
        self._batch = batch
        self._queue: deque[str] = deque()
        self._queued: set[str] = set()
        self._running = 0
        self._pumping = False

    def add(self, base: str) -> None:
        """Refresh the base, once, as soon as there is room."""
        if base not in self._queued:
            self._queued.add(base)
            self._queue.append(base)

    def drop(self, base: str) -> None:
        """Let a base that waits go; its place in the queue is passed over."""
        self._queued.discard(base)

    def pump(self) -> None:
        """Begin as many as there is room for."""
        if self._pumping:  # a load was over as soon as it was begun
            return
        self._pumping = True
        while self._running < self._at_once and (bases := self._next()):
            self._running += 1
            self._begin(bases, self._over)
        self._pumping = False

    def _next(self) -> list[str]:
        """Take out what one load takes, of those that still wait."""
        bases: list[str] = []
        while self._queue and len(bases) < self._batch:
            base = self._queue.popleft()
            if base in self._queued:
                self._queued.remove(base)
                bases.append(base)
        return bases

    def clear(self) -> None:
        """Forget what waits."""
        self._queue.clear()
        self._queued.clear()

    def _over(self) -> None:
        self._running -= 1
        self.pump()
