"""Credentials in one file: which shape stands where, and the line about it, masked."""

from __future__ import annotations

import codecs
from collections.abc import Iterator, Sequence
from typing import BinaryIO

from attrs import frozen

from secretscope.redaction import Finding, redactor

_PIECE = 1 << 22
"""Bytes that are looked through at once: a file's size does not matter."""
_LONGEST = 1 << 16
"""Characters that a credential spans at most (a private key)."""
_CONTEXT = 4700
"""Characters before a credential that may tell what it is (a header of cookies)."""
_BEFORE, _AFTER, _SHOWN = 30, 200, 80
"""Characters of a line: looked at before and after a credential, and shown."""


@frozen
class Hit:
    """One credential in a file.

    Attributes:
        file: where.
        line: counted from 1.
        column: counted from 1, in characters.
        shape: the format's name.
        masked: the line about it, with every credential in it masked.
    """

    file: str
    line: int
    column: int
    shape: str
    masked: str


def hits_in(name: str, file: BinaryIO) -> Iterator[Hit]:
    """Yield what is found; a private key spans lines, and is told at its first."""
    mask = redactor()
    text, told, line, column = "", 0, 1, 1
    for piece, last in _texts(file):
        text += piece
        found = mask.findings(text)
        end = len(text) if last else max(told, _settled(text, found))
        at = told
        for place, each in enumerate(found):
            if not told <= each.start < end:
                continue
            line, column = _moved(text, at, each.start, line, column)
            at = each.start
            yield Hit(name, line, column, each.name, _about(text, found, place))
        line, column = _moved(text, at, end, line, column)
        kept = max(0, end - _CONTEXT)
        text, told = text[kept:], end - kept


def _texts(file: BinaryIO) -> Iterator[tuple[str, bool]]:
    """Yield a file's text in pieces, and whether each is the last."""
    piece = file.read(_PIECE)
    wide = piece.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    decode = codecs.getincrementaldecoder("utf-16" if wide else "utf-8")("replace")
    while piece:
        following = file.read(_PIECE)
        yield decode.decode(piece, final=not following), not following
        piece = following


def _settled(text: str, found: Sequence[Finding]) -> int:
    """Return up to where no more text changes what was found."""
    end = max(0, len(text) - _LONGEST)
    end = text.rfind("\n", 0, end) + 1 or end
    over = [each for each in found if each.start < end < each.end]
    return over[-1].end if over else end


def _moved(text: str, start: int, end: int, line: int, column: int) -> tuple[int, int]:
    """Return the line and column of `end`, given those of `start`."""
    newlines = text.count("\n", start, end)
    if newlines:
        return line + newlines, end - text.rfind("\n", start, end)
    return line, column + end - start


def _about(text: str, found: Sequence[Finding], place: int) -> str:
    """Return the line about a finding; it and its neighbours are masked."""
    here = found[place]
    begin = max(text.rfind("\n", 0, here.start) + 1, here.start - _BEFORE)
    end = text.find("\n", here.start, here.start + _AFTER)
    end = here.start + _AFTER if end < 0 else end
    first = place
    while first and found[first - 1].end > begin:
        first -= 1
    out: list[str] = []
    for each in found[first:]:
        if each.start >= end:
            break
        out += [text[begin : max(begin, each.start)], "[REDACTED]"]
        begin = max(begin, each.end)
    line = "".join((*out, text[begin : max(begin, end)])).strip()
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in line)[
        :_SHOWN
    ]
