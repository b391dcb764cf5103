"""``check``: whether a container would find everything that it needs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import anyio
import click

from secretscope.cli._answers import (
    ENVIRONMENT,
    FAILED,
    FOUND,
    MISSING,
    PER_TENANT,
    Answer,
    ask,
)
from secretscope.cli._console import as_json, aside, json_option, screen, table
from secretscope.cli._map import plain
from secretscope.cli._target import load, target_options

_MARKS = {
    FOUND: "[green]yes[/]",
    ENVIRONMENT: "[yellow]environment[/]",
    MISSING: "[red]no[/]",
    FAILED: "[red]failed[/]",
    PER_TENANT: "[dim]per tenant[/]",
}
_COLUMNS = ("NEED", "NEEDED BY", "STORE, LOCATION", "FOUND", "VERSION", "AGE", "LEFT")


@click.command(name="check")
@target_options
@click.option(
    "--tenant",
    "tenants",
    multiple=True,
    help="Ask for this tenant's, too. May be repeated.",
)
@json_option
def command(
    target: str,
    configs: tuple[Path, ...],
    tenants: tuple[str, ...],
    json_: bool,  # noqa: FBT001
) -> int:
    """Ask the stores for all that a container needs; no value is shown.

    Exits with 1 where a required one is missing, 3 where a store failed.
    """
    container = load(target, configs)
    with aside().status("asking the stores"):
        answers = anyio.run(ask, container, tenants)
    if json_:
        as_json([_plain(answer) for answer in answers])
    elif not answers:
        click.echo(f"{target} declares no needs: nothing of it reads a secret")
    else:
        screen().print(table((*_COLUMNS, "ADVICE"), map(_row, answers)))
        click.echo(f"\n{_sum(answers)}")
    if any(answer.outage for answer in answers):
        return 3
    return 1 if any(answer.bad for answer in answers) else 0


def _row(answer: Answer) -> tuple[str, ...]:
    reading, status = answer.reading, answer.status
    stale = status is not None and status.stale
    return (
        reading.ref if reading.required else f"{reading.ref} (optional)",
        reading.needed_by,
        _place(answer),
        _MARKS[answer.found] + (" [yellow]stale[/]" if stale else ""),
        (status.version if status else None) or "-",
        seconds(status.age if status else None),
        seconds(status.left if status else None),
        answer.advice.replace("[", r"\["),
    )


def _place(answer: Answer) -> str:
    reading = answer.reading
    if answer.found == ENVIRONMENT or reading.store is None:
        return "the environment"
    place = reading.location
    if answer.tenant is not None and reading.tenants is not None:
        place = reading.tenants.replace("{tenant}", answer.tenant)
    return f"{reading.store}: {place or reading.tenants or '-'}"


def seconds(amount: float | None) -> str:
    """Return a time as people say it; a dash where there is none."""
    if amount is None:
        return "-"
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if amount >= 2 * size:
            return f"{amount / size:.0f} {unit}"
    return f"{amount:.0f} s"


def _sum(answers: Sequence[Answer]) -> str:
    bad = sum(answer.bad for answer in answers)
    asked = sum(answer.found != PER_TENANT for answer in answers)
    if bad:
        return f"{bad} of {asked} needs can't be met"
    return f"all {asked} needs can be met" if asked else "nothing was asked"


def _plain(answer: Answer) -> dict[str, object]:
    status = answer.status
    return {
        **plain(answer.reading),
        "tenant": answer.tenant,
        "found": answer.found,
        "advice": answer.advice,
        "version": status.version if status else None,
        "age": status.age if status else None,
        "left": status.left if status else None,
        "stale": bool(status and status.stale),
    }
