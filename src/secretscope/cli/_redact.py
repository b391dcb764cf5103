"""``redact``: a filter that masks credentials in files and pipes as they stream by."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from typing import BinaryIO

import click

from secretscope.redaction import redactor

_PIECE = 1 << 16
"""Bytes that are read at most at once; what a pipe has goes on at once."""


@click.command(name="redact")
@click.argument("files", nargs=-1, type=click.File("rb"))
@click.option(
    "--label", is_flag=True, help="Say what was masked: [REDACTED:github-pat]."
)
def command(files: tuple[BinaryIO, ...], label: bool) -> int:  # noqa: FBT001
    """Print FILES, or standard input, with every credential masked."""
    out = sys.stdout.buffer
    for file in files or (sys.stdin.buffer,):
        stream = redactor().stream(label=label)
        out.write(stream.feed(b""))
        for piece in _pieces(file):
            out.write(stream.feed(piece))
            out.flush()
        out.write(stream.close())
        out.flush()
    return 0


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    read: Callable[[int], bytes] = getattr(file, "read1", file.read)
    while piece := read(_PIECE):
        yield piece
