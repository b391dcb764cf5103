"""What went wrong, in a line each: no traceback, and no value."""

from __future__ import annotations

import os
import sysconfig
import traceback
from collections.abc import Iterator
from pathlib import Path

import click
from attrs import frozen
from dependency_injector.errors import Error as InjectorError

from secretscope.errors import ModelError, SecretScopeError, StoreError
from secretscope.redaction import redact

WRONG, FAILED, INTERRUPTED = 2, 3, 130
"""Exit codes; 0 and 1 are what commands return themselves."""

TRACEBACKS = "SECRETSCOPE_TRACEBACK"
"""The environment variable that asks for tracebacks."""

_PLAIN = (
    AttributeError,
    ImportError,
    KeyError,
    NameError,
    TypeError,
)
"""Errors whose text is made of names. Any other's may hold what was worked on."""


_OTHERS = [
    Path(__file__).parents[1],
    *(Path(sysconfig.get_path(name)) for name in ("stdlib", "purelib", "platlib")),
]
"""Where code lies that is not the user's."""


@frozen
class Fault:
    """One thing that went wrong.

    Attributes:
        kind: the error's class; whatever is wrong with the call is a ``UsageError``.
        text: what is wrong, and the cure.
        code: the exit code that it stands for.
        hint: where to read on; empty is nowhere.
    """

    kind: str
    text: str
    code: int
    hint: str = ""


def faults_of(error: BaseException) -> list[Fault]:
    """Return what an error tells, each thing once."""
    return list(dict.fromkeys(map(_fault, _leaves(error))))


def tracebacks_wanted() -> bool:
    """Tell whether the environment asks for tracebacks."""
    return os.environ.get(TRACEBACKS, "") not in ("", "0")


def is_told(error: BaseException) -> bool:
    """Tell whether an error, and all of a group, is of a kind that says its cure."""
    return all(
        isinstance(
            each,
            click.ClickException | click.Abort | KeyboardInterrupt | SecretScopeError,
        )
        for each in _leaves(error)
    )


def _leaves(error: BaseException) -> Iterator[BaseException]:
    if isinstance(error, BaseExceptionGroup):
        for each in error.exceptions:
            yield from _leaves(each)
    else:
        yield error


def _fault(error: BaseException) -> Fault:
    if isinstance(error, click.Abort | KeyboardInterrupt):
        return Fault("Interrupted", "interrupted", INTERRUPTED)
    if isinstance(error, click.ClickException):
        context = getattr(error, "ctx", None)
        hint = "" if context is None else f"Try '{context.command_path} --help'."
        return Fault("UsageError", redact(error.format_message()), WRONG, hint)
    kind = type(error).__name__
    if isinstance(error, SecretScopeError):
        failed = isinstance(error, StoreError | ModelError)
        return Fault(kind, redact(str(error)), FAILED if failed else WRONG)
    if isinstance(error, OSError) and error.filename is not None:
        return Fault(kind, said(error), WRONG)
    if isinstance(error, InjectorError):
        cure = "give what is missing: by --config, or in a function that returns it"
        return Fault(kind, f"the container is not whole: {said(error)}; {cure}", WRONG)
    return Fault(kind, f"{said(error)}; {TRACEBACKS}=1 shows the traceback", FAILED)


def said(error: BaseException) -> str:
    """Return what an error that is not ours says, and where it was raised.

    The text is left out where it may hold a value, as that of a failed conversion does.
    """
    kind = type(error).__name__
    if isinstance(error, SyntaxError):
        return redact(f"{kind}: {error}")  # which names the line
    if isinstance(error, OSError) and error.strerror:
        told = f"{kind}: {error.strerror}"
        if error.filename is not None:
            told = f"{os.fsdecode(error.filename)}: {error.strerror}"
    elif isinstance(error, InjectorError):
        told = str(error)
    elif isinstance(error, _PLAIN) or tracebacks_wanted():
        told = f"{kind}: {error}"
    else:
        told = f"{kind} (its text is not shown: it may hold a value)"
    return redact(f"{told}{_place(error)}")


def _place(error: BaseException) -> str:
    """Return the user's line that raised an error; empty where there is none."""
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        path = Path(frame.filename)
        if path.is_file() and not any(map(path.is_relative_to, _OTHERS)):
            here = path.is_relative_to(Path.cwd())
            name = path.relative_to(Path.cwd()) if here else path.name
            return f", raised in {name}, line {frame.lineno}"
    return ""
