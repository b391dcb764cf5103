"""The fast engine: hyperscan says where to look, pure Python says what is there.

Each shape gives hyperscan short expressions, its sieves, that match wherever the
shape may; each known value gives a few of its bytes. Clean text costs one scan. A hit
costs the pure engine's work in a window around it, so both engines find the same, by
construction.
"""

from __future__ import annotations

from collections.abc import Iterable

from secretscope.redaction._bytes import characters_at
from secretscope.redaction._hyperscan import Base, Databases, Hits, note
from secretscope.redaction._marker import KNOWN_VALUE, ensure_text, mask
from secretscope.redaction._pure import Found, Kind, PureEngine
from secretscope.redaction._search import Search, in_characters
from secretscope.redaction._shape import Shape, Span


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
        anchored = all(shape.anchors for shape in kept if isinstance(shape, Shape))
        self._databases = Databases([s for s, _ in sieves], search, anchored=anchored)
        self.label = self._engine.label
        self.settle = self._databases.settle

    def redact(self, text: str, *, label: bool = False) -> str:
        """Return the text, masked; `find` written out: its calls cost as much again."""
        if type(text) is not str:
            ensure_text(text)
        try:
            data = text.encode()
        except UnicodeEncodeError:  # lone surrogates
            data = text.encode("utf-8", "surrogatepass")
        base = self._databases.base
        try:
            ready = base.pool.pop()
        except IndexError:
            ready = base.prepare()
        scan, scratch, more = ready
        hits: Hits = []
        scan(data, note, 0, hits, scratch)
        if more is not None:
            more[0](data, note, 0, hits, more[1])
        base.pool.append(ready)
        log = self._known.log
        if not hits and base.plain and len(log) == base.read and log is base.log:
            return text
        found = self._exactly(text, data, hits, base)
        return mask(text, found, self.label if label else None) if found else text

    def find(self, text: str) -> list[Found]:
        """Return every credential and known value, in no particular order."""
        data = text.encode("utf-8", "surrogatepass")
        base = self._databases.base
        hits = base.scan(data)
        if not hits and base.suffices(self._known.log):
            return []
        return self._exactly(text, data, hits, base)

    def _exactly(self, text: str, data: bytes, hits: Hits, base: Base) -> list[Found]:
        found = self._engine.whole(text)
        shapes = [hit for hit in hits if hit[1] < len(self._widths)]
        if shapes:
            found.extend(self._engine.find_in(text, self._windows(text, data, shapes)))
        spans = self._values(data, base, known=len(shapes) < len(hits))
        if spans:
            places = in_characters(text, data, spans)
            found.extend((start, end, KNOWN_VALUE) for start, end in places)
        return found

    def _values(self, data: bytes, base: Base, *, known: bool) -> list[Span]:
        """Return where values are: all are looked for where one may be."""
        search, log = self._search, self._known.log
        anew = log is not base.log
        late = anew or len(log) != base.read
        index = self._databases.tail(base) if late else None
        if known or anew:
            return search.spans(data)
        spans = search.spans(data, written=True)
        if index is not None:
            spans.extend(search.spans(data, index=index))
        return spans

    def _windows(self, text: str, data: bytes, hits: Hits) -> list[Span]:
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
