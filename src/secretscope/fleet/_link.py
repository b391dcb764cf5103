"""The link to the bus: it comes up again by itself, and says when it was down."""

from __future__ import annotations

import logging
from collections.abc import Callable
from random import Random

import anyio
from anyio.lowlevel import checkpoint_if_cancelled
from attrs import define, field

from secretscope.errors import SecretScopeError
from secretscope.fleet._channel import Channel, Heard
from secretscope.fleet._time import Clock

_LOG = logging.getLogger("secretscope.fleet")
_FIRST_PAUSE = 0.5
_LONGEST_PAUSE = 30.0
"""Seconds; the pause doubles from one to the other, and is drawn below it."""


@define(eq=False)
class Link:
    """Listens to a channel for as long as it runs, whatever the channel does.

    Args:
        channel: the bus.
        heard: takes each message.
        joined: called each time that the link has come up: whatever was told before
            may have been missed.
        clock: for the pauses.
        random: spreads them.
    """

    _channel: Channel
    _heard: Heard
    _joined: Callable[[], None]
    _clock: Clock
    _random: Random
    up: anyio.Event = field(factory=anyio.Event, init=False)
    fault: str | None = field(default="it has not been reached yet", init=False)
    joins: int = field(default=0, init=False)
    _failures: int = field(default=0, init=False)

    async def run(self) -> None:
        """Listen until cancelled."""
        while True:
            began = self._clock.monotonic()
            fault = await self._listen()
            await checkpoint_if_cancelled()  # a bus may fail as it is told to end
            if self._clock.monotonic() - began > _LONGEST_PAUSE:
                self._failures = 0
            self._down(fault)
            await self._clock.wait(anyio.Event(), self.pause(self._failures))

    def started(self, value: None = None) -> None:
        """Take note that the channel listens (as its ``task_status``)."""
        if self.joins:
            _LOG.info("the fleet's channel is back: looking at every secret again")
        self.joins += 1
        self.fault = None
        self.up.set()
        self._joined()

    def pause(self, failures: int) -> float:
        """Return seconds to wait after so many failures in a row."""
        longest = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2 ** min(failures - 1, 10))
        return self._random.uniform(longest / 4, longest)

    async def _listen(self) -> str:
        try:
            await self._channel.listen(self._heard, task_status=self)
        except SecretScopeError as error:
            return str(error)
        except Exception as error:  # noqa: BLE001 - whatever a bus may raise
            return type(error).__name__  # its text may hold an address with a password
        return "it has ended"

    def _down(self, fault: str) -> None:
        if self.up.is_set():
            self.up = anyio.Event()
            self._failures = 0
        if not self._failures:
            _LOG.warning(
                "the fleet's channel is lost, freshness alone counts: %s", fault
            )
        self.fault = fault
        self._failures += 1
