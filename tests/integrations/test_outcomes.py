"""What an application meets in its tenant's scope is answered alike by every door."""

from collections.abc import Awaitable, Callable
from typing import Any

import anyio
import pytest
from dependency_injector import containers, providers
from fastapi import FastAPI
from flask import Flask
from litestar import Litestar, get
from litestar import Request as LitestarRequest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from secretscope import (
    DictSecrets,
    MissingSecretError,
    ScopedSecrets,
    SecretsBackend,
    StoreUnavailableError,
    lifetime,
)
from secretscope.integrations import wsgi
from secretscope.integrations.asgi import SecretsMiddleware, from_header, secrets_of
from secretscope.integrations.fastapi import RequestSecrets
from secretscope.integrations.flask import FlaskSecrets, request_secrets
from secretscope.integrations.litestar import HANDED_ON
from tests.integrations.asgi_driver import connection, exchange, lifespan


class Store(DictSecrets):
    async def resolve(self, ref: str) -> str:
        if ref.endswith("/DOWN"):
            raise StoreUnavailableError("the store", retry_after=7)
        return await super().resolve(ref)


class App(containers.DeclarativeContainer):
    store = providers.Factory(
        Store, {"t/acme/KEY": "acme-key-0000001", "SHARED": "shared-key-00001"}
    )
    backend = SecretsBackend(
        store,
        settings={"tenants": {"path": "t/{tenant}/{ref}", "inherit": ["SHARED"]}},
    )
    secrets = ScopedSecrets(backend)


class Billed(App):
    other = SecretsBackend(
        providers.Factory(Store, {"b/ghost/KEY": "ghosts-bill-0001"}),
        settings={"tenants": {"path": "b/{tenant}/{ref}"}},
    )
    bills = ScopedSecrets(other)


CASES = [
    ("acme", "KEY", 200),
    ("acme", "OTHER", 500),  # a tenant that lacks a secret is the application's fault
    ("acme", "DOWN", 503),
    ("ghost", "KEY", 404),  # one that lacks all is nobody
    ("ghost", "SHARED", 200),
    ("ghost", "DOWN", 503),
]


def fastapi() -> Any:
    app = FastAPI()

    @app.get("/{ref}")
    async def read(ref: str, secrets: RequestSecrets) -> str:
        await secrets.resolve("SHARED")
        return await secrets.resolve(ref)

    return app


def starlette() -> Any:
    async def read(request: Request) -> PlainTextResponse:
        secrets = request.state.secrets
        await secrets.resolve("SHARED")
        value = await secrets.resolve(request.path_params["ref"])
        return PlainTextResponse(value)

    return Starlette(routes=[Route("/{ref}", read)])


def litestar() -> Any:
    @get("/{ref:str}")
    async def read(request: LitestarRequest[Any, Any, Any]) -> str:
        secrets, ref = secrets_of(request.scope), request.path_params["ref"]
        await secrets.resolve("SHARED")
        return await secrets.resolve(ref)

    return Litestar(
        [read],
        openapi_config=None,
        exception_handlers=HANDED_ON,
    )


async def exchanged(app: Any, tenant: str, ref: str) -> list[dict[str, Any]]:
    sent: list[dict[str, Any]] = []

    async def kept(scope: Any, receive: Any, send: Any) -> None:
        async def note(message: dict[str, Any]) -> None:
            sent.append(message)
            await send(message)

        await app(scope, receive, note)

    try:
        await exchange(kept, connection(f"/{ref}", [(b"x-tenant", tenant.encode())]))
    except MissingSecretError:  # for the server's log
        assert (tenant, ref) == ("acme", "OTHER")
    return sent


@pytest.mark.parametrize("make", [fastapi, starlette, litestar])
async def test_async_applications_are_answered_for(make: Callable[[], Any]) -> None:
    # each case with a lifetime of its own: nothing else was asked for in the tenant
    for tenant, ref, status in CASES:
        app = SecretsMiddleware(make(), lifetime(App()), tenant=from_header("x-tenant"))
        async with lifespan(app):
            if tenant == "acme":
                await exchanged(app, tenant, "KEY")
            sent = await exchanged(app, tenant, ref)
        if (status, make) == (500, litestar):  # the server answers
            assert sent == []
            continue
        assert sent[0]["status"] == status
        assert [each["type"][14:] for each in sent] == ["start", "body"]
        if status == 503:
            assert (b"retry-after", b"7") in sent[0]["headers"]
        if status == 404:
            assert sent[1]["body"] == b"Not Found\n"


@pytest.mark.parametrize(("tenant", "ref", "status"), CASES)
def test_flask_is_answered_for(tenant: str, ref: str, status: int) -> None:
    app = Flask("shop")

    @app.get("/<ref>")
    def read(ref: str) -> str:
        secrets = request_secrets()
        anyio.run(secrets.resolve, "SHARED")
        return str(anyio.run(secrets.resolve, ref))

    held = FlaskSecrets(app, lifetime(App()), tenant=wsgi.from_header("x-tenant"))
    client = app.test_client()
    try:
        if tenant == "acme":
            client.get("/KEY", headers={"x-tenant": tenant})
        answer = client.get(f"/{ref}", headers={"x-tenant": tenant})
    finally:
        held.close()
    assert answer.status_code == status
    assert answer.headers.get("retry-after") == ("7" if status == 503 else None)


def test_a_wsgi_application_is_answered_for() -> None:
    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        secrets: Any = wsgi.secrets_of(environ)
        return [str(secrets.peek(environ["PATH_INFO"][1:])).encode()]

    said: list[str] = []
    container: Any = App()
    with lifetime(container) as secrets:
        with secrets.tenant("ghost"), pytest.raises(MissingSecretError):
            anyio.run(secrets.resolve, "KEY")
        served = wsgi.SecretsMiddleware(
            app, secrets, tenant=wsgi.from_header("x-tenant")
        )

        def ask(tenant: str, ref: str) -> bytes:
            environ = {"PATH_INFO": f"/{ref}", "HTTP_X_TENANT": tenant}
            return b"".join(served(environ, lambda status, _: said.append(status)))

        assert ask("acme", "KEY") == b"acme-key-0000001"
        assert ask("ghost", "KEY") == b"Not Found\n"
        with pytest.raises(MissingSecretError):
            ask("acme", "OTHER")
    assert said == ["404 Not Found"]


async def test_a_tenant_of_whom_one_store_has_something_is_known() -> None:
    container: Any = Billed()
    async with lifetime(container) as secrets:
        assert not secrets.is_unknown("ghost")  # nothing was asked for
        async with secrets.tenant("ghost"):
            assert not secrets.is_unknown("ghost")
            with pytest.raises(MissingSecretError):
                await container.secrets().resolve("KEY")
            assert secrets.is_unknown("ghost")
            assert await container.bills().resolve("KEY") == "ghosts-bill-0001"
            assert not secrets.is_unknown("ghost")


Sender = Callable[[Any], Awaitable[None]]


def start(status: int) -> dict[str, Any]:
    return {"type": "http.response.start", "status": status, "headers": []}


def part(body: bytes, *, more: bool) -> dict[str, Any]:
    return {"type": "http.response.body", "body": body, "more_body": more}


ANSWERS = [
    [start(500)],
    [start(500), part(b"sorry", more=False)],
    [start(500), part(b"so", more=True), part(b"rry", more=False)],
    [start(200), part(b"", more=False)],
    [{"type": "http.response.debug"}, start(500), part(b"sorry", more=False)],
]


@pytest.mark.parametrize("answer", ANSWERS)
@pytest.mark.parametrize("error", [None, StoreUnavailableError("s"), OSError("own")])
async def test_an_applications_own_500_is_sent_as_it_is_unless_a_store_is_down(
    answer: list[dict[str, Any]], error: Exception | None
) -> None:
    async def app(scope: Any, receive: Any, send: Sender) -> None:
        for message in answer:
            await send(message)
        if error is not None:
            raise error

    sent: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    async def receive() -> dict[str, Any]:
        raise AssertionError

    async with lifetime(App()) as secrets:
        served = SecretsMiddleware(app, secrets, tenant=from_header("x-tenant"))
        scope = connection(headers=[(b"x-tenant", b"acme")])
        held = answer[0] == start(500) and not any(m.get("more_body") for m in answer)
        if isinstance(error, StoreUnavailableError) and held:
            await served(scope, receive, send)
            assert [each.get("status") for each in sent] == [503, None]
            return
        if error is not None:
            with pytest.raises(type(error)):
                await served(scope, receive, send)
        else:
            await served(scope, receive, send)
        assert sent == answer
