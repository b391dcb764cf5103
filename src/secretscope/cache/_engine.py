"""The one task that watches the time for all entries of a store and its parts."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import Context, copy_context
from weakref import WeakSet

import anyio
import anyio.lowlevel
from anyio.abc import TaskGroup, TaskStatus

from secretscope.cache._clock import Clock, sleeper
from secretscope.cache._entry import Entry, Home
from secretscope.cache._wheel import Wheel

_ROOM = 1024
"""How many times a wheel may hold before it is looked whether they still count."""


class Engine:
    """Hosts loads, and wakes entries when they are due.

    While nobody hosts it, nothing runs in the background.

    Args:
        clock: gives the time; one with ``sleep`` is slept by.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._sleep = sleeper(clock)
        self._wheel: Wheel[Entry] = Wheel()
        self._homes: WeakSet[Home] = WeakSet()
        self._nap: anyio.CancelScope | None = None
        self._tidy_at = _ROOM
        self._after: set[Callable[[], None]] = set()
        self.group: TaskGroup | None = None
        self.context: Context = Context()

    def house(self, home: Home) -> None:
        """Take a home in; it is remembered weakly."""
        self._homes.add(home)

    async def host(
        self, *, task_status: TaskStatus[None] = anyio.TASK_STATUS_IGNORED
    ) -> None:
        """Work until cancelled."""
        async with anyio.create_task_group() as group:
            self.group, self.context = group, copy_context()
            try:
                for home in list(self._homes):
                    home.began()
                task_status.started()
                await self._turn()
            finally:
                self.group = self._nap = None
                self._wheel.clear()
                self._after.clear()

    def schedule(self, entry: Entry) -> None:
        """Wake the entry when it is next due, if it is watched."""
        if self.group is None:
            return
        due = entry.next_due()
        if due is None:
            entry.due = None
        elif self._wheel.add(entry, due):
            self._wake()
        if self._wheel.size > self._tidy_at:
            self._tidy()

    def after(self, work: Callable[[], None]) -> None:
        """Do this once the entries that are due have been told."""
        self._after.add(work)
        self._wake()

    def _wake(self) -> None:
        """End the nap; where none has begun, the next one is over at once."""
        if self._nap is not None:
            self._nap.cancel()

    def _tidy(self) -> None:
        """Build the wheel anew once half of it counts no more."""
        homes = list(self._homes)
        due = [
            (e, e.due) for home in homes for e in home.entries() if e.due is not None
        ]
        if self._wheel.size > 2 * len(due):
            self._wheel.clear()
            for entry, time in due:
                self._wheel.add(entry, time)
        self._tidy_at = max(_ROOM, 2 * len(due))

    async def _turn(self) -> None:
        nap = self._nap = anyio.CancelScope()
        self._catch_up()
        while True:
            pause = self._wheel.pause(self._clock())
            with nap:
                await (anyio.sleep_forever() if pause is None else self._sleep(pause))
            nap = self._nap = anyio.CancelScope()
            self._catch_up()
            while chunk := self._wheel.pop(now := self._clock()):
                for entry in chunk:
                    if entry.due is not None and entry.due <= now:
                        entry.due = None
                        entry.home.fire(entry, now)
                self._catch_up()
                await anyio.lowlevel.checkpoint()

    def _catch_up(self) -> None:
        while self._after:
            self._after.pop()()
