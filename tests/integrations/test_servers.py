"""Real servers on loopback: uvicorn, hypercorn and anycorn, on both loops."""

import os
import threading
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

import anycorn
import anyio
import hypercorn.asyncio
import hypercorn.config
import hypercorn.trio
import pytest
import uvicorn
from blockbuster import BlockBuster
from flask import Flask

from secretscope import lifetime
from secretscope.integrations.flask import FlaskSecrets, from_header, request_secrets
from tests.integrations.web_load import App, Load, Versions, application, get, listening

Serve = Callable[[Any, Any, anyio.Event], Coroutine[Any, Any, None]]


async def by_uvicorn(app: Any, sock: Any, end: anyio.Event) -> None:
    server = uvicorn.Server(
        uvicorn.Config(app, lifespan="on", log_level="error", access_log=False)
    )

    async def stop() -> None:
        await end.wait()
        server.should_exit = True

    async with anyio.create_task_group() as group:
        group.start_soon(stop)
        await server.serve(sockets=[sock])


def _configured(config: Any, sock: Any) -> Any:
    config.bind = [f"fd://{os.dup(sock.fileno())}"]
    config.graceful_timeout = 1
    config.errorlog = None
    return config


async def by_hypercorn(app: Any, sock: Any, end: anyio.Event) -> None:
    config = _configured(hypercorn.config.Config(), sock)
    trio = "trio" in type(end).__module__
    serve: Any = hypercorn.trio.serve if trio else hypercorn.asyncio.serve
    await serve(app, config, shutdown_trigger=end.wait)


async def by_anycorn(app: Any, sock: Any, end: anyio.Event) -> None:
    config = _configured(anycorn.Config(), sock)
    await anycorn.serve(app, config, shutdown_trigger=end.wait)


@asynccontextmanager
async def running(serve: Serve, app: Any) -> AsyncIterator[int]:
    sock, port = listening()
    end = anyio.Event()
    with sock:
        async with anyio.create_task_group() as group:
            group.start_soon(serve, app, sock, end)
            try:
                yield port
            finally:
                end.set()


@pytest.fixture
def server(request: pytest.FixtureRequest, blockbuster: BlockBuster) -> Serve:
    blockbuster.deactivate()  # servers read their certificates, and the like
    chosen: Serve = request.param
    return chosen


BOTH = [
    pytest.param("asyncio", by_uvicorn, id="uvicorn-asyncio"),
    pytest.param("asyncio", by_hypercorn, id="hypercorn-asyncio"),
    pytest.param("trio", by_hypercorn, id="hypercorn-trio"),
    pytest.param("asyncio", by_anycorn, id="anycorn-asyncio"),
    pytest.param("trio", by_anycorn, id="anycorn-trio"),
]


@pytest.mark.parametrize(("anyio_backend", "server"), BOTH, indirect=["server"])
async def test_no_request_has_another_tenants_key_or_fails_while_keys_rotate(
    server: Serve,
) -> None:
    container: Any = App()
    versions: Versions = container.versions()
    _, app = application(container)
    async with running(server, app) as port:
        async with await anyio.connect_tcp("127.0.0.1", port) as stream:
            assert (await get(stream, "/", "acme/.."))[0] == 400
            assert (await get(stream, "/", "tenant-1"))[0] == 200
        secrets = app.reader

        async def rotate(name: str) -> None:
            async with secrets.tenant(name) as bound:
                await bound.refresh("KEY")

        seen = await Load(port, versions, rotate).run(connections=16, requests=50)
    assert (seen.foreign, seen.failed, seen.stale) == ([], [], [])
    assert seen.requests == 16 * 50
    assert seen.rotations > 0
    assert container.secrets().scope is None


class Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


async def test_flask_serves_tenants_over_a_real_socket() -> None:
    container: Any = App()
    app = Flask("shop")
    app.get("/")(lambda: str(request_secrets().lookup_sync("KEY")))
    held = await anyio.to_thread.run_sync(
        lambda: FlaskSecrets(app, lifetime(container), tenant=from_header("x-tenant"))
    )
    server = make_server("127.0.0.1", 0, app, handler_class=Quiet)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        for name, status in (("tenant-3", 200), ("tenant-4", 200), ("..", 400)):
            async with await anyio.connect_tcp(
                "127.0.0.1", server.server_port
            ) as stream:
                answer, body = await get(stream, "/", name)
            assert answer == status
            if status == 200:
                assert body == f"key-of/{name}/000000"
    finally:
        await anyio.to_thread.run_sync(server.shutdown)
        server.server_close()
        await anyio.to_thread.run_sync(thread.join)
        await anyio.to_thread.run_sync(held.close)
