"""What a search for known values reads: an index that grows with them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from secretscope.redaction._bytes import characters_at
from secretscope.redaction._encoded import (
    Decoded,
    Sieves,
    hints,
    unescaped,
    unquoted,
    unshelled,
)
from secretscope.redaction._grams import Grams, Place
from secretscope.redaction._held import Spaced, run_start
from secretscope.redaction._shape import Span

_PLAIN = re.compile(r"[A-Za-z0-9_.~-]*")
"""What no encoder of URLs, JSON or a shell would touch (RFC 3986, unreserved)."""
_WRITTEN = 12
"""Characters that one of a value takes at most: four bytes, encoded for a URL."""
_ESCAPED = 26
"""As many with escapes: a surrogate pair, escaped as JSON four times."""
_SHORTEST = 64
"""Bytes that the shortest value is taken to have until a shorter one comes."""
HINTED = 2000
"""Up to so many values, hints of their encodings spare the search for runs."""


def _as_is(start: int, end: int) -> Span:
    return start, end


class Index:
    """What a scan reads: rebuilt as a whole, or added to."""

    def __init__(self) -> None:
        self.wide, self.narrow = Grams(8), Grams(4)
        self.grams: tuple[Grams, ...] = (self.wide,)
        self.ascii_only = True
        self.special = self.spaces = False
        self.shortest = _SHORTEST
        self.sieves = Sieves.of(self.shortest, ascii_only=True)
        self.size = self.longest = 0
        self.spaced = Spaced()

    @property
    def crowded(self) -> bool:
        """Whether there are too many values to keep hints of their encodings."""
        return self.size > HINTED

    def add(self, value: str) -> None:
        self.size += 1
        self.longest = max(self.longest, len(value))
        data = value.encode("utf-8", "surrogatepass")
        self.spaced.add(value, data)
        self._grams_for(data).add(data)
        for hint in hints(data) if self.size <= HINTED else ():
            self._grams_for(hint).add(hint, 0)
        if len(data) < self.shortest or (self.ascii_only and not value.isascii()):
            self.ascii_only = self.ascii_only and value.isascii()
            self.shortest = min(self.shortest, len(data))
            self.sieves = Sieves.of(self.shortest, ascii_only=self.ascii_only)
        if not _PLAIN.fullmatch(value):
            self.special = True
            self.spaces = self.spaces or " " in value

    def _grams_for(self, data: bytes) -> Grams:
        if len(data) > self.wide.shortest:
            return self.wide
        self.grams = (self.wide, self.narrow)
        return self.narrow

    def decoded(self, data: bytes, *, runs: bool) -> Iterator[Decoded]:
        """Yield what the text says in other writings."""
        if runs:
            yield from self.sieves.runs(data)
        if self.special:
            yield from unquoted(data, form=False)
            if self.spaces:
                yield from unquoted(data, form=True)
            yield from unshelled(data)
            yield from unescaped(data)

    def places(self, data: bytes) -> Iterator[Place]:
        """Yield where a value may begin, and its size; 0 is a hint of an encoding."""
        for grams in self.grams:
            yield from grams.find(data)

    def begun(self, text: str) -> int:
        """Return from where on a text must wait, since a value may have begun there."""
        if not self.size:
            return len(text)
        written = _ESCAPED if "\\" in text else _WRITTEN
        start = max(run_start(text), len(text) - written * self.longest)
        if not self.spaced:
            return start
        data = text.encode("utf-8", "surrogatepass")
        said = ((data, _as_is), *self.decoded(data, runs=False))
        return min(start, *characters_at(data, [self.spaced.begun(said)]))
