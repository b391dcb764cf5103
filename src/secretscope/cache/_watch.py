"""Listening to a source that notices changes by itself; a watch that dies is restarted."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import AsyncExitStack

from attrs import define

from secretscope.cache._clock import Clock, sleeper
from secretscope.cache._failures import pause_after, told
from secretscope.cache._keeper import Keeper
from secretscope.cache._policy import Policy
from secretscope.protocols import WatchingSource
from secretscope.values import split_location

_LOG = logging.getLogger("secretscope")
_LEAST = 0.1
"""Of the first pause: the least that is waited before a watch is begun anew."""


@define(eq=False)
class Watch:
    """One source's watch.

    Attributes:
        source: the store.
        name: what errors call it.
        keeper: refreshes what has changed.
        policy: gives the pauses.
        clock: gives the time.
        chance: gives a number from 0 to 1.
        error: what the watch ended with, while it is not up again.
    """

    source: WatchingSource
    name: str
    keeper: Keeper
    policy: Policy
    clock: Clock
    chance: Callable[[], float]
    error: str | None = None

    async def run(self) -> None:
        """Listen until cancelled; all is looked at anew after a gap."""
        failures = 0
        while True:
            began = self.clock()
            self.error = await self._listen() or "it ended"
            if self.clock() - began > self.policy.backoff.most:
                failures = 0
            failures += 1
            wait = pause_after(failures, self.policy, self.chance)
            wait = max(wait, self.policy.backoff.first * _LEAST)
            _LOG.warning(
                "%s: its watch ended (%s) and begins anew in %.1f s",
                self.name,
                self.error,
                wait,
            )
            await sleeper(self.clock)(wait)
            self.keeper.changed_all()

    async def _listen(self) -> str | None:
        try:
            async with AsyncExitStack() as stack:
                changes = self.source.watch()
                close = getattr(changes, "aclose", None)
                if close is not None:
                    stack.push_async_callback(close)
                async for location in changes:
                    self.error = None
                    self.keeper.changed(split_location(location)[0])
        except Exception as error:  # noqa: BLE001 - a watch is begun anew, always
            return told(error)
        return None
