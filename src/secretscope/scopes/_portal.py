"""A portal: an `async with` block that a thread of its own holds open.

The thread is a daemon: who never leaves the block can still end the program, and an
`atexit` function can close it. No other thread waits for it without a bound.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from contextlib import AbstractAsyncContextManager, suppress
from functools import partial
from threading import Thread
from typing import Generic, TypeVar

import anyio

from secretscope.errors import ConfigurationError, ScopeClosedError, StoreTimeoutError
from secretscope.scopes._home import soon

T = TypeVar("T")

_GRACE = 2.0
"""Seconds beyond a caller's patience: a loop takes time to end, and a thread to run."""

_LOOPS = ("asyncio", "trio")


class Portal(Generic[T]):
    """Enters a block on a loop of its own, keeps it open, and leaves it there.

    Args:
        block: the block; it is entered and left by one task.
        loop: ``asyncio`` or ``trio``.

    Raises:
        ConfigurationError: There is no such loop.
    """

    def __init__(
        self, block: AbstractAsyncContextManager[T], *, loop: str = "asyncio"
    ) -> None:
        if loop not in _LOOPS:
            raise ConfigurationError(
                f"loop={loop!r}: there is no such loop; it is 'asyncio' or 'trio'"
            )
        self._block = block
        self._loop = loop
        self._entered: Future[T] = Future()
        self._thread = Thread(target=self._run, name="secretscope-portal", daemon=True)
        self._error: BaseException | None = None
        self._unwanted = False
        self._cancel: Callable[[], object] = lambda: None
        self._finish: Callable[[], object] = lambda: None

    def enter(self, *, patience: float) -> T:
        """Enter the block, and return what it yields.

        Interrupted (Ctrl-C), it cancels what was begun.

        Args:
            patience: seconds to wait for that to end.
        """
        self._thread.start()
        try:
            return self._entered.result()
        except BaseException:
            self._unwanted = True
            with suppress(RuntimeError):  # that loop has ended
                self._cancel()
            self._thread.join(patience + _GRACE)
            raise

    def leave(self, *, patience: float) -> None:
        """Leave the block; what that raises is raised here.

        Args:
            patience: seconds to wait; then the thread is left behind.

        Raises:
            StoreTimeoutError: It took longer.
        """
        with suppress(RuntimeError):  # that loop has ended
            self._finish()
        self._thread.join(patience + _GRACE)
        if self._thread.is_alive():
            raise StoreTimeoutError("closing the lifetime", seconds=patience)
        if self._error is not None:
            raise self._error

    def _run(self) -> None:
        try:
            anyio.run(self._live, backend=self._loop)
        except BaseException as error:  # noqa: BLE001 - told to who enters or leaves
            self._error = error
        if not self._entered.done():  # without an error, it was given up
            self._entered.set_exception(self._error or ScopeClosedError("the lifetime"))

    async def _live(self) -> None:
        with anyio.CancelScope() as scope:
            end, call = anyio.Event(), soon()
            self._finish = partial(call, end.set)
            self._cancel = partial(call, scope.cancel)
            if self._unwanted:  # since before there was a scope
                scope.cancel()
            async with self._block as value:
                self._entered.set_result(value)
                await end.wait()
