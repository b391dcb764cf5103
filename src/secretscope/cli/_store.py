"""``store``: writes a secret; the value comes from a prompt or a pipe."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import anyio
import click

from secretscope.cli._fleet import Told, tell
from secretscope.cli._frame import frame, frame_options
from secretscope.cli._target import load, target_options
from secretscope.values import parse_ref


@click.command(name="store")
@target_options
@click.argument("ref")
@frame_options
def command(
    target: str,
    configs: tuple[Path, ...],
    ref: str,
    tenant: str | None,
    on: str | None,
) -> int:
    """Write REF to its store. The value is asked for, or read from a pipe.

    It is never an argument: the machine's other users see those. One newline at the
    end of a pipe's text is dropped. Where the configuration names a fleet (fleet.url),
    its processes are told.
    """
    parse_ref(ref)
    container = load(target, configs)
    value = _value()

    async def write() -> Told:
        async with frame(container, tenant, on) as (secrets, reader):
            await _write(reader, ref, value)
            return await tell(container, secrets, ref, tenant=tenant)

    told = anyio.run(write)
    whose = "" if tenant is None else f" for tenant {tenant}"
    click.echo(f"stored {ref}{whose}")
    return told.report()


async def _write(reader: Any, ref: str, value: str) -> None:  # noqa: ANN401
    await reader.store(ref, value)


def _value() -> str:
    if sys.stdin.isatty():
        asked: str = click.prompt("Value", hide_input=True, confirmation_prompt=True)
        return asked
    value = sys.stdin.read().removesuffix("\n").removesuffix("\r")
    if not value:
        raise click.UsageError(
            'the pipe holds no value: printf %s "$VALUE" | secretscope store ...'
        )
    return value
