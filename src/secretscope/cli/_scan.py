"""``scan``: says which credentials stand where in files, and never shows one."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

import click
from attrs import asdict, frozen
from rich.progress import track

from secretscope.cli._console import as_json, aside, json_option, screen, table
from secretscope.redaction import redactor

_SKIPPED = frozenset({".git", ".hg", ".venv", "node_modules", "__pycache__"})
"""Folders that hold others' files, or no text."""
_SHOWN = 80
"""Characters of a masked line that are shown."""


@frozen
class Hit:
    """One credential in a file.

    Attributes:
        file: where.
        line: counted from 1.
        column: counted from 1, in characters.
        shape: the format's name.
        masked: the line, with every credential in it masked.
    """

    file: str
    line: int
    column: int
    shape: str
    masked: str


@click.command(name="scan")
@click.argument("paths", nargs=-1, type=click.Path(exists=True, path_type=Path))
@json_option
def command(paths: tuple[Path, ...], json_: bool) -> int:  # noqa: FBT001
    """Find credentials in PATHS (files and folders), or in standard input.

    Exits with 1 where one was found.
    """
    hits: list[Hit] = []
    if paths:
        files = list(_files(paths))
        for file in track(files, "scanning", console=aside(), transient=True):
            with file.open("rb") as opened:
                hits += _hits(str(file), opened)
    else:
        hits += _hits("-", sys.stdin.buffer)
    if json_:
        as_json([asdict(hit) for hit in hits])
    elif hits:
        screen().print(table(("WHERE", "SHAPE", "LINE, MASKED"), map(_row, hits)))
    if not json_:
        click.echo(_sum(hits), err=True)
    return 1 if hits else 0


def _files(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            inside = sorted(path.iterdir())
            yield from _files(p for p in inside if p.name not in _SKIPPED)
        elif path.is_file():
            yield path


def _hits(name: str, file: BinaryIO) -> Iterator[Hit]:
    """Yield what is found; a private key spans lines, and is told at its first."""
    text = file.read().decode("utf-8", "surrogateescape")
    mask = redactor()
    starts = sorted((each.start, each.name) for each in mask.findings(text))
    line, begin = 1, 0
    for start, shape in starts:
        line += text.count("\n", begin, start)
        begin = text.rfind("\n", 0, start) + 1
        end = text.find("\n", start)
        shown = mask.redact(text[begin : len(text) if end < 0 else end])
        yield Hit(
            name,
            line,
            start - begin + 1,
            shape,
            shown.strip().encode("utf-8", "replace").decode()[:_SHOWN],
        )
        begin = start


def _row(hit: Hit) -> Sequence[str]:
    masked = hit.masked.replace("[", r"\[")
    return f"{hit.file}:{hit.line}:{hit.column}", hit.shape, masked


def _sum(hits: Sequence[Hit]) -> str:
    if not hits:
        return "no credentials found"
    files = len({hit.file for hit in hits})
    return f"{_count(len(hits), 'credential')} in {_count(files, 'file')}"


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
