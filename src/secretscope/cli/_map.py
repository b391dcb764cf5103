"""``map``: who reads what from where, as text, Mermaid or SVG."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import click
from attrs import asdict

from secretscope.cli._console import as_json, json_option, show
from secretscope.cli._drawing import mermaid, svg
from secretscope.cli._target import load, target_options
from secretscope.providers import Reading, readings

_FORMATS: dict[str, Callable[[Sequence[Reading]], str]] = {
    "mermaid": mermaid,
    "svg": svg,
}


@click.command(name="map", short_help="Show who reads what from where.")
@target_options
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", *_FORMATS]),
    default="text",
    show_default=True,
    help="How to show it.",
)
@json_option
def command(target: str, configs: tuple[Path, ...], form: str, json_: bool) -> int:  # noqa: FBT001
    """Show who reads what from where in a container; no store is asked."""
    found = readings(load(target, configs))
    if json_:
        as_json([plain(reading) for reading in found])
    elif form != "text":
        click.echo(_FORMATS[form](found))
    elif not found:
        click.echo(f"{target} declares no needs: nothing of it reads a secret")
    else:
        show(("NEED", "NEEDED BY", "STORE", "LOCATION"), _rows(found))
    return 0


def plain(reading: Reading) -> dict[str, object]:
    """Return a reading as plain values."""
    return asdict(reading, filter=lambda field, _: field.name != "reader")


def _rows(found: Sequence[Reading]) -> list[tuple[str, ...]]:
    return [
        (
            reading.ref if reading.required else f"{reading.ref} (optional)",
            reading.needed_by,
            reading.store or "the environment",
            place(reading),
        )
        for reading in found
    ]


def place(reading: Reading) -> str:
    """Return where a value is kept, in words."""
    places = [each for each in (reading.tenants, reading.location) if each]
    if reading.environment:
        places.append("the environment")
    return ", else ".join(places) or "tenants have no place of their own"
