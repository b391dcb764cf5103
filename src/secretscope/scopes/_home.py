"""The loop that a lifetime lives on, and the way to it from other loops and threads.

What a store holds open (connections, locks, loads under way) belongs to that loop. A
read that finds its value at hand never comes here; one that must await is handed over.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from contextvars import copy_context
from functools import partial
from threading import get_ident
from typing import Any, TypeVar, TypeVarTuple

import anyio
from anyio.lowlevel import current_token

from secretscope.errors import BlockedLoopError, ForkedError, ScopeClosedError

T = TypeVar("T")
Args = TypeVarTuple("Args")


def soon() -> Callable[..., object]:
    """Return what calls a function on the running loop, from any thread.

    It raises RuntimeError once that loop has ended.
    """
    native: Any = current_token().native_token
    name = "run_sync_soon" if hasattr(native, "run_sync_soon") else None  # trio's
    call: Callable[..., object] = getattr(native, name or "call_soon_threadsafe")
    return call


def refuse_in_loop(what: str) -> None:
    """Let only those pass whose thread runs no loop: it would stand still.

    Raises:
        BlockedLoopError: A loop runs in this thread.
    """
    try:
        current_token()
    except RuntimeError:
        return
    raise BlockedLoopError(what)


class _Errand:
    """One call that is made at home for somebody elsewhere."""

    def __init__(self, act: Callable[[], Awaitable[Any]]) -> None:
        self._act = act
        self._scope: anyio.CancelScope | None = None
        self._unwanted = False
        self.answer: Future[Any] = Future()

    async def run(self) -> None:
        """Make the call, and leave its answer."""
        with anyio.CancelScope() as self._scope:
            if self._unwanted:
                self._scope.cancel()
            try:
                value = await self._act()
            except Exception as error:  # noqa: BLE001 - told to who waits
                self.fail(error)
            else:
                with suppress(InvalidStateError):  # nobody waits: it is closing
                    self.answer.set_result(value)

    def fail(self, error: Exception) -> None:
        """Leave an error, unless there is an answer."""
        with suppress(InvalidStateError):
            self.answer.set_exception(error)

    def drop(self) -> None:
        """Stop, since nobody waits any longer; called at home."""
        self._unwanted = True
        if self._scope is not None:
            self._scope.cancel()


class Anywhere:
    """The home of what no lifetime holds: each call is made where it is asked for."""

    forked = False
    """Whether it is another process's, from which this one was forked."""

    async def bring(self, act: Callable[[*Args], Awaitable[T]], *args: *Args) -> T:
        """Make the call here."""
        return await act(*args)


ANYWHERE = Anywhere()


class Home(Anywhere):
    """The running loop; awaits from elsewhere are brought to it.

    While `serve` runs it makes them, each in a copy of its own context: no caller's
    tenant reaches them.
    """

    def __init__(self) -> None:
        self._soon = soon()
        self._thread: int | None = get_ident()
        self._bell = anyio.Event()
        self._waiting: deque[_Errand] = deque()
        self._errands: set[_Errand] = set()
        self._closed = False

    @property
    def is_here(self) -> bool:
        """Whether this is its own thread."""
        return get_ident() == self._thread

    def left_behind(self) -> None:
        """Take nothing: it is the home of the process that this one was forked from."""
        self.forked, self._thread = True, None

    async def serve(self) -> None:
        """Make what is handed over, until cancelled.

        A task begins it: a loop's callbacks can't, where anyio did not start the loop.
        """
        context = copy_context()
        async with anyio.create_task_group() as group:
            while True:
                await self._bell.wait()
                self._bell = anyio.Event()
                while self._waiting:
                    errand = self._waiting.popleft()
                    context.copy().run(group.start_soon, errand.run)

    async def bring(self, act: Callable[[*Args], Awaitable[T]], *args: *Args) -> T:
        """Make the call at home, from whatever loop; a cancelled one is dropped.

        Raises:
            ScopeClosedError: The lifetime has ended, or ends before the answer.
        """
        if self.is_here:
            return await act(*args)
        errand = self._send(partial(act, *args))
        done, wake = anyio.Event(), soon()

        def answered(_: Future[Any]) -> None:
            with suppress(RuntimeError):  # that loop has ended
                wake(done.set)

        errand.answer.add_done_callback(answered)
        try:
            await done.wait()
        finally:
            self._drop(errand)
        answer: T = errand.answer.result()
        return answer

    def call(self, act: Callable[[*Args], Awaitable[T]], *args: *Args) -> T:
        """Make the call at home, from a thread without a loop, which waits.

        Raises:
            BlockedLoopError: It is home's own thread, which would wait for itself.
            ScopeClosedError: The lifetime has ended, or ends before the answer.
        """
        if self.is_here:
            raise BlockedLoopError("this block")
        errand = self._send(partial(act, *args))
        try:
            answer: T = errand.answer.result()
        finally:  # Ctrl-C, too
            self._drop(errand)
        return answer

    def post(self, act: Callable[[], Awaitable[object]]) -> None:
        """Make the call at home, from any thread, and wait for nothing.

        It is dropped where the lifetime has ended.
        """
        errand = self._send(act)
        errand.answer.add_done_callback(lambda _: self._errands.discard(errand))

    def close(self) -> None:
        """Take no more, and tell everybody who waits."""
        self._closed = True
        for errand in tuple(self._errands):
            errand.fail(ScopeClosedError("the lifetime"))

    def _send(self, act: Callable[[], Awaitable[Any]]) -> _Errand:
        if self.forked:
            raise ForkedError
        errand = _Errand(act)
        self._errands.add(errand)  # then look: `close` does it the other way round
        if self._closed:
            errand.fail(ScopeClosedError("the lifetime"))
            return errand
        self._waiting.append(errand)
        if self.is_here:
            self._ring()
            return errand
        try:
            self._soon(self._ring)
        except RuntimeError:  # the loop has ended, and nobody has closed
            errand.fail(ScopeClosedError("the loop of the lifetime"))
        return errand

    def _ring(self) -> None:
        self._bell.set()

    def _drop(self, errand: _Errand) -> None:
        self._errands.discard(errand)
        if not errand.answer.done():
            with suppress(RuntimeError):
                self._soon(errand.drop)
