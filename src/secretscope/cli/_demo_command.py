"""``demo``: a multi-tenant application on embedded stores."""

from __future__ import annotations

import importlib.util
import sys
import tempfile
from pathlib import Path

import anyio
import click

from secretscope.cli._demo import application, demo
from secretscope.cli._paint import Paint


@click.command(name="demo")
@click.option(
    "--model",
    default="echo",
    show_default=True,
    help="claude-... or gpt-... calls the real one, with the environment's key.",
)
@click.option(
    "--base-url", help="Another endpoint that speaks the real model's protocol."
)
def command(model: str, base_url: str | None) -> int:
    """Run a multi-tenant application on embedded stores: no key, no server."""
    paint = Paint(sys.stdout.isatty())
    loops = ["asyncio"]
    if importlib.util.find_spec("trio") is not None:
        loops.append("trio")
    for loop in loops:
        with tempfile.TemporaryDirectory() as folder:
            app = application(Path(folder), model, base_url=base_url)
            anyio.run(demo, app, model, loop, paint, backend=loop)
    if len(loops) == 1:
        click.echo(
            "\n(trio is not installed: pip install 'secretscope[trio]' shows it there)"
        )
    return 0
