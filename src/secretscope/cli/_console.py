"""What commands print: tables and JSON; colours and progress on a terminal alone."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from typing import Any

import click
from rich.cells import cell_len
from rich.console import Console
from rich.progress import Progress
from rich.table import Table
from rich.text import Text

_LEAST = {
    "NEEDED BY": 14,
    "STORE": 16,
    "STORE, LOCATION": 20,
    "LOCATION": 20,
    "VERSION": 8,
    "ADVICE": 20,
    "LINE, MASKED": 24,
}
"""Columns that may be folded, and how wide each stays; the others are never folded."""
_GAP = 2

Cell = str | Text
Row = Sequence[Cell]


def screen(width: int | None = None) -> Console:
    """Return standard output; colours as ``NO_COLOR`` and the terminal have it."""
    return Console(highlight=False, width=width)


def aside() -> Console:
    """Return standard error, for progress: pipes do not see it."""
    return Console(stderr=True, highlight=False)


def colours() -> bool:
    """Tell whether standard output is a terminal that wants colours."""
    console = screen()
    wanted = not (console.no_color or console.is_dumb_terminal)
    return console.is_terminal and wanted


def show(columns: Sequence[str], rows: Sequence[Row]) -> None:
    """Print a table; where the terminal is too narrow for one, a block for each row.

    A pipe is as wide as the table. Nothing that a cell holds is cut.
    """
    cells = [[_text(cell) for cell in row] for row in rows]
    natural = [
        max(cell_len(each.plain) for each in (Text(name), *column))
        for name, column in zip(columns, zip(*cells, strict=True), strict=True)
    ]
    least = [
        min(w, _LEAST.get(name, w)) for name, w in zip(columns, natural, strict=True)
    ]
    gaps = _GAP * (len(columns) - 1)
    console = screen()
    width = console.width if sys.stdout.isatty() else sum(natural) + gaps
    console = screen(width)
    with console.capture() as said:
        if sum(least) + gaps <= width:
            console.print(_table(columns, cells, least))
        else:
            _blocks(console, columns, cells)
    lines = said.get().splitlines()
    click.echo("\n".join(line.rstrip() for line in lines), color=True)


def _text(cell: Cell) -> Text:
    return cell if isinstance(cell, Text) else Text(cell)


def _table(
    columns: Sequence[str], rows: Sequence[Sequence[Text]], least: Sequence[int]
) -> Table:
    made = Table(box=None, header_style="bold", pad_edge=False, padding=(0, _GAP, 0, 0))
    for name, width in zip(columns, least, strict=True):
        made.add_column(
            name, overflow="fold", min_width=width, no_wrap=name not in _LEAST
        )
    for row in rows:
        made.add_row(*row)
    return made


def _blocks(
    console: Console, columns: Sequence[str], rows: Sequence[Sequence[Text]]
) -> None:
    for number, (head, *rest) in enumerate(rows):
        if number:
            console.print()
        console.print(Text(head.plain, style="bold"), overflow="fold")
        block = Table.grid(padding=(0, _GAP, 0, 0))
        block.add_column(style="dim", no_wrap=True)
        block.add_column(overflow="fold")
        for name, cell in zip(columns[1:], rest, strict=True):
            if cell.plain not in ("", "-"):
                block.add_row(f"  {name.lower()}", cell)
        console.print(block)


@contextmanager
def working(text: str) -> Generator[None]:
    """Show on a terminal that something is under way, until the block ends."""
    console = aside()
    if not console.is_terminal:
        yield
        return
    with console.status(text):
        yield


@contextmanager
def counting(text: str, total: int) -> Generator[Callable[[int], None]]:
    """Show on a terminal how far something is.

    Args:
        text: what is under way.
        total: how much there is of it.

    Yields:
        A function that is told how much more has been done.
    """
    console = aside()
    if not console.is_terminal:
        yield lambda done: None
        return
    with Progress(console=console, transient=True) as bar:
        task = bar.add_task(text, total=total)
        yield lambda done: bar.advance(task, done)


def await_input() -> None:
    """Say to who sits at a terminal that standard input is waited for."""
    if sys.stdin.isatty():
        aside().print("reading what you type; Ctrl-D ends it", style="dim")


def as_json(found: Any, *, indent: int | None = 2) -> None:  # noqa: ANN401 - plain values
    """Print plain values as JSON."""
    click.echo(json.dumps(found, indent=indent, ensure_ascii=False))


def json_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command its ``--json``."""
    return click.option(
        "--json", "json_", is_flag=True, help="Print JSON, for scripts; errors, too."
    )(command)
