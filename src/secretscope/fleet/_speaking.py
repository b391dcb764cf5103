"""Telling the others: one message after the other, each until it got out."""

from __future__ import annotations

import logging

import anyio

from secretscope.fleet._channel import Channel
from secretscope.fleet._keyring import Keyring
from secretscope.fleet._link import Link
from secretscope.fleet._notice import Envelope, Notice
from secretscope.fleet._outbox import Outbox
from secretscope.fleet._seal import Seal
from secretscope.fleet._time import Clock

_LOG = logging.getLogger("secretscope.fleet")


class Speaking:
    """Sends what waits in the outbox, in order, while the link is up.

    A message that may not have got out is sent again under its number, so that who
    heard it the first time drops it, and who did not sees no gap.

    Args:
        channel: carries the messages.
        link: tells when it is there.
        seal: signs them.
        keyring: keeps the key up to date.
        sender: this process's name.
        clock: tells the time, and waits.
    """

    def __init__(
        self,
        channel: Channel,
        link: Link,
        seal: Seal,
        keyring: Keyring,
        *,
        sender: str,
        clock: Clock,
    ) -> None:
        self._channel = channel
        self._link = link
        self._seal = seal
        self._sender = sender
        self._clock = clock
        self._keyring = keyring
        self._outbox = Outbox()
        self._woken = anyio.Event()
        self._listeners: list[anyio.Event] = []
        self._sending = False
        self._number = 0
        self.said = 0

    def say(self, notice: Notice) -> None:
        """Let a notice wait for its turn."""
        self._outbox.put(notice)
        self._woken.set()

    @property
    def waiting(self) -> int:
        """How many notices wait."""
        return len(self._outbox)

    async def told(self) -> None:
        """Return once nothing waits any more."""
        if self._sending or len(self._outbox):
            told = anyio.Event()
            self._listeners.append(told)
            await told.wait()

    async def run(self) -> None:
        """Send until cancelled."""
        while True:
            notice = self._outbox.take()
            self._sending = notice is not None
            if notice is not None:
                await self._send(notice)
                continue
            while self._listeners:
                self._listeners.pop().set()
            await self._woken.wait()
            self._woken = anyio.Event()

    async def _send(self, notice: Notice) -> None:
        self._number += 1
        failures = 0
        while True:
            await self._link.up.wait()
            self._keyring.follow()
            message = self._seal.close(
                Envelope(notice, self._sender, self._number, self._clock.wall())
            )
            try:
                await self._channel.publish(message)
            except Exception as error:  # noqa: BLE001 - whatever a bus may raise
                failures += 1
                if failures == 1:
                    _LOG.warning(
                        "a notice did not get out, and is sent again: %s",
                        type(error).__name__,
                    )
                await self._clock.wait(anyio.Event(), self._link.pause(failures))
            else:
                self.said += 1
                return
