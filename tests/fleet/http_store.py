"""A store behind HTTP on loopback, and the source that processes ask it with."""

from __future__ import annotations

import contextlib
import json
from collections.abc import AsyncIterator

import anyio
import httpx2
from anyio.abc import SocketAttribute, SocketStream

from secretscope import MissingSecretError, Secret, StoreUnavailableError

GONE = (
    anyio.BrokenResourceError,
    anyio.ClosedResourceError,
    anyio.EndOfStream,
    OSError,
)


class HttpStore:
    """Holds values by location, each with its version."""

    def __init__(self) -> None:
        self.port = 0
        self.asked = 0
        self._held: dict[str, tuple[str, int]] = {}

    def write(self, location: str, value: str) -> None:
        _, version = self._held.get(location, ("", 0))
        self._held[location] = (value, version + 1)

    async def _serve(self, client: SocketStream) -> None:
        async with client:
            with contextlib.suppress(*GONE):
                request = b""
                while b"\r\n\r\n" not in request:
                    request += await client.receive()
                await client.send(self._answer(request.split()[1].decode()))

    def _answer(self, path: str) -> bytes:
        self.asked += 1
        found = self._held.get(path.lstrip("/"))
        value, version = found or ("", 0)
        body = json.dumps({"value": value, "version": f"v{version}"}).encode()
        status = "200 OK" if found else "404 Not Found"
        head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n"
        return f"{head}Connection: close\r\n\r\n".encode() + body


@contextlib.asynccontextmanager
async def serving(store: HttpStore) -> AsyncIterator[HttpStore]:
    async with (
        await anyio.create_tcp_listener(local_host="127.0.0.1") as listener,
        anyio.create_task_group() as group,
    ):
        port = listener.extra(SocketAttribute.local_port)  # noqa: S610 - no Django here
        store.port = int(port)
        group.start_soon(listener.serve, store._serve)
        yield store
        group.cancel_scope.cancel()


class HttpSource:
    """Asks an `HttpStore`."""

    def __init__(self, port: int, *, timeout: float = 1.0) -> None:
        self._url = f"http://127.0.0.1:{port}"
        self._client = httpx2.AsyncClient(timeout=timeout, trust_env=False)

    async def aclose(self) -> None:
        await self._client.aclose()

    async def open(self) -> None:
        """Nothing is open before the first request."""

    async def fetch(self, location: str) -> Secret:
        answer: httpx2.Response | None = None
        with contextlib.suppress(httpx2.HTTPError):
            answer = await self._client.get(f"{self._url}/{location}")
        if answer is None or answer.status_code not in {200, 404}:
            raise StoreUnavailableError("the store", ref=location)
        if answer.status_code == 404:
            raise MissingSecretError(location, where="the store")
        facts = answer.json()
        return Secret(facts["value"], version=facts["version"])
