"""How much of a stream must wait, since more text may make a secret of it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable

from secretscope.redaction._shape import AFTER_ESCAPE, Shape

_BACKWARDS = re.compile(r"[^\s\"']*")
"""A run that no shape crosses the end of, read from the right."""
_BREAKS = re.compile(r"[\s\"']")
_SHORT = 128
"""Runs as short as this wait as a whole: longer than any lead (76 characters)."""
_LONG = 4096
"""Of a longer run, how far back a credential may have begun without its end in sight."""
_BEGUN = re.compile(r"[=:>]|://|%3(?:[aA]|[dD])")
_KEY = re.compile(
    r"BEGIN[ A-Z0-9%+\\u-]{0,100}(?:\s|\\+[nrtu0-9ADad]*|[%&\#;<>/bra0-9AD\"'+,|*]){0,64}"
    r"[A-Za-z0-9+/=: -]{0,24}\Z"
)
_KEY_WIDTH = 256
_DASHES = 6
_FIRST = 4
"""By so many first characters a value with blanks or quotes is looked up."""


class Spaced:
    """Known values that hold blanks or quotes, so that no run of text bounds them."""

    def __init__(self) -> None:
        self._by_first: dict[str, list[str]] = {}
        self._shorter: set[str] = set()
        self.longest = 0

    def add(self, value: str) -> None:
        """Take in a value, and its writings that hold blanks or quotes."""
        if _BREAKS.search(value) is None:
            return
        escaped = json.dumps(value)[1:-1]
        writings = {
            value,
            escaped,
            json.dumps(value, ensure_ascii=False)[1:-1],
            json.dumps(escaped)[1:-1],
            value.replace("'", "\\'"),
            value.replace("'", "'\"'\"'"),
            value.replace("'", "'\\''"),
        }
        for writing in writings:
            self._by_first.setdefault(writing[:_FIRST], []).append(writing)
            self._shorter.update(writing[:size] for size in range(1, _FIRST))
            self.longest = max(self.longest, len(writing))

    def begun(self, text: str, upto: int) -> int:
        """Return where one may have begun before `upto`, or `upto`."""
        size = len(text)
        for start in range(max(0, size - self.longest), upto):
            if size - start < _FIRST:
                if text[start:] in self._shorter:
                    return start
            else:
                alike = self._by_first.get(text[start : start + _FIRST], ())
                if any(value.startswith(text[start:]) for value in alike):
                    return start
        return upto


class Anchors:
    """Tells how much of a text must wait for the shapes' sake.

    Args:
        shapes: all of them.
    """

    def __init__(self, shapes: Iterable[Shape]) -> None:
        bounded: set[str] = set()
        free: set[str] = set()
        for shape in shapes:
            inside = shape.lead or not (shape.left is None or "A-Za-z0-9" in shape.left)
            (free if inside else bounded).update(shape.anchors)
        # in base64 every two or three letters come by chance
        self._any = re.compile(
            rf"(?:(?<![A-Za-z0-9])|{AFTER_ESCAPE})(?:{_either(bounded)})|{_either(free)}"
        )

    def begun(self, text: str) -> int:
        """Return from where on the text must wait."""
        low = text.rfind("BEGIN", max(0, len(text) - _KEY_WIDTH))
        dashes = text[max(0, low - _DASHES) : low].count("----") if low >= 0 else 0
        if dashes and _KEY.match(text, low):
            return min(max(0, low - _DASHES), run_start(text))
        start = run_start(text)
        if len(text) - start <= _SHORT:
            return start
        start = max(start, len(text) - _LONG)
        last = len(text) - _SHORT
        begun = [
            found.start() - _SHORT
            for found in (self._any.search(text, start), _BEGUN.search(text, start))
            if found is not None
        ]
        return max(start, min([last, *begun]))


def _either(texts: Iterable[str]) -> str:
    longer = sorted((t for t in texts if len(t) > 2), key=len, reverse=True)  # noqa: PLR2004
    return "|".join(map(re.escape, longer)) or "(?!)"


def run_start(text: str, most: int = _LONG) -> int:
    """Return where the run of characters begins that the text ends with."""
    tail = text[-most:][::-1]
    found = _BACKWARDS.match(tail)
    return len(text) - (found.end() if found else 0)


Waits = Callable[[str], int]
"""Tells from where on a text must wait for more."""
