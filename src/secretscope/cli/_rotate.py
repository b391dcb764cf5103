"""``rotate``: fetches a secret anew, says which version there is, and tells the fleet."""

from __future__ import annotations

from pathlib import Path

import anyio
import click

from secretscope.cli._console import as_json, json_option
from secretscope.cli._fleet import Told, tell
from secretscope.cli._frame import frame, frame_options
from secretscope.cli._target import load, target_options
from secretscope.scopes import LifetimeReader
from secretscope.values import SecretStatus, parse_ref


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
    """Fetch REF anew from its store, and say which version there is now.

    Where the configuration names a fleet (fleet.url), its processes are told.
    """
    base = parse_ref(ref).base
    container = load(target, configs)

    async def fetch() -> tuple[str | None, Told]:
        async with frame(container, tenant, on) as (secrets, reader):
            await reader.resolve(ref)
            await reader.refresh(ref)
            found = _status(secrets, base, tenant)
            shared = None if found is None or found.counted else found.version
            told = await tell(container, secrets, ref, tenant=tenant, version=shared)
            return None if found is None else found.version, told

    version, told = anyio.run(fetch)
    if json_:
        heard = told.fleet and told.fault is None
        as_json({"ref": ref, "tenant": tenant, "version": version, "told": heard})
    else:
        click.echo(
            f"{ref} is at version {version or '(the store does not number them)'}"
        )
    return told.report()


def _status(
    secrets: LifetimeReader, base: str, tenant: str | None
) -> SecretStatus | None:
    known = (s for s in secrets.status() if (s.ref, s.tenant) == (base, tenant))
    return next(known, None)
