"""Time, as the fleet uses it; tests hand in a clock that they turn themselves."""

from __future__ import annotations

import time
from typing import Protocol

import anyio


class Clock(Protocol):
    """Tells the time, and waits."""

    def monotonic(self) -> float:
        """Return seconds that only grow."""
        ...

    def wall(self) -> float:
        """Return seconds since 1970, as other machines count them, too."""
        ...

    async def wait(self, woken: anyio.Event, seconds: float | None) -> None:
        """Return when woken, or once the seconds have gone; None is never."""
        ...


class SystemClock:
    """The machine's own."""

    def monotonic(self) -> float:
        """Return seconds that only grow."""
        return time.monotonic()

    def wall(self) -> float:
        """Return seconds since 1970."""
        return time.time()

    async def wait(self, woken: anyio.Event, seconds: float | None) -> None:
        """Return when woken, or once the seconds have gone."""
        with anyio.move_on_after(seconds):
            await woken.wait()
