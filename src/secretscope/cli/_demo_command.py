"""``demo``: a multi-tenant application on embedded stores."""

from __future__ import annotations

import importlib.util
import tempfile
from pathlib import Path

import anyio
import click

from secretscope.cli._console import as_json, colours, json_option
from secretscope.cli._demo import application, demo
from secretscope.cli._paint import Facts, Paint


@click.command(
    name="demo", short_help="Run a multi-tenant application: no key, no server."
)
@click.option(
    "--model",
    default="echo",
    show_default=True,
    help="claude-... or gpt-... calls the real one, with the environment's key.",
)
@click.option(
    "--base-url", help="Another endpoint that speaks the real model's protocol."
)
@json_option
def command(model: str, base_url: str | None, json_: bool) -> int:  # noqa: FBT001
    """Run a multi-tenant application on embedded stores: no key, no server."""
    facts = Facts()
    paint = facts if json_ else Paint(colours())
    loops = ["asyncio"]
    if importlib.util.find_spec("trio") is not None:
        loops.append("trio")
    for loop in loops:
        with tempfile.TemporaryDirectory() as folder:
            app = application(Path(folder), model, base_url=base_url)
            anyio.run(demo, app, model, loop, paint, backend=loop)
    if len(loops) == 1:
        paint.note(
            "trio is not installed: pip install 'secretscope[trio]' shows it there"
        )
    if json_:
        as_json({"model": model, "runs": facts.runs, "notes": facts.notes})
    return 0
