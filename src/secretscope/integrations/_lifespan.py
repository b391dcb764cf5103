"""The lifespan of an ASGI application, with a lifetime around it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import AbstractAsyncContextManager
from typing import Any

from secretscope.redaction import redact
from secretscope.scopes import LifetimeReader

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
ASGIApp = Callable[[Any, Any, Any], Awaitable[None]]
"""An application; frameworks and servers each have types of their own for the rest."""

_ENDED = ("lifespan.shutdown.complete", "lifespan.shutdown.failed")


class Lifespan:
    """Opens a lifetime before the application starts, and closes it after its end.

    Args:
        app: the application; one that knows no lifespan is served all the same.
        scope: the lifespan's scope.
        receive: gives the server's messages.
        send: takes ours.
    """

    def __init__(
        self,
        app: ASGIApp,
        scope: MutableMapping[str, Any],
        receive: Receive,
        send: Send,
    ) -> None:
        self._app = app
        self._scope = scope
        self._receive = receive
        self._send = send
        self._startup: Message | None = None
        self._said: list[str] = []
        self._last: Message | None = None

    async def run(
        self,
        lifetime: AbstractAsyncContextManager[LifetimeReader],
        opened: Callable[[LifetimeReader | None], None],
    ) -> None:
        """Answer the server from its first message to its last.

        Args:
            lifetime: what is opened.
            opened: told the reader, and None once it has ended.
        """
        self._startup = await self._receive()
        entered = False
        try:
            async with lifetime as reader:
                entered = True
                opened(reader)
                try:
                    await self._within()
                finally:
                    opened(None)
        except Exception as error:
            if entered and self._last is None:
                raise  # the application's own
            kind = "shutdown" if entered else "startup"
            self._last = {
                "type": f"lifespan.{kind}.failed",
                "message": redact(f"{type(error).__name__}: {error}"),
            }
        if self._last is not None:
            await self._send(self._last)

    async def _within(self) -> None:
        try:
            await self._app(self._scope, self._next, self._hold)
        except Exception:
            if self._said:
                raise
        else:
            if self._said:
                return
        # an application without a lifespan: it lives from startup to shutdown
        await self._send({"type": "lifespan.startup.complete"})
        await self._receive()
        self._last = {"type": "lifespan.shutdown.complete"}

    async def _next(self) -> Message:
        startup, self._startup = self._startup, None
        return await self._receive() if startup is None else startup

    async def _hold(self, message: Message) -> None:
        """Hand on what the application says, but its end: the lifetime closes first."""
        self._said.append(message["type"])
        if message["type"] in _ENDED:
            self._last = message
        else:
            await self._send(message)
