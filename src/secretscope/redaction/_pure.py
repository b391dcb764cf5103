"""The engine in pure Python: one pass over rare characters, exact work at hits only.

Nearly every format holds a character that is rare in prose and logs: ``_`` or ``-``
at the end of a prefix, ``=`` or ``:`` after a name, the ``J`` of ``eyJ``. One regular
expression, the gate, begins with the set of these pivots, which `re` searches fast,
and looks at the few characters around. What passes is handed to the exact shape.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from secretscope.redaction._context import Context
from secretscope.redaction._gate import TAIL, Anchor, gate, pivot_of
from secretscope.redaction._marker import (
    KNOWN_VALUE,
    behind_marker,
    beside_marker,
    ensure_text,
    in_digest,
    mask,
)
from secretscope.redaction._search import Search
from secretscope.redaction._shape import Shape, Span

_RUN, _MANY = 64, 1 << 14

Kind = Shape | Context
Found = tuple[int, int, int]
"""Start, end and the rank of the shape: its place in the list."""


def _run_end(text: str, at: int) -> int:
    """Return where a run of one character ends in whose midst `at` is, or `at`.

    No credential begins within one: zeros in base64 are many.
    """
    if (
        at < _RUN
        or text[at] != text[at - 1]
        or not text.startswith(text[at] * _RUN, at - _RUN)
    ):
        return at
    rest = text[at : at + _MANY]
    alike = len(rest) - len(rest.lstrip(text[at]))
    return at + alike


class PureEngine:
    """Finds shapes with nothing but `re`."""

    def __init__(self, shapes: Iterable[Kind]) -> None:
        self._shapes = tuple(shapes)
        self._anchors: dict[str, list[Anchor]] = {}
        self._contexts: dict[str, list[tuple[int, Context]]] = {}
        self._unanchored: list[tuple[int, Shape]] = []
        fragments: dict[str, list[str]] = {}
        for rank, shape in enumerate(self._shapes):
            if isinstance(shape, Context):
                for pivot, fragment in shape.gates.items():
                    self._contexts.setdefault(pivot, []).append((rank, shape))
                    fragments.setdefault(pivot, []).append(fragment)
            elif shape.anchors:
                for text in shape.anchors:
                    anchor = Anchor(text, pivot_of(text), rank, shape)
                    self._anchors.setdefault(anchor.tail, []).append(anchor)
            else:
                self._unanchored.append((rank, shape))
        self._pivots, self._clear = gate(self._anchors, fragments)

    def find(self, text: str) -> list[Found]:
        """Return every credential in the text, in no particular order."""
        found = self.whole(text) if self._unanchored else []
        passed = self._clear.match(text)
        if passed and self._pivots.search(text, passed.end()):
            found.extend(self.find_in(text, ((passed.end(), len(text)),)))
        return found

    def find_in(self, text: str, windows: Iterable[Span]) -> list[Found]:
        """Return every credential whose pivot stands in one of the windows.

        Args:
            text: all of it.
            windows: from where to where, in order and apart from each other.
        """
        found: list[Found] = []
        ends: dict[int, int] = {}
        for low, high in windows:
            for at in self._hits(text, low, high):
                for rank, start, end in self._at(text, at, ends):
                    if self._whole_secret(text, start, end, rank):
                        ends[rank] = max(ends.get(rank, 0), end)
                        found.append((start, end, rank))
        return found

    def _whole_secret(self, text: str, start: int, end: int, rank: int) -> bool:
        """Tell whether no marker has cut it off, and no digest begins like it."""
        shape = self._shapes[rank]
        if isinstance(shape, Context) and shape.bracketed:
            return not behind_marker(text, start)
        return not (beside_marker(text, start, end) or in_digest(text, start))

    def _hits(self, text: str, low: int, high: int) -> Iterator[int]:
        clear, pivots = self._clear.match, self._pivots.search
        while low < high:
            passed = clear(text, low)
            hit = pivots(text, passed.end() if passed else low)
            if hit is None or hit.start() >= high:
                return
            yield hit.start()
            low = max(hit.end(), _run_end(text, hit.start()) - _RUN)

    def _at(
        self, text: str, at: int, ends: dict[int, int]
    ) -> Iterator[tuple[int, int, int]]:
        for anchor in self._anchored(text, at):
            if at >= ends.get(anchor.rank, 0):
                for start, end in anchor.shape.spans_at(text, at - anchor.pivot):
                    yield anchor.rank, start, end
        for rank, context in self._contexts.get(text[at], ()):
            if at >= ends.get(rank, 0):
                for start, end in context.find(text, at):
                    yield rank, start, end

    def _anchored(self, text: str, at: int) -> Iterator[Anchor]:
        anchors = self._anchors
        for width in range(1, min(TAIL, at + 1) + 1):
            for anchor in anchors.get(text[at + 1 - width : at + 1], ()):
                if at >= anchor.pivot and text.startswith(
                    anchor.text, at - anchor.pivot
                ):
                    yield anchor

    def whole(self, text: str) -> list[Found]:
        """Return what the shapes without anchors find; they read all of the text."""
        return [
            (start, end, rank)
            for rank, shape in self._unanchored
            for start, end in shape.spans(text)
            if not beside_marker(text, start, end)
        ]

    def label(self, rank: int) -> str:
        """Return the name of the shape of that rank."""
        return "known" if rank == KNOWN_VALUE else self._shapes[rank].name


class PureFinder:
    """Finds credentials and known values with nothing but `re`."""

    name = "pure"

    def __init__(self, shapes: Iterable[Kind], search: Search) -> None:
        self._engine = PureEngine(shapes)
        self._search = search
        self._known = search.known
        self.label = self._engine.label

    def redact(self, text: str, *, label: bool = False) -> str:
        """Return the text, masked."""
        if type(text) is not str:
            ensure_text(text)
        found = self.find(text)
        return mask(text, found, self.label if label else None) if found else text

    def find(self, text: str) -> list[Found]:
        """Return every credential and known value, in no particular order."""
        found = self._engine.find(text)
        if self._known.log:
            values = self._search.find(text)
            found.extend((start, end, KNOWN_VALUE) for start, end in values)
        return found

    def settle(self) -> None:
        """Do nothing: what is known is searched for at once."""
