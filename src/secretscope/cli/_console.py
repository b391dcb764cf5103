"""What commands print: tables and JSON; colours on a terminal alone."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import click
from rich.console import Console
from rich.table import Table

_PIPE_WIDTH = 200
"""Columns of a table that no terminal bounds."""


def screen() -> Console:
    """Return standard output, as wide as a table wants where it is no terminal."""
    width = None if sys.stdout.isatty() else _PIPE_WIDTH
    return Console(highlight=False, width=width, soft_wrap=False)


def aside() -> Console:
    """Return standard error, for progress: pipes do not see it."""
    return Console(stderr=True, highlight=False)


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Table:
    """Return a table whose cells fold, and never cut what they hold."""
    made = Table(box=None, header_style="bold", pad_edge=False, padding=(0, 2, 0, 0))
    for name in columns:
        made.add_column(name, overflow="fold")
    for row in rows:
        made.add_row(*row)
    return made


def as_json(found: Any) -> None:  # noqa: ANN401 - plain values
    """Print plain values as JSON."""
    click.echo(json.dumps(found, indent=2, ensure_ascii=False))


def json_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command its ``--json``."""
    return click.option(
        "--json", "json_", is_flag=True, help="Print JSON, for scripts."
    )(command)
