"""The fast engine: hyperscan says where to look, pure Python says what is there.

Each shape gives hyperscan short expressions, its sieves, that match wherever the
shape may; each known value gives a few of its bytes. Clean text costs one scan. A hit
costs the pure engine's work in a window around it, so both engines find the same, by
construction. Only this module imports hyperscan.

A database of hyperscan cannot grow. What became known since the last one was compiled
is searched for in pure Python until a thread has compiled the next; that one holds no
lock and lets go of the GIL, so nobody waits for it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from itertools import count
from typing import cast

import hyperscan
from attrs import field, frozen

from secretscope.redaction._bytes import characters_at
from secretscope.redaction._encoded import base64_sieve, hex_sieve, hints
from secretscope.redaction._index import HINTED, Index
from secretscope.redaction._pure import Found, Kind, PureEngine
from secretscope.redaction._search import Search, in_characters
from secretscope.redaction._shape import Shape, Span

_Hits = list[tuple[int, int]]
_BYTES = 12
"""So many of a value's last bytes are looked for."""
_PATIENCE = 256
"""Texts that are searched in two ways before the next database is compiled."""
_KNOWN = -1
"""The rank of a known value: before all shapes."""


def _note(sieve: int, _start: int, end: int, _flags: int, hits: object) -> None:
    cast("_Hits", hits).append((end, sieve))


def _literal(data: bytes) -> bytes:
    return "".join(f"\\x{byte:02x}" for byte in data).encode()


def _compiled(sieves: Sequence[tuple[bytes, int]]) -> hyperscan.Database:
    """Compile expressions; each has a number of its own, or it takes minutes."""
    database = hyperscan.Database()
    database.compile(
        expressions=[expression for expression, _ in sieves],
        ids=[number for _, number in sieves],
        elements=len(sieves),
        flags=0,
    )
    return database


def _of_values(values: Sequence[str]) -> set[bytes]:
    """Return expressions of which one matches wherever a value is, however written."""
    encoded = [value.encode("utf-8", "surrogatepass") for value in values]
    found = {_literal(data[-_BYTES:]) for data in encoded}
    if len(encoded) <= HINTED:
        found |= {_literal(hint[-_BYTES:]) for data in encoded for hint in hints(data)}
    else:
        shortest = min(map(len, encoded))
        ascii_only = all(map(str.isascii, values))
        found.add(base64_sieve(shortest, ascii_only=ascii_only).encode())
        found.add(hex_sieve(shortest, ascii_only=ascii_only).encode())
    return found


_Scan = Callable[..., object]
_Ready = tuple[_Scan, hyperscan.Scratch, tuple[_Scan, hyperscan.Scratch] | None]
"""What one scan takes: the shapes' database, and the values' own if there is one."""


@frozen(eq=False)
class _Base:
    """The databases of one moment, and which values they cover."""

    databases: tuple[hyperscan.Database, ...]
    log: list[str]
    read: int
    plain: bool
    """Whether no hit means nothing: no escapes to undo, no shape without anchors."""
    pool: list[_Ready] = field(factory=list[_Ready])
    """Scratches that no scan is using: one serves one scan at a time, whoever's."""

    def prepare(self) -> _Ready:
        """Make the scratches for one more scan at the same time."""
        first, *rest = [(d.scan, hyperscan.Scratch(d)) for d in self.databases]
        return (*first, rest[0] if rest else None)


class FastFinder:
    """Finds what the pure engine and the search for values find, by way of hyperscan.

    Raises:
        hyperscan.error: A sieve is beyond what hyperscan can do.
    """

    name = "fast"

    def __init__(self, shapes: Iterable[Kind], search: Search) -> None:
        kept = tuple(shapes)
        self._engine = PureEngine(kept)
        self._search, self._known = search, search.known
        sieves = [(s, shape.sieve_width()) for shape in kept for s in shape.sieves()]
        self._widths = [width for _, width in sieves]
        self._sieves = [(s.encode(), number) for number, (s, _) in enumerate(sieves)]
        self._shapes = _compiled(self._sieves)
        self._anchored = not any(
            s for s in kept if isinstance(s, Shape) and not s.anchors
        )
        self._base = _Base((self._shapes,), search.known.log, 0, self._anchored)
        self._tail = Index()
        self._patience = _PATIENCE
        self._lock = threading.Lock()
        self._worker: threading.Thread | None = None

    def find(self, text: str) -> list[Found]:
        """Return every credential and known value, in no particular order."""
        try:
            data = text.encode()
        except UnicodeEncodeError:  # lone surrogates
            data = text.encode("utf-8", "surrogatepass")
        base = self._base
        try:
            ready = base.pool.pop()
        except IndexError:
            ready = base.prepare()
        scan, scratch, more = ready
        hits: _Hits = []
        scan(data, _note, 0, hits, scratch)
        if more is not None:
            more[0](data, _note, 0, hits, more[1])
        base.pool.append(ready)
        log = self._known.log
        late = log is not base.log or len(log) != base.read
        if base.plain and not hits and not late:
            return []
        return self._exactly(text, data, hits, late=late)

    def _exactly(
        self, text: str, data: bytes, hits: _Hits, *, late: bool
    ) -> list[Found]:
        found = self._engine.whole(text)
        shapes = [hit for hit in hits if hit[1] < len(self._widths)]
        if shapes:
            found.extend(self._engine.find_in(text, self._windows(text, data, shapes)))
        spans = self._values(data, known=len(shapes) < len(hits), late=late)
        if spans:
            places = in_characters(text, data, spans)
            found.extend((start, end, _KNOWN) for start, end in places)
        return found

    def _values(self, data: bytes, *, known: bool, late: bool) -> list[Span]:
        """Return where values are: all are looked for where one may be."""
        search, base = self._search, self._base
        if late:
            self._patience -= 1
            if self._patience < 0:
                self._compile_later()
        if known or (late and search.known.log is not base.log):
            return search.spans(data)
        spans = search.spans(data, written=True)
        if late:
            spans.extend(search.spans(data, index=self._caught_up(base)))
        return spans

    def _caught_up(self, base: _Base) -> Index:
        """Return the index of what the databases do not cover."""
        with self._lock:
            log = self._search.known.log
            if self._base is base and log is base.log:
                for value in log[base.read + self._tail.size :]:
                    self._tail.add(value)
                return self._tail
        return self._search.index  # they have just changed: all of it is right too

    def _compile_later(self) -> None:
        with self._lock:
            if self._worker is None:
                self._patience = _PATIENCE
                self._worker = threading.Thread(
                    target=self._compile, name="secretscope-redaction", daemon=True
                )
                self._worker.start()

    def _compile(self) -> None:
        log = self._search.known.log
        read = len(log)
        values = _of_values(log[:read]) if read else ()
        sieves = list(zip(values, count(len(self._widths)), strict=False))
        together = read <= HINTED
        databases = (
            (_compiled([*self._sieves, *sieves]),)
            if together
            else (self._shapes, _compiled(sieves))
        )
        plain = self._anchored and not self._search.index.special
        with self._lock:
            self._base = _Base(databases, log, read, plain)
            self._tail = Index()
            self._worker = None

    def settle(self) -> None:
        """Compile what became known lately, and wait for it."""
        if (worker := self._worker) is not None:
            worker.join()
        self._compile()

    def label(self, rank: int) -> str:
        """Return the name of the shape of that rank."""
        return self._engine.label(rank)

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
