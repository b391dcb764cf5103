"""``redact``: a filter that masks credentials in files and pipes as they stream by."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from typing import BinaryIO

import click

from secretscope.cli._console import as_json, await_input, counting, json_option
from secretscope.redaction import redactor

_PIECE = 1 << 16
"""Bytes that are read at most at once; what a pipe has goes on at once."""

_Write = Callable[[bytes], None]


@click.command(name="redact", short_help="Mask credentials in files or a pipe.")
@click.argument("files", nargs=-1, type=click.File("rb"))
@click.option(
    "--label", is_flag=True, help="Say what was masked: [REDACTED:github-pat]."
)
@json_option
def command(files: tuple[BinaryIO, ...], label: bool, json_: bool) -> int:  # noqa: FBT001
    """Print FILES, or standard input (also as -), with every credential masked.

    With --json, a line becomes an object: its file, its number, its text.
    """
    if not files:
        await_input()
    given = files or (sys.stdin.buffer,)
    total = 0 if sys.stdout.isatty() else sum(map(_size, given))
    with counting("masking", total) as done:
        for file in given:
            name = "-" if file is sys.stdin.buffer else os.fsdecode(file.name)
            lines = _Lines(name)
            _mask(file, lines.write if json_ else _print, done, label=label)
            lines.close()
    return 0


def _mask(
    file: BinaryIO, write: _Write, done: Callable[[int], None], *, label: bool
) -> None:
    stream = redactor().stream(label=label)
    write(stream.feed(b""))
    for piece in _pieces(file):
        write(stream.feed(piece))
        done(len(piece))
    write(stream.close())


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    read: Callable[[int], bytes] = getattr(file, "read1", file.read)
    while piece := read(_PIECE):
        yield piece


def _size(file: BinaryIO) -> int:
    return os.fstat(file.fileno()).st_size


def _print(masked: bytes) -> None:
    sys.stdout.buffer.write(masked)
    sys.stdout.buffer.flush()


class _Lines:
    """Prints each line that is complete as an object of its own.

    Args:
        name: what its file is called.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._number = 0
        self._begun = b""

    def write(self, masked: bytes) -> None:
        """Take what comes next."""
        *lines, self._begun = (self._begun + masked).split(b"\n")
        for line in lines:
            self._print(line)

    def close(self) -> None:
        """Print what no newline ended."""
        if self._begun:
            self._print(self._begun)

    def _print(self, line: bytes) -> None:
        self._number += 1
        text = line.decode("utf-8", "replace")
        as_json({"file": self._name, "line": self._number, "text": text}, indent=None)
