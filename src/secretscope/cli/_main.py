"""The console script: its arguments, and what it runs."""

from __future__ import annotations

import argparse
import importlib.util
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import anyio

from secretscope.cli._demo import application, demo
from secretscope.cli._paint import Paint
from secretscope.errors import SecretScopeError


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command.

    Args:
        argv: its arguments; the process's own without it.

    Returns:
        0 where all went well, 1 where it did not.
    """
    parser = argparse.ArgumentParser(
        prog="secretscope", description="Secrets for dependency-injector applications."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    show = commands.add_parser(
        "demo", help="run a multi-tenant application on embedded stores"
    )
    show.add_argument(
        "--model",
        default="echo",
        help="claude-... or gpt-... calls the real one, with the key from the environment",
    )
    show.add_argument(
        "--base-url", help="another endpoint that speaks the real model's protocol"
    )
    arguments = parser.parse_args(argv)
    paint = Paint(sys.stdout.isatty())
    loops = ["asyncio"]
    if importlib.util.find_spec("trio") is not None:
        loops.append("trio")
    for loop in loops:
        try:
            with tempfile.TemporaryDirectory() as folder:
                app = application(
                    Path(folder), arguments.model, base_url=arguments.base_url
                )
                anyio.run(demo, app, arguments.model, loop, paint, backend=loop)
        except SecretScopeError as error:
            print(f"secretscope: {error}", file=sys.stderr)
            return 1
    if len(loops) == 1:
        print(
            "\n(trio is not installed: pip install 'secretscope[trio]' shows it there)"
        )
    return 0
