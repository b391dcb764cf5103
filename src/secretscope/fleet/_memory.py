"""A bus within one process: for tests, and for several lifetimes in one process."""

from __future__ import annotations

import anyio
from anyio import TASK_STATUS_IGNORED
from anyio.abc import TaskStatus

from secretscope.errors import ChannelError
from secretscope.fleet._channel import Heard


class MemoryBus:
    """Carries messages between the channels made of it, at once and in order.

    Attributes:
        up: whether it can be reached; `cut` and `mend` change that.
        sent: every message that got out, for tests to look at and to send again.
    """

    def __init__(self, name: str = "memory") -> None:
        self.name = name
        self.up = True
        self.sent: list[bytes] = []
        self._channels: list[MemoryChannel] = []

    def channel(self) -> MemoryChannel:
        """Return a new member's end of the bus."""
        return MemoryChannel(self)

    def cut(self) -> None:
        """Break every connection, and refuse new ones."""
        self.up = False
        for channel in tuple(self._channels):
            channel.lose()

    def mend(self) -> None:
        """Let members connect again."""
        self.up = True

    def carry(self, message: bytes) -> None:
        """Hand a message to everybody who listens."""
        for channel in tuple(self._channels):
            channel.hand_on(message)

    def join(self, channel: MemoryChannel) -> None:
        """Let a member listen."""
        self._channels.append(channel)

    def leave(self, channel: MemoryChannel) -> None:
        """Let a member go."""
        self._channels.remove(channel)


class MemoryChannel:
    """One member's end of a `MemoryBus`."""

    def __init__(self, bus: MemoryBus) -> None:
        self._bus = bus
        self._heard: Heard | None = None
        self._lost = anyio.Event()
        self.up = True

    @property
    def name(self) -> str:
        """The bus's name."""
        return self._bus.name

    def cut(self) -> None:
        """Break this member's connection, and refuse it new ones."""
        self.up = False
        self.lose()

    def mend(self) -> None:
        """Let this member connect again."""
        self.up = True

    async def publish(self, message: bytes) -> None:
        """Hand the message to everybody.

        Raises:
            ChannelError: The bus or this end of it is cut.
        """
        await anyio.lowlevel.checkpoint()
        if not (self.up and self._bus.up):
            raise ChannelError(self.name, reason="it is cut")
        self._bus.sent.append(message)
        self._bus.carry(message)

    async def listen(
        self, heard: Heard, *, task_status: TaskStatus[None] = TASK_STATUS_IGNORED
    ) -> None:
        """Hand on messages until the bus or this end of it is cut.

        Raises:
            ChannelError: It is cut.
        """
        await anyio.lowlevel.checkpoint()
        if self.up and self._bus.up:
            self._heard, self._lost = heard, anyio.Event()
            self._bus.join(self)
            try:
                task_status.started()
                await self._lost.wait()
            finally:
                self._heard = None
                self._bus.leave(self)
        raise ChannelError(self.name, reason="it is cut")

    def hand_on(self, message: bytes) -> None:
        """Hand one message to who listens here."""
        if self._heard is not None:
            self._heard(message)

    def lose(self) -> None:
        """Break the connection, as an outage does."""
        self._lost.set()
