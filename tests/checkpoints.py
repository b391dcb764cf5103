"""Cancel a piece of work at its n-th suspension, for every n there is."""

import types
from collections.abc import Awaitable, Callable, Coroutine, Generator
from typing import Any

import anyio


class _Counted:
    """Counts how often the work was suspended, and cancels at one of the times."""

    def __init__(self, scope: anyio.CancelScope, at: int) -> None:
        self._scope = scope
        self._at = at
        self.count = 0

    @types.coroutine
    def drive(self, work: Coroutine[Any, Any, Any]) -> Generator[Any, Any, Any]:
        step: Callable[[], Any] = lambda: work.send(None)  # noqa: E731
        while True:
            try:
                suspended = step()
            except StopIteration as done:
                return done.value
            self.count += 1
            if self.count == self._at:
                self._scope.cancel()
            try:
                answer = yield suspended
            except BaseException as error:  # noqa: BLE001 - handed on to the work
                step = lambda error=error: work.throw(error)  # type: ignore[misc]  # noqa: E731
            else:
                step = lambda answer=answer: work.send(answer)  # type: ignore[misc]  # noqa: E731


async def cancel_everywhere(
    work: Callable[[], Coroutine[Any, Any, Any]],
    after: Callable[[], Awaitable[None]],
) -> int:
    """Run the work again and again, cancelled one suspension later each time.

    `after` looks at what is left each time. Returns how many suspensions there were.
    """
    at = 1
    while True:
        with anyio.CancelScope() as scope:
            counted = _Counted(scope, at)
            await counted.drive(work())
        await after()
        if counted.count < at:
            return at - 1
        at += 1
