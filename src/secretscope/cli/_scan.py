"""``scan``: says which credentials stand where in files, and never shows one."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import click
from attrs import asdict

from secretscope.cli._console import (
    as_json,
    await_input,
    counting,
    json_option,
    show,
)
from secretscope.cli._hits import Hit, hits_in

_SKIPPED = frozenset({".git", ".hg", ".venv", "node_modules", "__pycache__"})
"""Folders that hold others' files, or no text."""


@click.command(name="scan", short_help="Find credentials in files, folders or a pipe.")
@click.argument(
    "paths", nargs=-1, type=click.Path(exists=True, path_type=Path, allow_dash=True)
)
@json_option
def command(paths: tuple[Path, ...], json_: bool) -> int:  # noqa: FBT001
    """Find credentials in PATHS (files and folders), or in standard input (also as -).

    Links to folders are not followed. Exits with 1 where one was found, and with 2
    where none was and a file could not be read.
    """
    files = list({p.resolve(): p for p in _files(paths or (Path("-"),))}.values())
    hits, unread = _scanned(files)
    for path, why in unread:
        click.echo(f"secretscope: {path}: {why}", err=True)
    if json_:
        as_json([asdict(hit) for hit in hits])
    else:
        if hits:
            show(("WHERE", "SHAPE", "LINE, MASKED"), list(map(_row, hits)))
        click.echo(_sum(hits), err=True)
    if hits:
        return 1
    return 2 if unread else 0


def _files(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        inside = _inside(path) if path.is_dir() else None
        if inside is not None:
            yield from _files(inside)
        elif path == Path("-") or path.is_file() or path.is_dir():
            yield path  # a folder that can't be listed can't be opened, which is told


def _inside(folder: Path) -> list[Path] | None:
    """Return what is looked through in a folder; None where it can't be listed."""
    with suppress(PermissionError):
        return [
            path
            for path in sorted(folder.iterdir())
            if path.name not in _SKIPPED and not (path.is_symlink() and path.is_dir())
        ]
    return None


def _scanned(files: Sequence[Path]) -> tuple[list[Hit], list[tuple[Path, str]]]:
    """Return what was found, and which files could not be read, and why."""
    hits: list[Hit] = []
    unread: list[tuple[Path, str]] = []
    with counting("scanning", sum(map(_size, files))) as done:
        for path in files:
            if path == Path("-"):
                await_input()
                hits += hits_in("-", sys.stdin.buffer)
                continue
            try:
                with path.open("rb") as opened:
                    hits += hits_in(str(path), opened)
            except OSError as error:
                unread.append((path, error.strerror or "it can't be read"))
            done(_size(path))
    return hits, unread


def _size(path: Path) -> int:
    with suppress(OSError):
        return path.stat().st_size
    return 0


def _row(hit: Hit) -> Sequence[str]:
    return f"{hit.file}:{hit.line}:{hit.column}", hit.shape, hit.masked


def _sum(hits: Sequence[Hit]) -> str:
    if not hits:
        return "no credentials found"
    files = len({hit.file for hit in hits})
    return f"{_count(len(hits), 'credential')} in {_count(files, 'file')}"


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
