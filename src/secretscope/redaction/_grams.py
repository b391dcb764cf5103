"""An index of values by a few of their bytes, so that one more costs next to nothing.

Text is read in groups of eight bytes, as numbers: one pass in C. Eight neighbouring
windows of each value are kept, so however a value lies over the groups of the text,
one group is a window of it. What a window tells is where the value would begin and
how long it is; the set of values has the last word.
"""

from __future__ import annotations

from collections.abc import Iterator
from sys import byteorder
from typing import Literal

Place = tuple[int, int]
"""How far before a window its value begins, and how long the value is, in bytes."""

_CHUNK = 1 << 16
"""Bytes of text that are looked up at once."""


class Grams:
    """Finds where the values of at least ``2 * width - 1`` bytes may stand.

    Args:
        width: bytes of a window, 8 or 4.
    """

    def __init__(self, width: Literal[4, 8]) -> None:
        self.shortest = 2 * width - 1
        self._width = width
        self._format: Literal["Q", "I"] = "Q" if width == 8 else "I"  # noqa: PLR2004
        self._places: dict[int, tuple[Place, ...]] = {}
        self._alike: dict[tuple[Place, ...], tuple[Place, ...]] = {}

    def add(self, value: bytes, size: int | None = None) -> None:
        """Index one more value; or a hint, whose size is 0."""
        last = len(value) - self.shortest
        size = len(value) if size is None else size
        windows = min(
            (self._windows(value, first) for first in {last: 0, last // 2: 0, 0: 0}),
            key=self._crowd,
        )
        for window, ahead in windows:
            known = self._places.get(window, ())
            place = (ahead if size else 0, size)
            if place not in known:
                places = (*known, place)
                self._places[window] = self._alike.setdefault(places, places)

    def _windows(self, value: bytes, first: int) -> list[Place]:
        width = self._width
        return [
            (int.from_bytes(value[ahead : ahead + width], byteorder), ahead)
            for ahead in range(first, first + width)
        ]

    def _crowd(self, windows: list[Place]) -> int:
        """Count what is there already: where values differ is where to tell them by."""
        return sum(len(self._places.get(window, ())) for window, _ in windows)

    def find(self, data: bytes) -> Iterator[Place]:
        """Yield where a value may begin and how long it would be, in bytes."""
        free, width = self._places.keys().isdisjoint, self._width
        even = len(data) - len(data) % width
        view = memoryview(data)
        for low in range(0, even, _CHUNK):
            groups = view[low : min(low + _CHUNK, even)].cast(self._format)
            if not free(groups):
                yield from self._at(groups.tolist(), low)

    def _at(self, groups: list[int], low: int) -> Iterator[Place]:
        known = self._places
        for number, group in enumerate(groups):
            if group in known:
                at = low + number * self._width
                for ahead, size in known[group]:
                    if at >= ahead:
                        yield at - ahead, size
