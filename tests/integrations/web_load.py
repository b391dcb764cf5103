"""A load of many tenants over real sockets, while their keys rotate."""

from __future__ import annotations

import socket
from collections.abc import Awaitable, Callable
from typing import Any

import anyio
import anyio.abc
import anyio.lowlevel
from attrs import define, field
from dependency_injector import containers, providers
from fastapi import FastAPI

from secretscope import (
    CachedSecrets,
    MissingSecretError,
    Policy,
    ScopedSecrets,
    Secret,
    SecretsBackend,
    lifetime,
    needs,
)
from secretscope.integrations.asgi import SecretsMiddleware, from_header
from secretscope.integrations.fastapi import RequestSecrets


class Versions:
    """A store that has for each tenant a key, named after both and its version."""

    def __init__(self, tenants: int) -> None:
        self.now = {f"tenant-{number}": 0 for number in range(tenants)}

    async def fetch(self, location: str) -> Secret:
        await anyio.lowlevel.checkpoint()
        name = location.split("/")[1]
        if name not in self.now or not location.endswith("/KEY"):
            raise MissingSecretError(location, where="the versions")
        return Secret(f"key-of/{name}/{self.now[name]:06}")


class App(containers.DeclarativeContainer):
    versions = providers.Singleton(Versions, 200)
    cached = providers.Factory(CachedSecrets, versions, Policy(refresh_gap=0))
    backend = SecretsBackend(cached, settings={"tenants": {"path": "t/{tenant}/{ref}"}})
    secrets = ScopedSecrets(backend)
    thing = needs(secrets, "KEY")


def application(container: Any) -> tuple[FastAPI, SecretsMiddleware]:
    """Return a service that answers with the key it reads, before and after a wait."""
    app = FastAPI()
    read = container.secrets().lookup_sync

    @app.get("/")
    async def key(secrets: RequestSecrets) -> list[str | None]:
        first = secrets.lookup_sync("KEY")
        await anyio.lowlevel.checkpoint()
        return [first, read("KEY")]

    @app.get("/sync")
    def in_a_thread(secrets: RequestSecrets) -> list[str | None]:
        return [secrets.lookup_sync("KEY"), read("KEY")]

    served = SecretsMiddleware(app, lifetime(container), tenant=from_header("x-tenant"))
    return app, served


@define
class Seen:
    """What the clients saw."""

    requests: int = 0
    foreign: list[str] = field(factory=list[str])
    failed: list[str] = field(factory=list[str])
    stale: list[str] = field(factory=list[str])
    rotations: int = 0


def listening() -> tuple[socket.socket, int]:
    """Return a socket that listens on loopback, and its port."""
    # asyncio sets TCP_NODELAY only where the protocol is named
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    sock.bind(("127.0.0.1", 0))
    sock.listen(256)
    return sock, sock.getsockname()[1]


async def get(stream: Any, path: str, tenant: str) -> tuple[int, str]:
    """Make one request on a connection that is kept."""
    head = f"GET {path} HTTP/1.1\r\nhost: localhost\r\nx-tenant: {tenant}\r\n\r\n"
    await stream.send(head.encode("latin-1"))
    data = b""
    while b"\r\n\r\n" not in data:
        data += await stream.receive()
    top, _, body = data.partition(b"\r\n\r\n")
    lines = top.decode("latin-1").lower().split("\r\n")
    length = next(
        (
            int(line.partition(":")[2])
            for line in lines
            if line[:15] == "content-length:"
        ),
        None,
    )
    while (len(body) < length) if length is not None else (body[-5:] != b"0\r\n\r\n"):
        body += await stream.receive()
    return int(lines[0].split(" ")[1]), body.decode("latin-1")


class Load:
    """Asks as every tenant in turn, on many connections, while keys rotate.

    Args:
        port: where the service listens.
        versions: the store; a key older than at its request's begin is stale.
        rotate: tells the service that a tenant's key has a new version.
    """

    def __init__(
        self, port: int, versions: Versions, rotate: Callable[[str], Awaitable[None]]
    ) -> None:
        self._port = port
        self._now = versions.now
        self._names = list(versions.now)
        self._told = dict(versions.now)
        self._rotate = rotate
        self._seen = Seen()

    async def run(self, *, connections: int, requests: int) -> Seen:
        """Return what the clients saw, each after so many requests."""
        async with anyio.create_task_group() as group:
            group.start_soon(self._turn_keys)
            async with anyio.create_task_group() as clients:
                for number in range(connections):
                    clients.start_soon(self._client, number * 7, requests)
            group.cancel_scope.cancel()
        return self._seen

    async def _client(self, first: int, requests: int) -> None:
        async with await anyio.connect_tcp("127.0.0.1", self._port) as stream:
            for turn in range(requests):
                name = self._names[(first + turn) % len(self._names)]
                least = self._told[name]
                status, body = await get(stream, ("/", "/sync")[turn % 2], name)
                self._judge(name, least, status, body)

    def _judge(self, name: str, least: int, status: int, body: str) -> None:
        self._seen.requests += 1
        if status != 200:
            self._seen.failed.append(f"{status} {body}")
            return
        for key in body.split('"')[1::2]:
            _, owner, version = key.split("/")
            if owner != name:
                self._seen.foreign.append(key)
            elif int(version) < least:
                self._seen.stale.append(key)

    async def _turn_keys(self) -> None:
        while True:
            for name in self._names:
                self._now[name] += 1
                await self._rotate(name)
                self._told[name] = self._now[name]
                self._seen.rotations += 1
