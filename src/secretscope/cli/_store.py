"""``store``: writes a secret; the value comes from a prompt or a pipe."""

from __future__ import annotations

import sys
from pathlib import Path

import anyio
import click

from secretscope.cli._console import as_json, json_option, working
from secretscope.cli._fleet import Told, tell
from secretscope.cli._frame import frame, frame_options
from secretscope.cli._target import load, target_options
from secretscope.redaction import KNOWN
from secretscope.values import parse_ref

_NEVER = (
    "the value is never an argument, which the machine's other users and the shell's "
    'history see: printf %s "$VALUE" | secretscope store ..., or leave it out to be '
    "asked; take the one you gave for known, and draw another"
)


@click.command(
    name="store",
    short_help="Write a secret; its value is asked for, or piped in.",
    context_settings={"allow_extra_args": True},
)
@target_options
@click.argument("ref")
@frame_options
@json_option
@click.pass_context
def command(  # noqa: PLR0913 - click hands each option over by name
    context: click.Context,
    *,
    target: str,
    configs: tuple[Path, ...],
    ref: str,
    tenant: str | None,
    on: str | None,
    json_: bool,
) -> int:
    """Write REF to its store. The value is asked for, or read from a pipe.

    It is never an argument: the machine's other users see those. One newline at the
    end of a pipe's text is dropped. Where the configuration names a fleet (fleet.url),
    its processes are told.
    """
    if context.args or "=" in ref:
        raise click.UsageError(_NEVER)
    parse_ref(ref)
    container = load(target, configs)
    value = _value()
    KNOWN.add(value, ref=ref, tenant=tenant)  # a store's error may hold it

    async def write() -> Told:
        async with frame(container, tenant, on) as (secrets, reader):
            await reader.store(ref, value)
            return await tell(container, secrets, ref, tenant=tenant)

    with working(f"storing {ref}"):
        told = anyio.run(write)
    if json_:
        as_json({"ref": ref, "tenant": tenant, "stored": True, **told.as_dict()})
    else:
        whose = "" if tenant is None else f" for tenant {tenant}"
        click.echo(f"stored {ref}{whose}")
    return told.report()


def _value() -> str:
    if sys.stdin.isatty():
        asked: str = click.prompt(
            "Value", hide_input=True, confirmation_prompt=True, err=True
        )
        return asked
    pipe = getattr(sys.stdin, "buffer", None)  # as it is: text would lose a \r
    value = sys.stdin.read() if pipe is None else _text(pipe.read())
    value = value.removesuffix("\n").removesuffix("\r")
    if not value:
        raise click.UsageError(
            'the pipe holds no value: printf %s "$VALUE" | secretscope store ...'
        )
    return value


def _text(given: bytes) -> str:
    text = given.decode("utf-8", "replace")
    if text.encode() != given:
        raise click.UsageError(
            "the pipe's value is no UTF-8 text: encode it first, with base64 for one"
        )
    return text
