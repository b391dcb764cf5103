"""``audit verify``: whether an audit log is what was written."""

from __future__ import annotations

import os
from pathlib import Path

import click

from secretscope.agent import verify
from secretscope.cli._console import as_json, json_option
from secretscope.errors import AuditError

_DEFAULT_KEY = "AUDIT_SIGNING_KEY"


@click.group(name="audit", help="Look after audit logs.")
def command() -> None:
    """Group what is done with audit logs."""


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
@json_option
def verify_file(file: Path, key_env: str, key_file: Path | None, json_: bool) -> int:  # noqa: FBT001
    """Check that no entry of FILE was edited, deleted or moved."""
    key = _key(key_env, key_file)
    fault: AuditError | None = None
    count = 0
    try:
        count = verify(file, key=key)
    except AuditError as found:
        fault = found
    except (ValueError, AttributeError):  # no JSON in it, or no entries
        raise click.UsageError(f"{file} is no audit log: no JSON lines") from None
    if json_:
        as_json(
            {
                "file": str(file),
                "verified": fault is None,
                "entries": count,
                "fault": None if fault is None else str(fault),
            }
        )
    elif fault is None:
        click.echo(f"{file}: {count} entries, as they were written")
    else:
        click.echo(f"{file}: {fault}", err=True)
    return 0 if fault is None else 1


def _key(name: str, file: Path | None) -> bytes:
    if file is not None:
        return file.read_bytes().strip()
    key = os.environ.get(name)
    if not key:
        raise click.UsageError(
            f"the signing key is not there: set {name}, or name a --key-file"
        )
    return key.encode()
