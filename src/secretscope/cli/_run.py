"""Running a command: what went wrong becomes one clear line and an exit code."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence

import click

from secretscope.cli._group import commands
from secretscope.errors import ModelError, SecretScopeError, StoreError
from secretscope.redaction import redact

_WRONG, _FAILED, _INTERRUPTED = 2, 3, 130
_TOLD = (
    click.ClickException,
    click.Abort,
    KeyboardInterrupt,
    BrokenPipeError,
    SecretScopeError,
)


def run(argv: Sequence[str]) -> int:
    """Run a command, and return its exit code."""
    try:
        code = commands.main(
            args=list(argv), prog_name="secretscope", standalone_mode=False
        )
    except BaseExceptionGroup as group:
        known, unknown = group.split(_TOLD)
        if known is None or unknown is not None:
            raise  # a bug keeps its traceback
        return max(map(_told, _leaves(known)))
    except _TOLD as error:
        return _told(error)
    return int(code or 0)


def _leaves(group: BaseExceptionGroup[BaseException]) -> Iterator[BaseException]:
    for error in group.exceptions:
        if isinstance(error, BaseExceptionGroup):
            yield from _leaves(error)
        else:
            yield error


def _told(error: BaseException) -> int:
    """Say what went wrong in a line; return the exit code that it stands for."""
    if isinstance(error, BrokenPipeError):  # who read us has left: `| head`
        _leave_the_pipe()
        return 0
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        click.echo(error.format_message(), err=True)
        return _WRONG
    if isinstance(error, click.Abort | KeyboardInterrupt):
        _say("interrupted")
        return _INTERRUPTED
    if isinstance(error, click.ClickException):
        _say(error.format_message())
        context = getattr(error, "ctx", None)
        if context is not None:
            click.echo(f"Try '{context.command_path} --help'.", err=True)
        return _WRONG
    _say(str(error))
    return _FAILED if isinstance(error, StoreError | ModelError) else _WRONG


def _say(text: str) -> None:
    click.echo(f"secretscope: {redact(text)}", err=True)


def _leave_the_pipe() -> None:
    """Keep the interpreter from flushing into the pipe as it ends."""
    sink = os.open(os.devnull, os.O_WRONLY)
    os.dup2(sink, sys.stdout.fileno())
    os.close(sink)
