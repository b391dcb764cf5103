"""Clocks: seconds that never go back, and the sleeping that belongs to them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

import anyio

Clock = Callable[[], float]
"""Gives seconds, monotonic. One that has ``async sleep(seconds)`` is slept by, too."""

T = TypeVar("T")


class Elapsed(Exception):  # noqa: N818 - it is no error: the caller names one
    """The time that a piece of work had is over."""


def sleeper(clock: Clock) -> Callable[[float], Awaitable[None]]:
    """Return what to sleep with beside this clock."""
    sleep: Callable[[float], Awaitable[None]] = getattr(clock, "sleep", anyio.sleep)
    return sleep


async def within(clock: Clock, seconds: float, work: Callable[[], Awaitable[T]]) -> T:
    """Do the work, for so long at most.

    Raises:
        Elapsed: It took longer, and was cancelled.
    """
    if getattr(clock, "sleep", None) is None:
        with anyio.move_on_after(seconds):
            return await work()
        raise Elapsed
    return await _within_its_own(clock, seconds, work)


async def _within_its_own(
    clock: Clock, seconds: float, work: Callable[[], Awaitable[T]]
) -> T:
    """Do the same by a clock that is slept by: a second task waits for its end."""
    done: list[T] = []
    failed: list[Exception] = []

    async with anyio.create_task_group() as group:

        async def ring() -> None:
            await sleeper(clock)(seconds)
            group.cancel_scope.cancel()

        group.start_soon(ring)
        try:
            done.append(await work())
        except Exception as error:  # noqa: BLE001 - raised below, outside the group
            failed.append(error)
        group.cancel_scope.cancel()
    if failed:
        raise failed[0]
    if not done:
        raise Elapsed
    return done[0]
