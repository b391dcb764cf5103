"""The interpreter's own ways to print: warnings, and exceptions that nobody caught."""

from __future__ import annotations

import sys
import threading
import traceback
import warnings
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Protocol, cast

from secretscope.redaction import redact_value

Mask = Callable[[object], object]


class _Unraisable(Protocol):
    exc_value: BaseException | None
    exc_traceback: TracebackType | None
    err_msg: str | None
    object: object


class _MaskedUnraisable:
    """What `sys.unraisablehook` is given, masked; its own type cannot be made."""

    def __init__(self, what: _Unraisable, mask: Mask) -> None:
        self.exc_value: BaseException | None = _masked(what.exc_value, mask)
        self.exc_type: type[BaseException] = type(self.exc_value)
        self.exc_traceback = what.exc_traceback
        self.err_msg: str | None = str(mask(what.err_msg)) if what.err_msg else None
        self.object: object = mask(repr(what.object))

    def say(self) -> None:
        """Say what the interpreter's own hook says."""
        lines = traceback.format_exception(
            self.exc_type, self.exc_value, self.exc_traceback
        )
        head = f"{self.err_msg or 'Exception ignored in'}: {self.object}\n"
        with suppress(Exception):  # there may be no stderr, at the end or at all
            sys.stderr.write(head + "".join(lines))


def install() -> Callable[[], None]:
    """Mask warnings and uncaught exceptions from now on, in all threads.

    It wraps what stands in `warnings.showwarning`, `sys.excepthook`,
    `threading.excepthook` and `sys.unraisablehook`; call it first in ``main``.

    Returns:
        What puts those back.
    """
    show, hook = warnings.showwarning, sys.excepthook
    thread_hook, unraisable = threading.excepthook, sys.unraisablehook
    mask: Mask = redact_value
    warnings.showwarning = _masked_warnings(show, mask)
    sys.excepthook = _masked_exceptions(hook, mask)

    def in_thread(what: threading.ExceptHookArgs) -> None:
        error = _masked(what.exc_value, mask)
        thread_hook(
            threading.ExceptHookArgs(
                (type(error), error, what.exc_traceback, what.thread)
            )
        )

    def in_finalizer(what: _Unraisable) -> None:
        masked = _MaskedUnraisable(what, mask)
        if unraisable is sys.__unraisablehook__:
            masked.say()  # it takes what the interpreter makes, and nothing else
        else:
            unraisable(masked)

    threading.excepthook = in_thread
    sys.unraisablehook = in_finalizer

    def uninstall() -> None:
        warnings.showwarning, sys.excepthook = show, hook
        threading.excepthook, sys.unraisablehook = thread_hook, unraisable

    return uninstall


def _masked(error: BaseException | None, mask: Mask) -> BaseException:
    return cast("BaseException", mask(error))


def _masked_warnings(show: Callable[..., None], mask: Mask) -> Callable[..., None]:
    def show_masked(message: Warning | str, *rest: object, **named: object) -> None:
        show(mask(message), *rest, **named)

    return show_masked


def _masked_exceptions(hook: Callable[..., object], mask: Mask) -> Callable[..., None]:
    def hook_masked(
        _kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        copy = _masked(error, mask)
        hook(type(copy), copy, trace)

    return hook_masked
