"""The bus between processes, as the fleet sees it: two acts, and nothing promised."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Protocol, runtime_checkable

from anyio import TASK_STATUS_IGNORED
from anyio.abc import TaskStatus

Heard = Callable[[bytes], None]
"""Takes a message as it came; quick, and it never raises."""


@runtime_checkable
class Channel(Protocol):
    """A bus that carries small messages to every process that listens.

    It may lose messages, double them, change their order, and carry anybody's: what
    is heard is checked, and what was missed is asked of the store. So it keeps
    nothing, and it does not reconnect: the fleet does that.
    """

    @property
    def name(self) -> str:
        """What the channel is called, the same in every process; it is signed too."""
        ...

    async def publish(self, message: bytes) -> None:
        """Send a message to all who listen, itself included or not.

        Called only while `listen` is under way, by one task at a time.

        Raises:
            ChannelError: It can't be told that the message got out.
        """
        ...

    async def listen(
        self, heard: Heard, *, task_status: TaskStatus[None] = TASK_STATUS_IGNORED
    ) -> None:
        """Connect, and hand on each message for as long as the connection holds.

        It calls ``task_status.started()`` once every message from then on is heard.
        That it ends is how a gap is told: whether it returns or raises, messages may
        have been missed from that moment until it has been started again. A
        connection that is silently dead has to end, too, within a bounded time.

        Raises:
            ChannelError: The bus can't be reached, or is lost.
        """
        ...


@runtime_checkable
class Credentialed(Protocol):
    """A channel that logs in with a secret, and reads it anew at each login."""

    def log_in_with(self, resolve: Callable[[str], Awaitable[str]]) -> None:
        """Read the secrets of a login here: the application's, by ref."""
        ...
