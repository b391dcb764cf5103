"""HTTP to one address, through httpx2."""

from __future__ import annotations

import ssl
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from typing import Any, Protocol, cast

import anyio
import anyio.lowlevel
import anyio.to_thread
from attrs import frozen

from secretscope.backends.vault._httpx import httpx2
from secretscope.backends.vault._reply import Ask, Fault, Reply
from secretscope.backends.vault._server import Server
from secretscope.backends.vault._tls import plain_context

CONNECTIONS = 32
"""How many connections one pool holds; the cache asks for 16 at once."""


class Wire(Protocol):
    """What carries a request to an address; it raises nothing but cancellation."""

    async def send(self, address: str, ask: Ask) -> Reply | Fault:
        """Ask once, and follow no redirect."""
        ...

    async def aclose(self) -> None:
        """Close every connection that is ours."""
        ...


@frozen
class _Pool:
    """The connections of one loop.

    A request waits for its turn before its time begins to count: a burst is no outage.
    """

    loop: object
    transport: httpx2.AsyncHTTPTransport | None
    turns: anyio.CapacityLimiter


class HttpxWire:
    """A pool of connections, one a loop; or a client of the user's own.

    Ours is a bare transport: it knows no cookies, redirects, .netrc or proxies of the
    environment, each of which could carry one tenant's credentials into another's
    request, or to another host.
    """

    def __init__(self, server: Server) -> None:
        self._server = server
        self._pool: _Pool | None = None

    async def send(self, address: str, ask: Ask) -> Reply | Fault:
        """Ask once, within the server's timeout."""
        pool = await self._ready()
        fault = Fault("it took too long", seconds=self._server.timeout)
        try:
            async with pool.turns:
                with anyio.move_on_after(self._server.timeout):
                    return await self._exchange(pool.transport, address, ask)
        except (httpx2.ConnectError, httpx2.ConnectTimeout) as error:
            fault = Fault(_unconnected(error), sent=False)
        except (httpx2.HTTPError, httpx2.StreamError, OSError):
            fault = Fault("the connection broke off")
        return fault

    async def aclose(self) -> None:
        """Close the pool, unless it is the user's."""
        pool, self._pool = self._pool, None
        if pool is not None and pool.transport is not None:
            await pool.transport.aclose()

    async def _exchange(
        self, ours: httpx2.AsyncHTTPTransport | None, address: str, ask: Ask
    ) -> Reply | Fault:
        response = await self._response(ours, address, ask)
        try:
            body = await self._body(response)
        finally:
            with anyio.CancelScope(shield=True):
                await response.aclose()
        if body is None:
            return Fault(f"its answer is larger than {self._server.max_bytes} bytes")
        return Reply(response.status_code, response.headers, body)

    async def _response(
        self, ours: httpx2.AsyncHTTPTransport | None, address: str, ask: Ask
    ) -> httpx2.Response:
        server = self._server
        given: dict[str, Any] = {
            "method": ask.method,
            "url": f"{address}{ask.target}",
            "headers": ask.headers(),
            "content": ask.content(),
        }
        limits = httpx2.Timeout(None, connect=server.connect_timeout).as_dict()
        extensions: dict[str, Any] = {"timeout": limits}
        if ours is None:
            client: httpx2.AsyncClient = server.client
            request = client.build_request(**given, extensions=extensions)
            return await client.send(
                request, stream=True, auth=None, follow_redirects=False
            )
        given["headers"]["User-Agent"] = "secretscope"
        if server.tls.server_name:
            extensions["sni_hostname"] = server.tls.server_name
        return await ours.handle_async_request(
            httpx2.Request(**given, extensions=extensions)
        )

    async def _body(self, response: httpx2.Response) -> bytes | None:
        body = bytearray()
        stream = cast("AsyncGenerator[bytes]", aiter(response.stream))  # type: ignore[arg-type]
        async with aclosing(stream) as chunks:
            async for chunk in chunks:
                body += chunk
                if len(body) > self._server.max_bytes:
                    # its generators end only if they are read on: over a closed
                    # connection they raise, where trio would find them unfinished
                    await response.aclose()
                    with suppress(httpx2.HTTPError, httpx2.StreamError):
                        await anext(chunks, None)
                    return None
        return bytes(body)

    async def _ready(self) -> _Pool:
        loop = anyio.lowlevel.current_token()
        if self._pool is None or self._pool.loop != loop:
            made: httpx2.AsyncHTTPTransport | None = None
            if self._server.client is None:
                # in a thread: certificates are read, and httpx2 imports at first use
                made = await anyio.to_thread.run_sync(self._made)
            if self._pool is None or self._pool.loop != loop:
                turns = anyio.CapacityLimiter(CONNECTIONS)
                self._pool = _Pool(loop, made, turns)
        return self._pool

    def _made(self) -> httpx2.AsyncHTTPTransport:
        server = self._server
        secure = any(address.startswith("https:") for address in server.addresses)
        return httpx2.AsyncHTTPTransport(
            verify=server.tls.context() if secure else plain_context(),
            trust_env=False,
            proxy=server.proxy,
            limits=httpx2.Limits(
                max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS
            ),
        )


def _unconnected(error: BaseException) -> str:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return (
                "its certificate is not one we trust; name its authority in "
                "vault.tls.ca_file (VAULT_SKIP_VERIFY is not heeded)"
            )
        cause = cause.__cause__ or cause.__context__
    return "it could not be reached"
