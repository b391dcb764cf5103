"""A bell that wakes one task, rung from whichever thread."""

from __future__ import annotations

import threading
from contextlib import suppress

import anyio
from anyio import from_thread
from anyio.lowlevel import EventLoopToken, current_token


class Bell:
    """Rung any number of times, it wakes once whoever waits for it."""

    def __init__(self) -> None:
        self._rung = anyio.Event()
        self._thread: int | None = None
        self._loop: EventLoopToken | None = None

    def hang(self) -> None:
        """Belong to the loop that runs here."""
        self._thread = threading.get_ident()
        self._loop = current_token()

    def ring(self) -> None:
        """Wake who waits; a loop that has ended is let rest."""
        if self._thread == threading.get_ident():
            self._rung.set()
        elif self._loop is not None:
            with suppress(anyio.RunFinishedError):
                from_thread.run_sync(self._ring, token=self._loop)

    async def wait(self) -> None:
        """Return once it has been rung since the last time."""
        await self._rung.wait()
        self._rung = anyio.Event()

    def _ring(self) -> None:
        self._rung.set()
