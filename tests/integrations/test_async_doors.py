"""FastAPI, Starlette and Litestar behind the ASGI door."""

from collections.abc import AsyncIterator
from typing import Annotated, Any

import anyio
import pytest
from dependency_injector import containers, providers
from dependency_injector.wiring import Provide, inject
from fastapi import BackgroundTasks, Depends, FastAPI, WebSocket
from fastapi.responses import StreamingResponse
from litestar import Litestar, get
from litestar import Request as LitestarRequest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from secretscope import (
    Agent,
    AgentFactory,
    MissingSecretError,
    ScopedSecrets,
    SecretsBackend,
    SecretValue,
    StoreUnavailableError,
    Tuning,
    lifetime,
)
from secretscope.integrations.asgi import SecretsMiddleware, from_header, secrets_of
from secretscope.integrations.fastapi import RequestSecrets, secret
from tests.integrations.asgi_driver import ask, connection, exchange, lifespan

KEY = {"acme": "acme-key-0000001", "acme2": "acme2-key-000001"}


class App(containers.DeclarativeContainer):
    backend = SecretsBackend(
        {
            "backend": "dict",
            "dict": {
                f"t/{name}/{ref}": key
                for name, key in KEY.items()
                for ref in ("KEY", "ECHO_API_KEY")
            },
            "tenants": {"path": "t/{tenant}/{ref}"},
        }
    )
    secrets = ScopedSecrets(backend)
    key = SecretValue(secrets, "KEY")
    tuning = providers.Factory(Tuning, secrets=secrets)
    agent = AgentFactory(Agent, "Echo.", model="echo", tuning=tuning)


CONTAINER: Any = App()


def by_tenant(app: Any, container: Any = CONTAINER) -> SecretsMiddleware:
    return SecretsMiddleware(app, lifetime(container), tenant=from_header("x-tenant"))


async def ask_as(app: Any, name: str, path: str = "/") -> str:
    status, body = await ask(app, path, [(b"x-tenant", name.encode())])
    assert status == 200, body
    return body.decode().strip('"')


async def talk(socket: WebSocket, secrets: RequestSecrets) -> None:
    await socket.accept()
    await socket.send_text(str(secrets.lookup_sync("KEY")))
    await socket.close()


@inject
async def wired(
    agent: Annotated[Agent, Depends(Provide[App.agent])],
    key: Annotated[str, Depends(Provide[App.key])],
) -> str:
    assert key == CONTAINER.secrets().lookup_sync("KEY")
    return str((await agent.run("Hello")).output)


def fast() -> FastAPI:
    app = FastAPI()
    read = CONTAINER.secrets().lookup_sync

    @app.get("/")
    async def key(
        secrets: RequestSecrets,
        key: Annotated[str, secret("KEY")],
        other: Annotated[str, secret("OTHER", default="none")],
    ) -> str:
        assert (key, other) == (secrets.lookup_sync("KEY"), "none")
        return key

    @app.get("/sync")
    def in_a_thread(secrets: RequestSecrets) -> Any:
        assert secrets.lookup_sync("KEY") == read("KEY")
        return read("KEY")

    @app.get("/required")
    async def required(key: Annotated[str, secret("OTHER")]) -> str:
        return key

    app.get("/wired")(wired)

    @app.get("/stream")
    async def stream(tasks: BackgroundTasks) -> StreamingResponse:
        async def body() -> AsyncIterator[str]:
            for _ in range(3):
                await anyio.lowlevel.checkpoint()
                yield read("KEY")

        tasks.add_task(lambda: AFTER.append(read("KEY")))
        return StreamingResponse(body(), background=tasks)

    app.websocket("/ws")(talk)
    return app


AFTER: list[str] = []


@pytest.mark.parametrize("where", ["/", "/sync", "/stream"])
async def test_fastapi_endpoints_read_their_tenants_keys(where: str) -> None:
    app = by_tenant(fast())
    AFTER.clear()
    async with lifespan(app):

        async def work(name: str) -> None:
            times = 3 if where == "/stream" else 1
            assert await ask_as(app, name, where) == KEY[name] * times

        async with anyio.create_task_group() as group:
            for name in ("acme", "acme2") * 6:
                group.start_soon(work, name)
    if where == "/stream":
        assert sorted(AFTER) == sorted([*KEY.values()] * 6)


async def test_fastapi_wires_providers_that_read_the_requests_secrets() -> None:
    CONTAINER.wire(modules=[__name__])
    try:
        app = by_tenant(fast())
        async with lifespan(app):
            one, two = (
                await ask_as(app, "acme", "/wired"),
                await ask_as(app, "acme2", "/wired"),
            )
            assert one != two
            with pytest.raises(MissingSecretError):
                await ask_as(app, "acme", "/required")
            sent = await exchange(
                app,
                connection(
                    "/ws", [(b"x-tenant", b"acme")], type="websocket", subprotocols=[]
                ),
            )
            assert [each.get("text") for each in sent][1] == KEY["acme"]
    finally:
        CONTAINER.unwire()


async def test_starlette_adds_the_middleware_as_any_other() -> None:
    async def key(request: Request) -> PlainTextResponse:
        assert request.state.secrets is secrets_of(request.scope)
        if "down" in request.query_params:
            raise StoreUnavailableError("s")
        return PlainTextResponse(request.state.secrets.lookup_sync("KEY"))

    app = Starlette(
        routes=[Route("/", key)],
        middleware=[
            Middleware(
                SecretsMiddleware,
                secrets=lifetime(CONTAINER),
                tenant=from_header("x-tenant"),
            )
        ],
    )
    async with lifespan(app):
        for name, key_of in KEY.items():
            assert await ask_as(app, name) == key_of
        assert (await ask(app))[0] == 400
        scope = connection(headers=[(b"x-tenant", b"acme")])
        sent = await exchange(app, {**scope, "query_string": b"down=1"})
        assert sent[0]["status"] == 503


async def test_litestar_is_wrapped_as_it_is() -> None:
    @get("/")
    async def key(request: LitestarRequest[Any, Any, Any]) -> str:
        secrets = secrets_of(request.scope)
        return str(secrets.lookup_sync("KEY"))

    app = by_tenant(Litestar([key], openapi_config=None))
    async with lifespan(app):
        for name, key_of in KEY.items():
            assert await ask_as(app, name) == key_of
