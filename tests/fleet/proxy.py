"""A TCP proxy that can be cut: a process's way to a server, and what goes wrong on it."""

import contextlib
import ssl
from collections.abc import AsyncIterator
from typing import Any

import anyio
from anyio.abc import Listener, SocketAttribute
from anyio.streams.tls import TLSListener

_GONE = (
    anyio.BrokenResourceError,
    anyio.ClosedResourceError,
    anyio.EndOfStream,
    OSError,
)


class Proxy:
    def __init__(self, target: int) -> None:
        self.port = 0
        self._target = target
        self._streams: set[Any] = set()
        self._up = True
        self._flow = anyio.Event()
        self._flow.set()

    async def cut(self) -> None:
        """Break every connection, and take none."""
        self._up = False
        for stream in tuple(self._streams):
            await anyio.aclose_forcefully(stream)

    def mend(self) -> None:
        self._up = True

    def freeze(self) -> None:
        """Let nothing through, and say nothing: a cable that was pulled."""
        self._flow = anyio.Event()

    def thaw(self) -> None:
        self._flow.set()

    async def _serve(self, client: Any) -> None:
        async with client:
            if not self._up:
                return
            with contextlib.suppress(*_GONE):
                async with await anyio.connect_tcp("127.0.0.1", self._target) as server:
                    self._streams |= {client, server}
                    async with anyio.create_task_group() as group:
                        group.start_soon(self._pump, client, server)
                        group.start_soon(self._pump, server, client)
                    self._streams -= {client, server}

    async def _pump(self, source: Any, sink: Any) -> None:
        with contextlib.suppress(*_GONE):
            async for data in source:
                await self._flow.wait()
                await sink.send(data)
        for stream in (source, sink):
            await anyio.aclose_forcefully(stream)


@contextlib.asynccontextmanager
async def proxied(
    target: int, *, tls: ssl.SSLContext | None = None
) -> AsyncIterator[Proxy]:
    """Stand before a server, which speaks TLS then where a context is given."""
    proxy = Proxy(target)
    async with (
        await anyio.create_tcp_listener(local_host="127.0.0.1") as plain,
        anyio.create_task_group() as group,
    ):
        listener: Listener[Any] = plain
        if tls is not None:
            listener = TLSListener(plain, tls, standard_compatible=False)
        port = plain.extra(SocketAttribute.local_port)  # noqa: S610 - no Django here
        proxy.port = int(port)
        group.start_soon(listener.serve, proxy._serve)
        yield proxy
        group.cancel_scope.cancel()
