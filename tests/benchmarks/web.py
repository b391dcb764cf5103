"""Requests per second of a FastAPI service: bare, with ours, dishka's, wireup's.

``python -m tests.benchmarks.web`` also puts the service under the load of 200 tenants
whose keys rotate, on each server, and counts what must not happen.
"""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import anyio
import dishka
import dishka.integrations.fastapi
import uvicorn
import wireup
import wireup.integration.fastapi
from fastapi import FastAPI, Request

from secretscope import lifetime
from secretscope.integrations.asgi import SecretsMiddleware, from_header
from secretscope.integrations.fastapi import RequestSecrets
from tests.benchmarks.table import Row, show
from tests.integrations.web_load import App, Load, application, get, listening

CLIENTS, REQUESTS, ROUNDS = 8, 150, 6


class Key:
    """What an endpoint is given by its request's scope."""

    def __init__(self, value: str) -> None:
        self.value = value


def bare() -> Any:
    app = FastAPI()

    @app.get("/")
    async def key(request: Request) -> str:
        return f"key-of/{request.headers['x-tenant']}/0"

    return app


def ours() -> Any:
    app = FastAPI()

    @app.get("/")
    async def key(secrets: RequestSecrets) -> str:
        return str(secrets.lookup_sync("KEY"))

    return SecretsMiddleware(app, lifetime(App()), tenant=from_header("x-tenant"))


def by_dishka() -> Any:
    app = FastAPI()

    class Provider(dishka.Provider):
        @dishka.provide(scope=dishka.Scope.REQUEST)
        def key(self, request: Request) -> Key:
            return Key(f"key-of/{request.headers['x-tenant']}/0")

    container = dishka.make_async_container(
        Provider(), dishka.integrations.fastapi.FastapiProvider()
    )

    @app.get("/")
    @dishka.integrations.fastapi.inject
    async def key(found: dishka.integrations.fastapi.FromDishka[Key]) -> str:
        return found.value

    dishka.integrations.fastapi.setup_dishka(container, app)
    return app


def by_wireup() -> Any:
    app = FastAPI()

    @wireup.injectable(lifetime="scoped")
    def make(request: Request) -> Key:
        return Key(f"key-of/{request.headers['x-tenant']}/0")

    @app.get("/")
    async def key(found: wireup.Injected[Key]) -> str:
        return found.value

    container = wireup.create_async_container(
        injectables=[make, wireup.integration.fastapi]
    )
    wireup.integration.fastapi.setup(container, app)
    return app


KINDS: dict[str, Callable[[], Any]] = {
    "bare": bare,
    "ours": ours,
    "dishka": by_dishka,
    "wireup": by_wireup,
}


def serve(kind: str, sock: Any) -> None:
    config = uvicorn.Config(
        KINDS[kind](), lifespan="on", log_level="error", access_log=False
    )
    uvicorn.Server(config).run(sockets=[sock])


async def round_of(port: int) -> float:
    """Return how many requests a second one round of all clients had."""

    async def client(number: int) -> None:
        name = f"tenant-{number}"
        async with await anyio.connect_tcp("127.0.0.1", port) as stream:
            for _ in range(REQUESTS):
                status, body = await get(stream, "/", name)
                assert status == 200, body

    start = time.perf_counter()
    async with anyio.create_task_group() as group:
        for number in range(CLIENTS):
            group.start_soon(client, number)
    return CLIENTS * REQUESTS / (time.perf_counter() - start)


async def rows() -> list[Row]:
    """Serve each kind in a process of its own; rounds are taken in turn."""
    spawn = multiprocessing.get_context("spawn")
    processes, ports, best = [], {}, dict.fromkeys(KINDS, 0.0)
    for kind in KINDS:
        sock, ports[kind] = listening()
        process = spawn.Process(target=serve, args=(kind, sock))
        process.start()
        sock.close()
        processes.append(process)
    try:
        for _ in range(ROUNDS + 1):  # the first warms up
            for kind, port in ports.items():
                best[kind] = max(best[kind], await round_of(port))
    finally:
        for process in processes:
            process.terminate()
            process.join()
    found: list[Row] = [("requests a second, bare FastAPI", best["bare"], None)]
    found += [
        (f"{kind} / bare FastAPI: time of a request", best["bare"] / best[kind], None)
        for kind in KINDS
        if kind != "bare"
    ]
    return found


async def under_load(server: Any) -> list[Row]:
    """Ask as 200 tenants while their keys rotate, and count what must not happen."""
    from tests.integrations.test_servers import running  # noqa: PLC0415 - its servers

    container: Any = App()
    _, app = application(container)
    async with running(server, app) as port:
        async with await anyio.connect_tcp("127.0.0.1", port) as stream:
            await get(stream, "/", "tenant-1")

        async def rotate(name: str) -> None:
            async with app.reader.tenant(name) as bound:
                await bound.refresh("KEY")

        seen = await Load(port, container.versions(), rotate).run(
            connections=16, requests=200
        )
    return [
        ("requests", seen.requests, None),
        ("rotations meanwhile", seen.rotations, None),
        ("answers with another tenant's key", len(seen.foreign), 0),
        ("failed requests", len(seen.failed), 0),
        ("answers with a key that had been rotated before", len(seen.stale), 0),
    ]


if __name__ == "__main__":
    from tests.integrations import test_servers

    show("web on asyncio", rows, "asyncio")
    for loop, name in (
        ("asyncio", "uvicorn"),
        ("asyncio", "hypercorn"),
        ("trio", "hypercorn"),
        ("asyncio", "anycorn"),
        ("trio", "anycorn"),
    ):
        chosen = getattr(test_servers, f"by_{name}")
        show(f"load on {name}, {loop}", partial(under_load, chosen), loop)
