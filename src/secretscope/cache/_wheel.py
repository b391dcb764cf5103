"""A wheel of ticks: when which entry is due, for some nine bytes an entry."""

from __future__ import annotations

from heapq import heappop, heappush
from math import ceil
from typing import Generic, Protocol, TypeVar


class Timed(Protocol):
    """Something that is due at a time."""

    due: float | None
    """When, in seconds of the wheel's clock; the wheel writes it."""


T = TypeVar("T", bound=Timed)


class Wheel(Generic[T]):
    """Says what is due, a tick late at most; it is emptied in chunks.

    A thing stands in it once for each time that it was added; only the last counts.
    The others are passed over when their tick comes, so that adding costs an append.

    Args:
        tick: seconds of a tick.
    """

    def __init__(self, tick: float = 1.0) -> None:
        self._tick = tick
        self._slots: dict[int, list[T]] = {}
        self._order: list[int] = []
        self.size = 0

    def add(self, thing: T, due: float) -> bool:
        """Make the thing due at this time, and at no other.

        Returns:
            Whether its tick is now the first of all.
        """
        number = ceil(due / self._tick)
        before, thing.due = thing.due, due
        if before is not None and ceil(before / self._tick) == number:
            return False
        slot = self._slots.get(number)
        if slot is None:
            slot = self._slots[number] = []
            heappush(self._order, number)
        slot.append(thing)
        self.size += 1
        return self._order[0] == number and len(slot) == 1

    def pause(self, now: float) -> float | None:
        """Return the seconds until something is due; None where nothing ever is."""
        return max(0.0, self._order[0] * self._tick - now) if self._order else None

    def pop(self, now: float, most: int = 256) -> list[T]:
        """Take out what stands in the first tick that is over, so many at most.

        What was added again since is among them: compare its `due`.
        """
        if not self._order or self._order[0] * self._tick > now:
            return []
        slot = self._slots[self._order[0]]
        chunk = slot[-most:]
        del slot[-most:]
        if not slot:
            del self._slots[heappop(self._order)]
        self.size -= len(chunk)
        return chunk

    def clear(self) -> None:
        """Take everything out."""
        for slot in self._slots.values():
            for thing in slot:
                thing.due = None
        self._slots.clear()
        self._order.clear()
        self.size = 0
