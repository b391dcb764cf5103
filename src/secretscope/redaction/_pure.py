"""The engine in pure Python: one pass over rare characters, exact work at hits only.

Nearly every format holds a character that is rare in prose and logs: ``_`` or ``-``
at the end of a prefix, ``=`` or ``:`` after a name, the ``J`` of ``eyJ``. One regular
expression, the gate, begins with the set of these pivots, which `re` searches fast,
and looks at the few characters around. What passes is handed to the exact shape.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from attrs import frozen

from secretscope.redaction._context import Context
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

_RARE = "_-~|!+.QJXKVZYWGUHBMFPDjzqxkbp/ycwvfdgTRSNLOCEAImuhlrsniotea0123456789:= "
"""Which character of an anchor is its pivot: the first of these that it holds."""
_OFTEN = "cp_./bh-wkyTEAZG"
"""Pivots as often as they come in text; what comes often is tried first."""
_TAIL = 6
"""How much of an anchor the gate looks at before the pivot."""
_HEAD = 4
"""How much of it after the pivot."""
_RUN, _MANY = 64, 1 << 14
_GUARDED = 3
"""Tails as long as this are looked for together."""

Kind = Shape | Context
Found = tuple[int, int, int]
"""Start, end and the rank of the shape: its place in the list."""


@frozen
class _Anchor:
    text: str
    pivot: int
    rank: int
    shape: Shape


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


def _pivot(anchor: str) -> int:
    best = min(anchor, key=lambda c: _RARE.find(c) if c in _RARE else len(_RARE))
    return anchor.rfind(best)


class PureEngine:
    """Finds shapes with nothing but `re`."""

    def __init__(self, shapes: Iterable[Kind]) -> None:
        self._shapes = tuple(shapes)
        self._anchors: dict[str, list[_Anchor]] = {}
        self._contexts: dict[str, list[tuple[int, Context]]] = {}
        self._unanchored: list[tuple[int, Shape]] = []
        fragments: dict[str, list[str]] = {}
        for rank, shape in enumerate(self._shapes):
            if isinstance(shape, Context):
                for pivot, fragment in shape.gates.items():
                    self._contexts.setdefault(pivot, []).append((rank, shape))
                    fragments.setdefault(pivot, []).append(fragment)
            elif shape.anchors:
                for anchor in shape.anchors:
                    self._index(_Anchor(anchor, _pivot(anchor), rank, shape))
            else:
                self._unanchored.append((rank, shape))
        looks = _looks(self._anchors, fragments)
        pivots = f"[{''.join(map(re.escape, looks))}]" if looks else "(?!)"
        self._pivots = re.compile(pivots)
        self._clear = re.compile(_clear(pivots, looks))

    def _index(self, anchor: _Anchor) -> None:
        end = anchor.pivot + 1
        key = anchor.text[max(0, end - _TAIL) : end]
        self._anchors.setdefault(key, []).append(anchor)

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

    def _anchored(self, text: str, at: int) -> Iterator[_Anchor]:
        anchors = self._anchors
        for width in range(1, min(_TAIL, at + 1) + 1):
            for anchor in anchors.get(text[at + 1 - width : at + 1], ()):
                if at >= anchor.pivot and text.startswith(
                    anchor.text, at - anchor.pivot
                ):
                    yield anchor

    def whole(self, text: str) -> list[Found]:
        """Return what the shapes without anchors find; they read all of the text."""
        return self._whole(text) if self._unanchored else []

    def _whole(self, text: str) -> list[Found]:
        return [
            (start, end, rank)
            for rank, shape in self._unanchored
            for start, end in shape.spans(text)
            if not beside_marker(text, start, end)
        ]

    def label(self, rank: int) -> str:
        """Return the name of the shape of that rank."""
        return "known" if rank == KNOWN_VALUE else self._shapes[rank].name


@frozen
class _Look:
    """What must stand around a pivot for it to matter."""

    alike: list[str]
    """Expressions from the pivot on, of which one must match."""
    glance: str
    """What stands before it in most of them; where it does not, few are left to try."""
    exact: str

    def harmless(self, pivot: str) -> list[str]:
        """Write when the pivot does not matter, the quickest way first."""
        few = f"(?!{'|'.join(self.alike)})" if self.alike else ""
        if not self.glance:
            return [pivot + few]
        every = "|".join([*self.alike, f"(?<={self.glance}{pivot})(?:{self.exact})"])
        return [f"{pivot}(?<!{self.glance}{pivot}){few}", f"{pivot}(?!{every})"]


def _looks(
    anchors: dict[str, list[_Anchor]], fragments: dict[str, list[str]]
) -> dict[str, _Look]:
    """Write for each pivot, the most frequent first, what must stand around it."""
    long: dict[str, set[str]] = {}
    alike: dict[str, list[str]] = {}
    for tail, anchored in anchors.items():
        pivot = tail[-1]
        if len(tail) >= _GUARDED:
            long.setdefault(pivot, set()).add(tail)
        else:
            alike.setdefault(pivot, []).extend(map(_around, anchored))
    for pivot, more in fragments.items():
        alike.setdefault(pivot, []).extend(more)
    return {
        pivot: _Look(
            list(dict.fromkeys(alike.get(pivot, ()))),
            _glance(long.get(pivot, ())),
            _behind(long.get(pivot, ())),
        )
        for pivot in sorted(alike.keys() | long.keys(), key=_often)
    }


def _around(anchor: _Anchor) -> str:
    """Look around a pivot that has little before it; what fails soonest comes first."""
    before, after = anchor.text[: anchor.pivot + 1], anchor.text[anchor.pivot + 1 :]
    lead = anchor.shape.lead
    ahead = f"(?={re.escape(after[:_HEAD])})" if after else ""
    behind = f"(?<={lead}{re.escape(before)})" if lead or len(before) > 1 else ""
    if lead or len(after) >= _GUARDED:
        return ahead + behind
    opening = anchor.shape.opening()
    return behind + (f"(?={re.escape(after)}{opening})" if after or opening else "")


def _clear(pivots: str, looks: dict[str, _Look]) -> str:
    """Write the gate: it runs over the text up to the first pivot that may matter.

    One match with a possessive loop; a search would start anew at every pivot, and
    costs four times as much.
    """
    other = f"[^{pivots[1:-1]}]" if looks else r"[\s\S]"
    harmless = [
        one for pivot, look in looks.items() for one in look.harmless(re.escape(pivot))
    ]
    return f"(?:{other}*+(?:{'|'.join(harmless) or '(?!)'}))*+"


def _often(pivot: str) -> tuple[int, str]:
    return _OFTEN.find(pivot) % (len(_OFTEN) + 1), pivot


def _behind(tails: Iterable[str]) -> str:
    """Write what tells each of the tails, by way of looking behind."""
    by_width: dict[int, list[str]] = {}
    for tail in sorted(tails):
        by_width.setdefault(len(tail), []).append(re.escape(tail))
    return "|".join(f"(?<={'|'.join(alike)})" for alike in by_width.values())


def _glance(tails: Iterable[str]) -> str:
    """Write the two characters that stand before the pivot of one of the tails."""
    before: dict[str, set[str]] = {}
    for tail in tails:
        before.setdefault(tail[-3], set()).add(tail[-2])
    alike: dict[str, set[str]] = {}
    for first, seconds in before.items():
        alike.setdefault(_set(seconds), set()).add(first)
    pairs = (_set(firsts) + seconds for seconds, firsts in sorted(alike.items()))
    return f"(?:{'|'.join(pairs)})" if alike else ""


def _set(characters: Iterable[str]) -> str:
    return f"[{''.join(sorted(re.escape(c) for c in set(characters)))}]"


class PureFinder:
    """Finds credentials and known values with nothing but `re`."""

    name = "pure"

    def __init__(self, shapes: Iterable[Kind], search: Search) -> None:
        self._engine = PureEngine(shapes)
        self._search = search
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
        values = self._search.find(text)
        if values:
            found.extend((start, end, KNOWN_VALUE) for start, end in values)
        return found

    def settle(self) -> None:
        """Do nothing: what is known is searched for at once."""
