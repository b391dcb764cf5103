"""How much of a stream must wait, since more text may make a secret of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from secretscope.redaction._encoded import Decoded
from secretscope.redaction._shape import AFTER_ESCAPE, Shape

_BACKWARDS = re.compile(r"[^\s\"']*")
"""A run that no shape crosses the end of, read from the right."""
_TO_BLANK = re.compile(r"\S*")
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
"""By so many first bytes a value with blanks or quotes is looked up."""
_HALF = re.compile(
    rb"(?:\xed[\xa0-\xaf][\x80-\xbf])?\\*"  # a pair's first half, a level's backslashes
    rb"(?:\\(?:u[0-9A-Fa-f]{0,3}|x[0-9A-Fa-f]?)|%[0-9A-Fa-f]?|'(?:\\'?|\"(?:'\"?)?)?)?\Z"
)
"""What may be half of an escape: of JSON, of Python, of a URL, of a shell."""
_HALF_WIDTH = 64
_OPENED = re.compile(r"(?:[:=]>?|\[)[ \t]{0,16}(?:\[[ \t]{0,4})?[bBrRuU]{0,2}\Z")
"""What stands before the quote of a value that a name is given."""
_OPENED_WIDTH = 32


class Spaced:
    """Known values that hold blanks or quotes, so that no run of text bounds them."""

    def __init__(self) -> None:
        self._by_first: dict[bytes, list[bytes]] = {}
        self._shorter: set[bytes] = set()
        self._longest = 0

    def __bool__(self) -> bool:
        return self._longest > 0

    def add(self, value: str, data: bytes) -> None:
        """Take in a value, and what it is in UTF-8."""
        if _BREAKS.search(value) is None:
            return
        self._by_first.setdefault(data[:_FIRST], []).append(data)
        self._shorter.update(data[:size] for size in range(1, _FIRST))
        self._longest = max(self._longest, len(data))

    def begun(self, said: Iterable[Decoded]) -> int:
        """Return the first byte of a text from where on one may have begun.

        Args:
            said: the text as it is, and what it says in other writings; it may end in
                the midst of an escape.
        """
        return min(
            locate(start, len(plain))[0]
            for plain, locate in said
            for start in self._starts(plain)
        )

    def _starts(self, plain: bytes) -> Iterator[int]:
        """Yield where one may have begun; what may be half an escape counts as none."""
        cut = _HALF.search(plain, max(0, len(plain) - _HALF_WIDTH))
        half = cut.start() if cut else len(plain)
        yield half
        for end in {half, len(plain)}:
            for start in range(max(0, end - self._longest), end):
                if self._is_begun(plain, start, end):
                    yield start
                    break

    def _is_begun(self, plain: bytes, start: int, end: int) -> bool:
        first = plain[start : min(start + _FIRST, end)]
        if len(first) < _FIRST:
            return first in self._shorter
        alike = self._by_first.get(first)
        return alike is not None and any(
            value.startswith(plain[start:end]) for value in alike
        )


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
        start = min(run_start(text), _quoted(text))
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


def _quoted(text: str) -> int:
    """Return where an open quoted value begins: it may hold the other kind of quote."""
    found = _TO_BLANK.match(text[-_LONG:][::-1])
    low, begun = len(text) - (found.end() if found else 0), len(text)
    for quote in "\"'`":
        at = text.rfind(quote, low)
        while at > low and text[at - 1] == "\\":
            at = text.rfind(quote, low, at)
        if at >= 0 and _OPENED.search(text[max(0, at - _OPENED_WIDTH) : at]):
            begun = min(begun, at)
    return begun


def run_start(text: str, most: int = _LONG) -> int:
    """Return where the run of characters begins that the text ends with."""
    tail = text[-most:][::-1]
    found = _BACKWARDS.match(tail)
    return len(text) - (found.end() if found else 0)


Waits = Callable[[str], int]
"""Tells from where on a text must wait for more."""
