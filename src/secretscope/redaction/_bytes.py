"""From places in UTF-8 to places in the text."""

from __future__ import annotations

from collections.abc import Iterable

_CONTINUING = bytes(range(0x80, 0xC0))


def characters_at(data: bytes, offsets: Iterable[int]) -> list[int]:
    """Return how many characters begin before each offset.

    Args:
        data: a text in UTF-8.
        offsets: in bytes and in order.
    """
    places: list[int] = []
    characters = last = 0
    for offset in offsets:
        characters += len(data[last:offset].translate(None, _CONTINUING))
        last = offset
        places.append(characters)
    return places
