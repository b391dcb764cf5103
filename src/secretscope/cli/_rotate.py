"""``rotate``: fetches a secret anew, and says which version is read from now on."""

from __future__ import annotations

from pathlib import Path

import anyio
import click

from secretscope.cli._console import as_json, json_option
from secretscope.cli._frame import frame, frame_options
from secretscope.cli._target import load, target_options
from secretscope.scopes import LifetimeReader
from secretscope.values import parse_ref


@click.command(name="rotate")
@target_options
@click.argument("ref")
@frame_options
@json_option
def command(
    target: str,
    configs: tuple[Path, ...],
    ref: str,
    tenant: str | None,
    on: str | None,
    json_: bool,  # noqa: FBT001
) -> int:
    """Fetch REF anew from its store, and say which version there is now."""
    parse_ref(ref)
    container = load(target, configs)

    async def fetch() -> str | None:
        async with frame(container, tenant, on) as (secrets, reader):
            await reader.resolve(ref)
            await reader.refresh(ref)
            return _version(secrets, ref, tenant)

    version = anyio.run(fetch)
    if json_:
        as_json({"ref": ref, "tenant": tenant, "version": version})
    else:
        click.echo(
            f"{ref} is at version {version or '(the store does not number them)'}"
        )
    return 0


def _version(secrets: LifetimeReader, ref: str, tenant: str | None) -> str | None:
    known = (s for s in secrets.status() if (s.ref, s.tenant) == (ref, tenant))
    return next((status.version for status in known), None)
