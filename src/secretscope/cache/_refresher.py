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

    def pump(self) -> None:
        """Begin as many as there is room for."""
        if self._pumping:  # a load was over as soon as it was begun
            return
        self._pumping = True
        while self._queue and self._running < self._at_once:
            count = min(self._batch, len(self._queue))
            bases = [self._queue.popleft() for _ in range(count)]
            self._queued.difference_update(bases)
            self._running += 1
            self._begin(bases, self._over)
        self._pumping = False

    def clear(self) -> None:
        """Forget what waits."""
        self._queue.clear()
        self._queued.clear()

    def _over(self) -> None:
        self._running -= 1
        self.pump()
