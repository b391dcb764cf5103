"""Databases of hyperscan that follow what is known; only this module imports it.

A database cannot grow. What became known since the last one was compiled has an index
of its own until a thread has compiled the next; that one holds no lock and lets go of
the GIL, so nobody waits for it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from itertools import count
from typing import cast

import hyperscan
from attrs import field, frozen

from secretscope.redaction._encoded import base64_sieve, hex_sieve, hints
from secretscope.redaction._index import HINTED, Index
from secretscope.redaction._search import Search

Hits = list[tuple[int, int]]
"""Where a match ends, in bytes, and the number of what matched."""
_BYTES = 12
"""So many of a value's last bytes are looked for."""
_PATIENCE = 256
"""Texts that are searched in two ways before the next database is compiled."""

_Scan = Callable[..., object]
Ready = tuple[_Scan, hyperscan.Scratch, tuple[_Scan, hyperscan.Scratch] | None]
"""What one scan takes: the shapes' database, and the values' own if there is one."""


def note(number: int, _start: int, end: int, _flags: int, hits: object) -> None:
    """Take a match down: what hyperscan calls at each."""
    cast("Hits", hits).append((end, number))


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


@frozen(eq=False)
class Base:
    """The databases of one moment, and which values they cover."""

    databases: tuple[hyperscan.Database, ...]
    log: list[str]
    read: int
    plain: bool
    """Whether no hit means nothing: no escapes to undo, no shape without anchors."""
    pool: list[Ready] = field(factory=list[Ready])
    """Scratches that no scan is using: one serves one scan at a time, whoever's."""

    def prepare(self) -> Ready:
        """Make the scratches for one more scan at the same time."""
        first, *rest = [(d.scan, hyperscan.Scratch(d)) for d in self.databases]
        return (*first, rest[0] if rest else None)

    def suffices(self, log: list[str]) -> bool:
        """Tell whether no hit means nothing, with these values known."""
        return self.plain and len(log) == self.read and log is self.log

    def scan(self, data: bytes) -> Hits:
        """Return all matches."""
        try:
            ready = self.pool.pop()
        except IndexError:
            ready = self.prepare()
        scan, scratch, more = ready
        hits: Hits = []
        scan(data, note, 0, hits, scratch)
        if more is not None:
            more[0](data, note, 0, hits, more[1])
        self.pool.append(ready)
        return hits


class Databases:
    """The databases of now: of the shapes, and of the values that are known.

    Args:
        sieves: the shapes' expressions; a match is numbered by its place.
        search: the values that are known.
        anchored: whether no shape is without an anchor.

    Raises:
        hyperscan.error: A sieve is beyond what hyperscan can do.
    """

    def __init__(
        self, sieves: Sequence[str], search: Search, *, anchored: bool
    ) -> None:
        self._sieves = [(s.encode(), number) for number, s in enumerate(sieves)]
        self._search, self._anchored = search, anchored
        self._shapes = _compiled(self._sieves)
        self.base = Base((self._shapes,), search.known.log, 0, anchored)
        self._tail = Index()
        self._patience = _PATIENCE
        self._lock = threading.Lock()
        self._worker: threading.Thread | None = None

    def tail(self, base: Base) -> Index:
        """Return the index of what this base does not cover."""
        self._patience -= 1
        if self._patience < 0:
            self._compile_later()
        with self._lock:
            log = self._search.known.log
            if self.base is base and log is base.log:
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
        sieves = list(zip(values, count(len(self._sieves)), strict=False))
        together = read <= HINTED
        databases = (
            (_compiled([*self._sieves, *sieves]),)
            if together
            else (self._shapes, _compiled(sieves))
        )
        plain = self._anchored and not self._search.index.special
        with self._lock:
            self.base = Base(databases, log, read, plain)
            self._tail = Index()
            self._worker = None

    def settle(self) -> None:
        """Compile what became known lately, and wait for it."""
        if (worker := self._worker) is not None:
            worker.join()
        self._compile()
