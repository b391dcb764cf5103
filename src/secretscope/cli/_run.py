"""Running a command: what went wrong becomes one clear line and an exit code."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterable, Sequence

import click

from secretscope.cli._console import as_json
from secretscope.cli._faults import WRONG, Fault, faults_of, is_told, tracebacks_wanted
from secretscope.cli._group import commands


def run(argv: Sequence[str]) -> int:
    """Run a command, and return its exit code."""
    _write_whatever_comes()
    try:
        code = commands.main(
            args=list(argv), prog_name="secretscope", standalone_mode=False
        )
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)
        return WRONG
    except (Exception, KeyboardInterrupt) as error:
        if _reader_left(error):
            _leave_the_pipe()
            return 0
        if tracebacks_wanted() and not is_told(error):
            raise
        return _tell(faults_of(error), json="--json" in _options(argv))
    return int(code or 0)


def _options(argv: Sequence[str]) -> Sequence[str]:
    return argv[: argv.index("--")] if "--" in argv else argv


def _tell(faults: Iterable[Fault], *, json: bool) -> int:
    """Say what went wrong; return the exit code that it stands for."""
    code = max(fault.code for fault in faults)
    if json:
        told = [{"kind": fault.kind, "message": fault.text} for fault in faults]
        as_json({"errors": told, "exit_code": code})
        return code
    for fault in faults:
        click.echo(f"secretscope: {fault.text}", err=True)
        if fault.hint:
            click.echo(fault.hint, err=True)
    return code


def _write_whatever_comes() -> None:
    """Have letters that a terminal can't show replaced: no command ends for them."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def _reader_left(error: BaseException) -> bool:
    """Tell whether who read the output has left: ``| head``."""
    if isinstance(error, BaseExceptionGroup):
        return error.split(BrokenPipeError)[1] is None
    return isinstance(error, BrokenPipeError)


def _leave_the_pipe() -> None:
    """Keep the interpreter from flushing into the pipe as it ends."""
    sink = os.open(os.devnull, os.O_WRONLY)
    os.dup2(sink, sys.stdout.fileno())
    os.close(sink)
