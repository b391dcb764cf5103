"""Worker threads of a store's own, for what blocks: an SDK, a file system."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, TypeVarTuple, Unpack

import anyio.to_thread
from anyio.lowlevel import RunVar

T = TypeVar("T")
Args = TypeVarTuple("Args")


class Threads:
    """Runs calls that block, so many at once, and apart from everybody else's.

    Args:
        most: how many run at once on one event loop.
    """

    def __init__(self, most: int = 8) -> None:
        self._most = most
        self._here: RunVar[anyio.CapacityLimiter] = RunVar(f"threads {id(self)}")

    async def run(self, call: Callable[[Unpack[Args]], T], *args: *Args) -> T:
        """Return what the call returns, from a thread.

        A cancelled caller is let go at once and the thread goes on by itself: give
        the call a timeout of its own, where it can have one.
        """
        limiter = self._here.get(None)
        if limiter is None:
            limiter = anyio.CapacityLimiter(self._most)
            self._here.set(limiter)
        return await anyio.to_thread.run_sync(
            call, *args, limiter=limiter, abandon_on_cancel=True
        )
