"""``rotate``: fetches a secret anew, says which version there is, and tells the fleet."""

from __future__ import annotations

from pathlib import Path

import anyio
import click

from secretscope.cli._console import as_json, json_option, working
from secretscope.cli._fleet import Told, tell
from secretscope.cli._frame import frame, frame_options
from secretscope.cli._target import load, target_options
from secretscope.scopes import LifetimeReader
from secretscope.values import parse_ref

_UNNUMBERED = "its store does not number versions"


@click.command(name="rotate", short_help="Fetch a secret anew, and say its version.")
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
            found = _version(secrets, base, tenant)
            told = await tell(container, secrets, ref, tenant=tenant, version=found)
            return found, told

    with working(f"fetching {ref}"):
        version, told = anyio.run(fetch)
    if json_:
        as_json({"ref": ref, "tenant": tenant, "version": version, **told.as_dict()})
    else:
        whose = "" if tenant is None else f" of tenant {tenant}"
        known = f"it is at version {version}" if version else _UNNUMBERED
        click.echo(f"{ref}{whose} was fetched anew; {known}")
    return told.report()


def _version(secrets: LifetimeReader, base: str, tenant: str | None) -> str | None:
    """Return the store's own version; one that we count says nothing to others."""
    known = (
        status
        for status in secrets.status()
        if (status.ref, status.tenant, status.counted) == (base, tenant, False)
    )
    return next((status.version for status in known), None)
