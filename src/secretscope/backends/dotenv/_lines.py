"""The lines of a ``.env`` file, as python-dotenv reads them."""

from __future__ import annotations

import io
from collections.abc import Sequence
from importlib.util import find_spec

from secretscope.errors import MissingExtraError

if find_spec("dotenv") is None:
    raise MissingExtraError("secretscope.backends.dotenv", extra="dotenv")

from dotenv.parser import Binding, parse_stream

Lines = Sequence[Binding]


def lines_of(text: str) -> Lines:
    """Return the lines of a file's text; a value may span several."""
    return list(parse_stream(io.StringIO(text.removeprefix("\ufeff"), newline="")))


def value_of(lines: Lines, name: str) -> str | None:
    """Return what the name is set to, last of all; None where it isn't."""
    for line in reversed(lines):
        if line.key == name:
            return line.value
    return None


def unread(lines: Lines) -> str:
    """Return the numbers of the lines that can't be read, as a text."""
    return ", ".join(str(line.original.line) for line in lines if line.error)


def rewritten(lines: Lines, name: str, value: str) -> str:
    """Return the file's text with the name's last line written anew, or added."""
    quoted = value.replace("\\", "\\\\").replace("'", "\\'")
    key = f"'{name}'" if "=" in name else name
    pieces = [line.original.string for line in lines]
    at = max((n for n, line in enumerate(lines) if line.key == name), default=None)
    if at is None:
        if pieces and not pieces[-1].endswith(("\n", "\r")):
            pieces.append("\n")
        pieces.append("")
        at = -1
    blank = pieces[at][: len(pieces[at]) - len(pieces[at].lstrip())]
    pieces[at] = f"{blank}{key}='{quoted}'\n"
    return "".join(pieces)
