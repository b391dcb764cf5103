"""The loop that a fleet lives on, and the way to it from other threads."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from threading import get_ident

from secretscope.scopes import soon


class Loop:
    """Does on one loop what is asked for on any thread: one thread has the state."""

    def __init__(self) -> None:
        self._thread: int | None = None
        self._soon: Callable[..., object] | None = None

    def settle(self) -> None:
        """Be the loop that runs here."""
        self._thread, self._soon = get_ident(), soon()

    def do(self, act: Callable[..., None], *args: object) -> None:
        """Do this now, or soon where another thread asks; a loop that ended rests."""
        if self._soon is None or self._thread == get_ident():
            act(*args)
        else:
            with suppress(RuntimeError):
                self._soon(act, *args)
