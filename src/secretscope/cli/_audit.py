"""``audit verify``: whether an audit log is what was written."""

from __future__ import annotations

import os
from pathlib import Path

import click

from secretscope.agent import verify
from secretscope.cli._console import as_json, json_option, working
from secretscope.errors import AuditError

_DEFAULT_KEY = "AUDIT_SIGNING_KEY"


@click.group(name="audit", short_help="Look after audit logs.")
def command() -> None:
    """Look after audit logs."""


@command.command(name="verify")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--key-env",
    default=_DEFAULT_KEY,
    show_default=True,
    help="The environment variable that holds the signing key.",
)
@click.option(
    "--key-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A file that holds the signing key; it goes before the variable.",
)
@click.option(
    "--entries",
    "expected",
    type=click.IntRange(min=0),
    help="How many there must be: what was cut off at the end can't be seen otherwise.",
)
@json_option
def verify_file(
    *,
    file: Path,
    key_env: str,
    key_file: Path | None,
    expected: int | None,
    json_: bool,
) -> int:
    """Check that no entry of FILE was edited, deleted or moved.

    Exits with 1 where one was, or where there is none at all.
    """
    key = _key(key_env, key_file)
    with working("verifying"):
        count, fault = _verified(file, key, expected)
    if json_:
        as_json(
            {
                "file": str(file),
                "verified": fault is None,
                "entries": count,
                "fault": fault,
            }
        )
    elif fault is None:
        click.echo(f"{file}: {count} {_entries(count)}, as they were written")
    else:
        click.echo(fault, err=True)
    return 0 if fault is None else 1


def _verified(file: Path, key: bytes, expected: int | None) -> tuple[int, str | None]:
    """Return how many entries there are, and what is wrong with them."""
    count = 0
    try:
        count = verify(file, key=key)
    except AuditError as found:
        return found.line - 1, str(found)
    if count == (count if expected is None else expected) and count:
        return count, None
    wanted = "" if expected is None else f", and not {expected}"
    return count, (
        f"{file}: {count} {_entries(count)}{wanted}: the rest was cut off, or written "
        "elsewhere; compare it with a copy"
    )


def _entries(count: int) -> str:
    return "entry" if count == 1 else "entries"


def _key(name: str, file: Path | None) -> bytes:
    if file is not None:
        key = file.read_bytes().strip()
        if not key:
            raise click.UsageError(
                f"--key-file {file} is empty: name the signing key's"
            )
        return key
    given = os.environ.get(name)
    if not given:
        raise click.UsageError(
            f"the signing key is not there: set {name}, or name a --key-file"
        )
    return given.encode()
