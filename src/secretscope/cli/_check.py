"""``check``: whether a container would find everything that it needs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import anyio
import click
from rich.text import Text

from secretscope.cli._answers import (
    ENVIRONMENT,
    FAILED,
    FOUND,
    MISSING,
    PER_TENANT,
    Answer,
    ask,
)
from secretscope.cli._console import Cell, as_json, json_option, show, working
from secretscope.cli._map import plain
from secretscope.cli._target import load, target_options

_MARKS = {
    FOUND: ("yes", "green"),
    ENVIRONMENT: ("environment", "yellow"),
    MISSING: ("no", "red"),
    FAILED: ("failed", "red"),
    PER_TENANT: ("per tenant", "dim"),
}
_PATIENCE = 60.0
_COLUMNS = ("NEED", "NEEDED BY", "STORE, LOCATION", "FOUND", "VERSION", "AGE", "LEFT")


@click.command(
    name="check", short_help="Ask the stores for all that a container needs."
)
@target_options
@click.option(
    "--tenant",
    "tenants",
    multiple=True,
    help="Ask for this tenant's, too. May be repeated.",
)
@click.option(
    "--timeout",
    "wait",
    type=click.FloatRange(min=0, min_open=True),
    metavar="SECONDS",
    default=_PATIENCE,
    show_default=True,
    help="How long a store may take for each answer.",
)
@json_option
def command(
    *,
    target: str,
    configs: tuple[Path, ...],
    tenants: tuple[str, ...],
    wait: float,
    json_: bool,
) -> int:
    """Ask the stores for all that a container needs; no value is shown.

    Exits with 1 where a required one is missing, 3 where a store that keeps one failed.
    """
    container = load(target, configs)
    with working("asking the stores"):
        answers = anyio.run(ask, container, tenants, wait)
    if json_:
        as_json([_plain(answer) for answer in answers])
    elif not answers:
        click.echo(f"{target} declares no needs: nothing of it reads a secret")
    else:
        show((*_COLUMNS, "ADVICE"), list(map(_row, answers)))
        click.echo(f"\n{_sum(answers)}")
    if any(answer.bad and answer.outage for answer in answers):
        return 3
    return 1 if any(answer.bad for answer in answers) else 0


def _row(answer: Answer) -> tuple[Cell, ...]:
    reading, status = answer.reading, answer.status
    stale = status is not None and status.stale
    return (
        reading.ref if reading.required else f"{reading.ref} (optional)",
        reading.needed_by,
        _place(answer),
        Text.assemble(_MARKS[answer.found], (" stale", "yellow") if stale else ""),
        _version(answer) or "-",
        seconds(status.age if status else None),
        seconds(status.left if status else None),
        answer.advice,
    )


def _version(answer: Answer) -> str | None:
    """Return the store's own version; one that we count says nothing to others."""
    status = answer.status
    return None if status is None or status.counted else status.version


def _place(answer: Answer) -> str:
    reading = answer.reading
    if answer.found == ENVIRONMENT or reading.store is None:
        return "the environment"
    return f"{reading.store}: {', else '.join(_places(answer)) or 'nowhere'}"


def _places(answer: Answer) -> list[str]:
    """Return where it is looked for, one after the other."""
    reading = answer.reading
    own = (reading.tenants or "").replace("{tenant}", answer.tenant or "{tenant}")
    places = [own if answer.tenant or not reading.location else "", reading.location]
    return [place for place in places if place]


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
    waiting = sum(answer.found == PER_TENANT for answer in answers)
    asked = len(answers) - waiting
    rest = f"{_needs(waiting)} of tenants not asked for: name them with --tenant"
    if not asked:
        return rest
    lacking = sum(answer.found in (MISSING, FAILED) for answer in answers) - bad
    optional = f", {lacking} optional not there" if lacking else ""
    met = asked - lacking
    told = f"{'all ' if met > 1 else ''}{_needs(met)} can be met{optional}"
    if bad:
        told = f"{bad} of {_needs(asked)} can't be met{optional}"
    return f"{told}; {rest}" if waiting else told


def _needs(number: int) -> str:
    return f"{number} need{'' if number == 1 else 's'}"


def _plain(answer: Answer) -> dict[str, object]:
    status = answer.status
    return {
        **plain(answer.reading),
        "tenant": answer.tenant,
        "found": answer.found,
        "advice": answer.advice,
        "version": _version(answer),
        "age": _rounded(status.age if status else None),
        "left": _rounded(status.left if status else None),
        "stale": bool(status and status.stale),
    }


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 3)
