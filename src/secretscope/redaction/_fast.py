"""The fast engine: hyperscan says where to look, the pure engine says what is there.

Each shape gives hyperscan short expressions, its sieves, that match wherever the
shape may. Clean text costs one scan. A hit costs the pure engine's work in a window
around it, so both engines find the same, by construction. Only this module imports
hyperscan.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from typing import cast

import hyperscan

from secretscope.redaction._bytes import characters_at
from secretscope.redaction._pure import Found, Kind, PureEngine
from secretscope.redaction._shape import Span

_Hits = list[tuple[int, int]]


def _note(sieve: int, _start: int, end: int, _flags: int, hits: object) -> None:
    cast("_Hits", hits).append((end, sieve))


class FastEngine(PureEngine):
    """Finds what `PureEngine` finds, by way of hyperscan.

    Raises:
        hyperscan.error: A sieve is beyond what hyperscan can do.
    """

    name = "fast"

    def __init__(self, shapes: Iterable[Kind]) -> None:
        kept = tuple(shapes)
        super().__init__(kept)
        sieves = [
            (sieve, shape.sieve_width()) for shape in kept for sieve in shape.sieves()
        ]
        self._widths = [width for _, width in sieves]
        self._database = hyperscan.Database()
        self._database.compile(
            expressions=[sieve.encode() for sieve, _ in sieves],
            ids=list(range(len(sieves))),
            elements=len(sieves),
            flags=0,
        )
        self._local = threading.local()

    def find(self, text: str) -> list[Found]:
        """Return every credential in the text, in no particular order."""
        data = text.encode("utf-8", "surrogatepass")
        hits: _Hits = []
        try:
            scratch = self._local.scratch
        except AttributeError:
            scratch = self._local.scratch = hyperscan.Scratch(self._database)
        try:
            self._database.scan(data, _note, 0, hits, scratch)
        except hyperscan.error:  # its scratch is in use: a signal handler logs, say
            return super().find(text)
        found = self.whole(text)
        if hits:
            found.extend(self.find_in(text, self._windows(text, data, hits)))
        return found

    def _windows(self, text: str, data: bytes, hits: _Hits) -> list[Span]:
        """Return where the hits' pivots are, in characters, in order and apart."""
        widths = self._widths
        joined: list[list[int]] = []
        for low, high in sorted((max(0, end - widths[by]), end) for end, by in hits):
            if joined and low <= joined[-1][1]:
                joined[-1][1] = max(joined[-1][1], high)
            else:
                joined.append([low, high])
        if len(data) == len(text):
            return [(low, high) for low, high in joined]
        ends = characters_at(data, [at for window in joined for at in window])
        return list(zip(ends[::2], ends[1::2], strict=True))
