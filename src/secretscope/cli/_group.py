"""The commands, each imported when it is asked for."""

from __future__ import annotations

import importlib
from importlib.metadata import version

import click

from secretscope.errors import nearest

_COMMANDS = {
    "audit": "_audit",
    "check": "_check",
    "demo": "_demo_command",
    "init": "_init",
    "map": "_map",
    "redact": "_redact",
    "rotate": "_rotate",
    "scan": "_scan",
    "store": "_store",
}
"""Each command's module; its click command is named ``command`` there."""


class _Commands(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        module = importlib.import_module(f"secretscope.cli.{_COMMANDS[cmd_name]}")
        command: click.Command = module.command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in _COMMANDS and not args[0].startswith("-"):
            near = nearest(args[0], _COMMANDS)
            known = f": one of {', '.join(_COMMANDS)}"
            ctx.fail(f"there is no command {args[0]!r}{near or known}")
        return super().resolve_command(ctx, args)


commands = _Commands(
    name="secretscope",
    help="Secrets for dependency-injector applications: check, map, scan, rotate.",
    context_settings={"help_option_names": ["-h", "--help"]},
    params=[
        click.Option(
            ["--version"],
            is_flag=True,
            is_eager=True,
            expose_value=False,
            help="Show the version and leave.",
            callback=lambda ctx, _, wanted: _show_version(ctx) if wanted else None,
        )
    ],
)


def _show_version(ctx: click.Context) -> None:
    click.echo(f"secretscope {version('secretscope')}")
    ctx.exit()
