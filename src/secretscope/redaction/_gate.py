"""The gate: one regular expression that runs over text up to what may matter.

It begins with the set of the pivots, a rare character of each anchor, and looks at the few
characters around one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from attrs import frozen

from secretscope.redaction._shape import Shape

_RARE = "_-~|!+.QJXKVZYWGUHBMFPDjzqxkbp/ycwvfdgTRSNLOCEAImuhlrsniotea0123456789:= "
"""Which character of an anchor is its pivot: the first of these that it holds."""
_OFTEN = "cp_./bh-wkyTEAZG"
"""Pivots as often as they come in text; what comes often is tried first."""
TAIL = 6
"""How much of an anchor the gate looks at before the pivot."""
_HEAD = 4
"""How much of it after the pivot."""
_GUARDED = 3
"""Tails as long as this are looked for together."""


@frozen
class Anchor:
    """A text that a shape's credentials hold, and the character of it to look for.

    Attributes:
        text: all of it.
        pivot: the place in it of its rarest character.
        rank: its shape's.
        shape: whose it is.
    """

    text: str
    pivot: int
    rank: int
    shape: Shape

    @property
    def tail(self) -> str:
        """Its last characters up to the pivot: what it is filed under."""
        end = self.pivot + 1
        return self.text[max(0, end - TAIL) : end]


def pivot_of(anchor: str) -> int:
    """Return the place of an anchor's rarest character."""
    best = min(anchor, key=lambda c: _RARE.find(c) if c in _RARE else len(_RARE))
    return anchor.rfind(best)


def gate(
    anchors: dict[str, list[Anchor]], fragments: dict[str, list[str]]
) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Return what finds a pivot, and what runs over those that do not matter.

    Args:
        anchors: by their tails.
        fragments: by pivot, expressions of what else must stand behind one.
    """
    looks = _looks(anchors, fragments)
    pivots = f"[{''.join(map(re.escape, looks))}]" if looks else "(?!)"
    return re.compile(pivots), re.compile(_clear(pivots, looks))


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
    anchors: dict[str, list[Anchor]], fragments: dict[str, list[str]]
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


def _around(anchor: Anchor) -> str:
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
