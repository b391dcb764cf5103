"""Closing instances that are out of use: in time, once, and all at the lifetime's end."""

from __future__ import annotations

import heapq
import inspect
import logging
import time
from collections.abc import Awaitable, Callable
from functools import partial
from itertools import count
from threading import Lock
from typing import Any

import anyio

from secretscope.redaction import redact
from secretscope.scopes._instance import LOCK, Instance

_LOG = logging.getLogger("secretscope")

Spawn = Callable[[Callable[[], Awaitable[None]]], None]
"""Runs an async function on the lifetime's loop; called from any thread."""


class Closing:
    """Closes instances; what fails is logged, and hurts nobody.

    A sync closer is called by whoever was the last to use the instance; what an async
    one awaits runs on the lifetime's loop, shielded, and bounded in time.

    Args:
        spawn: runs an async function on the lifetime's loop.
        clock: gives seconds, monotonic; one that has ``async sleep(seconds)`` is slept
            by, too.
        timeout: seconds that closing one instance may take.
    """

    def __init__(
        self,
        spawn: Spawn,
        *,
        clock: Callable[[], float] = time.monotonic,
        timeout: float = 5.0,
    ) -> None:
        self.spawn = spawn
        self._clock = clock
        self._sleep: Callable[[float], Awaitable[None]] = getattr(
            clock, "sleep", anyio.sleep
        )
        self._timeout = timeout
        self._open: set[Instance] = set()
        self._closes: dict[Instance, Awaitable[object]] = {}
        self._waiting: list[tuple[float, int, Instance]] = []
        self._count = count()
        self._lock = Lock()
        self._reaping = False

    def opened(self, instance: Instance) -> None:
        """Remember an instance: it is closed at the lifetime's end at the latest."""
        self._open.add(instance)

    def retire(self, instance: Instance, *, grace: float | None = None) -> None:
        """Let nobody else have an instance, and close it when nobody uses it.

        Args:
            instance: which one.
            grace: seconds that whoever has it by a plain call may go on; its own
                without it.
        """
        now = self._clock()
        with LOCK:
            if instance.deadline is not None and grace is None:
                return
            instance.deadline = now + (instance.grace if grace is None else grace)
            waits = instance.handed and instance.deadline > now
        if not waits:
            self._close_if_done(instance)
            return
        with self._lock:
            entry = (instance.deadline, next(self._count), instance)
            heapq.heappush(self._waiting, entry)
            begin, self._reaping = not self._reaping, True
        if begin:
            self.spawn(self._reap)

    def release(self, instance: Instance) -> None:
        """End one use of an instance."""
        with LOCK:
            instance.users -= 1
        self._close_if_done(instance)

    @property
    def patience(self) -> float:
        """Seconds that closing all may take."""
        return self._timeout * max((_depth(each) for each in self._open), default=0)

    async def close_all(self) -> list[Exception]:
        """Close what is open, whoever uses it: the outer before its parts."""
        failures: list[Exception] = []
        while self._open:
            parts = {part for each in self._open for part in each.parts}
            outer = [each for each in self._open if each not in parts]
            async with anyio.create_task_group() as group:
                for instance in outer:
                    self._open.discard(instance)
                    group.start_soon(self._close_last, instance, failures)
        return failures

    async def _close_last(self, instance: Instance, failures: list[Exception]) -> None:
        with LOCK:
            mine, instance.closed = not instance.closed, True
        try:
            with anyio.fail_after(self._timeout, shield=True):
                answer: Any = self._closes.pop(instance, None)
                if mine:
                    answer = instance.close and instance.close(instance.value)
                if inspect.isawaitable(answer):
                    await answer
        except Exception as failure:  # noqa: BLE001 - the others close too
            failures.append(failure)

    def _close_if_done(self, instance: Instance) -> None:
        if not instance.done(self._clock()):
            return
        answer: Any = None
        try:
            answer = instance.close and instance.close(instance.value)
        except Exception as error:  # noqa: BLE001 - told in the log
            _failed(error)
        if inspect.isawaitable(answer):
            self._closes[instance] = answer
            self.spawn(partial(self._finish, instance))
        else:
            self._closed(instance)

    async def _finish(self, instance: Instance) -> None:
        answer = self._closes.pop(instance, None)
        if answer is None:  # the lifetime's end has seen to it
            return
        try:
            with anyio.fail_after(self._timeout, shield=True):
                await answer
        except Exception as error:  # noqa: BLE001 - told in the log
            _failed(error)
        self._closed(instance)

    def _closed(self, instance: Instance) -> None:
        self._open.discard(instance)
        for part in instance.parts:
            self.release(part)

    async def _reap(self) -> None:
        """Close what has had its grace, for as long as there is any that waits."""
        while True:
            with self._lock:
                if not self._waiting:
                    self._reaping = False
                    return
                deadline, _, instance = self._waiting[0]
                wait = deadline - self._clock()
                if wait <= 0:
                    heapq.heappop(self._waiting)
            if wait > 0:
                await self._sleep(wait)
            else:
                self._close_if_done(instance)


def _failed(error: Exception) -> None:
    _LOG.error(
        "an instance that was out of use did not close: %s: %s",
        type(error).__name__,
        redact(str(error)),
    )


def _depth(instance: Instance) -> int:
    return 1 + max((_depth(part) for part in instance.parts), default=0)
