"""A store behind a network that tests turn by hand."""

from collections.abc import Mapping
from typing import Any

import anyio
import anyio.lowlevel

from secretscope import CachedSecrets, MissingSecretError, Policy, Secret

AT_ONCE = Policy(refresh_gap=0, negative_ttl=0)
"""Whoever asks for a refresh gets one."""


class Remote:
    """A source: what it holds, how often it was asked, and when it fails.

    Attributes:
        held: values, or fields, by location.
        asked: every location that was fetched, in order.
        down: what each fetch raises, if anything.
        gate: what each fetch waits for, if anything.
        running: how many fetches run now, and `most` at once.
    """

    def __init__(self, held: Mapping[str, Any] | None = None) -> None:
        self.held: dict[str, str | Mapping[str, str]] = dict(held or {})
        self.asked: list[str] = []
        self.down: Exception | None = None
        self.gate: anyio.Event | None = None
        self.running = self.most = 0
        self.open_now = 0

    async def open(self) -> None:
        self.open_now += 1

    async def aclose(self) -> None:
        self.open_now -= 1

    async def fetch(self, location: str) -> Secret:
        self.asked.append(location)
        self.running += 1
        self.most = max(self.most, self.running)
        try:
            await anyio.lowlevel.checkpoint()
            if self.gate is not None:
                await self.gate.wait()
        finally:
            self.running -= 1
        if self.down is not None:
            raise self.down
        if location not in self.held:
            raise MissingSecretError(location, where="the remote")
        return Secret(self.held[location])

    async def put(self, location: str, value: str, *, field: str | None = None) -> None:
        self.held[location] = value


def cached(remote: Remote, policy: Policy = AT_ONCE, **more: Any) -> CachedSecrets:
    return CachedSecrets(remote, policy, name="the remote", **more)


class Clock:
    """Seconds that tests turn by hand."""

    def __init__(self) -> None:
        self.now = 0.0
        self._changed = anyio.Event()

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        until = self.now + seconds
        while self.now < until:
            await self._changed.wait()

    async def turn(self, seconds: float) -> None:
        self.now += seconds
        changed, self._changed = self._changed, anyio.Event()
        changed.set()
        await anyio.wait_all_tasks_blocked()
