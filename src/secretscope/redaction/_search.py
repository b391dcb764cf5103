"""Where known values are in a text, in whatever encoding."""

from __future__ import annotations

import threading
from collections.abc import Iterable

from secretscope.redaction._bytes import characters_at
from secretscope.redaction._index import Index
from secretscope.redaction._known import KnownValues
from secretscope.redaction._shape import Span

Whose = frozenset[str | None]


class Search:
    """Finds known values; it takes in what became known since it was last asked."""

    def __init__(self, known: KnownValues) -> None:
        self.known = known
        self._lock = threading.Lock()
        self._log: list[str] = known.log
        self._read = 0
        self._index = Index()

    @property
    def index(self) -> Index:
        """The index of all values that are known now."""
        log = self.known.log
        if log is not self._log or len(log) != self._read:
            with self._lock:
                self._catch_up(self.known.log)
        return self._index

    def _catch_up(self, log: list[str]) -> None:
        anew = log is not self._log
        index, read = (Index(), 0) if anew else (self._index, self._read)
        upto = len(log)
        for value in log[read:upto]:
            index.add(value)
        self._index, self._log, self._read = index, log, upto

    def find(self, text: str, whose: Whose | None = None) -> list[Span]:
        """Return the spans of known values, in characters.

        Args:
            text: any text.
            whose: only values of one of these tenants; None in it is the application.
        """
        if not self.known.log:
            return []
        data = text.encode("utf-8", "surrogatepass")
        return in_characters(text, data, self.spans(data, whose))

    def begun(self, text: str) -> int:
        """Return from where on a text must wait, since a value may have begun there."""
        return self.index.begun(text)

    def spans(
        self,
        data: bytes,
        whose: Whose | None = None,
        *,
        index: Index | None = None,
        written: bool = False,
    ) -> list[Span]:
        """Return the spans of known values in UTF-8, in bytes.

        Args:
            data: a text in UTF-8.
            whose: as for `find`.
            index: of the values to look for; all of them unless it is given.
            written: look only for what is escaped.
        """
        index = index or self.index
        spans: list[Span] = []
        runs = not written and (self._plain(index, data, whose, spans) or index.crowded)
        for said, locate in index.decoded(data, runs=runs):
            inner: list[Span] = []
            self._plain(index, said, whose, inner)
            spans.extend(locate(start, end) for start, end in inner)
        return spans

    def _plain(
        self, index: Index, data: bytes, whose: Whose | None, spans: list[Span]
    ) -> bool:
        """Note where values stand as they are; tell of hints at their encodings."""
        hinted = False
        for start, size in index.places(data):
            if not size:
                hinted = True
            elif self._is(data[start : start + size], whose):
                spans.append((start, start + size))
        return hinted

    def _is(self, part: bytes, whose: Whose | None) -> bool:
        try:
            known = self.known.entry(part.decode("utf-8", "surrogatepass"))
        except UnicodeDecodeError:  # a decoded run need not be text
            return False
        return known is not None and (
            whose is None or not whose.isdisjoint(known.tenants)
        )


def in_characters(text: str, data: bytes, spans: Iterable[Span]) -> list[Span]:
    """Turn spans of UTF-8 into spans of the text."""
    found = list(spans)
    if not found or len(data) == len(text):
        return found
    ends = sorted({end for span in found for end in span})
    place = dict(zip(ends, characters_at(data, ends), strict=True))
    return [(place[start], place[end]) for start, end in found]
