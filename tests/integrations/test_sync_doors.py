"""The sync doors: WSGI, Flask and Django, through the plain `with`."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import anyio
import django
import pytest
from dependency_injector import containers, providers
from django.conf import settings
from django.http import HttpResponse, StreamingHttpResponse
from django.test import AsyncClient, Client
from django.urls import path
from flask import Flask, Response

from secretscope import (
    ConfigurationError,
    DictSecrets,
    NoTenantError,
    NotOpenError,
    ScopedSecrets,
    SecretsBackend,
    StoreUnavailableError,
    UnknownTenantError,
    lifetime,
    redact,
)
from secretscope.integrations.django import PROCESS, SecretsMiddleware
from secretscope.integrations.flask import (
    FlaskSecrets,
    RequestOverride,
    from_header,
    request_secrets,
)
from secretscope.integrations.wsgi import SecretsMiddleware as WSGIMiddleware
from secretscope.integrations.wsgi import secrets_of

BROUGHT = RequestOverride("X-Acme-Key", "KEY")
KEY = {"acme": "acme-key-0000001", "acme2": "acme2-key-000001"}


class App(containers.DeclarativeContainer):
    store = providers.Singleton(
        DictSecrets, {f"t/{name}/KEY": key for name, key in KEY.items()}
    )
    backend = SecretsBackend(store, settings={"tenants": {"path": "t/{tenant}/{ref}"}})
    secrets = ScopedSecrets(backend)


def tenant_of_environ(environ: dict[str, Any]) -> Any:
    name = from_header("X-Tenant")(environ)
    return judge(name)


def judge(name: str | None) -> Any:
    if name == "globex":
        raise UnknownTenantError(name, where="the list")
    if name == "number":
        return 7  # what a careless function gives
    if name == "down":
        raise StoreUnavailableError("s", retry_after=7)
    return name


# --- Flask ---------------------------------------------------------------------------


@pytest.fixture
def flask() -> Iterator[Flask]:
    container: Any = App()
    app = Flask("shop")
    read = container.secrets().lookup_sync

    @app.get("/")
    def key() -> str:
        assert request_secrets().lookup_sync("KEY") == read("KEY")
        return str(read("KEY"))

    @app.get("/stream")
    def stream() -> Response:
        return Response(str(read("KEY")) for _ in range(3))

    @app.get("/down")
    def down() -> str:
        raise StoreUnavailableError("s")

    @app.get("/healthz")
    def health() -> str:
        return str(request_secrets().redact("fine"))

    @app.get("/seen")
    def seen() -> str:
        from flask import request  # noqa: PLC0415

        return str("X-Acme-Key" in request.headers)

    app.testing = True
    opened = FlaskSecrets(
        app,
        lifetime(container),
        tenant=tenant_of_environ,
        overrides=[BROUGHT],
        without_tenant=["/healthz"],
    )
    yield app
    opened.close()
    opened.close()
    assert container.secrets().scope is None


def test_flask_serves_each_request_in_its_tenants_scope(flask: Flask) -> None:
    meet = threading.Barrier(8, timeout=10)

    def work(number: int) -> None:
        name = ("acme", "acme2")[number % 2]
        client = flask.test_client()
        for _ in range(10):
            meet.wait()
            assert client.get("/", headers={"X-Tenant": name}).text == KEY[name]
            answer = client.get("/stream", headers={"X-Tenant": name})
            assert answer.text == KEY[name] * 3
            answer.close()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))
    assert flask.test_client().get("/healthz").text == "fine"


def test_flask_refuses_as_the_other_doors_do(flask: Flask) -> None:
    client = flask.test_client()
    for name in ("acme/..", "acme,acme2", "a" * 1_000_000, "acmé"):
        assert client.get("/", headers={"X-Tenant": name}).status_code == 400
    assert client.get("/").status_code == 400
    assert client.get("/", headers={"X-Tenant": "globex"}).status_code == 404
    answer = client.get("/", headers={"X-Tenant": "down"})
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "7")
    answer = client.get("/down", headers={"X-Tenant": "acme"})
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")


def test_flask_takes_a_key_that_is_brought_for_one_request(flask: Flask) -> None:
    client = flask.test_client()
    given = {"X-Tenant": "acme", "X-Acme-Key": "brought-key-0002"}
    assert client.get("/", headers=given).text == "brought-key-0002"
    assert client.get("/seen", headers=given).text == "False"
    assert redact("brought-key-0002") == "[REDACTED]"
    assert client.get("/", headers={"X-Tenant": "acme"}).text == KEY["acme"]
    assert client.get("/", headers={**given, "X-Acme-Key": "no"}).status_code == 400


def test_flask_opens_at_the_first_request_where_it_is_told_to() -> None:
    container: Any = App()
    app = Flask("shop")
    app.get("/")(lambda: str(request_secrets().lookup_sync("KEY")))
    held = FlaskSecrets(
        app,
        lifetime(container),
        tenant=from_header("X-Tenant"),
        at_first_request=True,
    )
    for _ in range(2):  # closed, it is opened again
        assert container.secrets().scope is None
        answer = app.test_client().get("/", headers={"X-Tenant": "acme"})
        assert answer.text == KEY["acme"]
        assert container.secrets().scope is not None
        held.close()


def test_any_wsgi_application_is_served() -> None:
    container: Any = App()
    said: list[Any] = []

    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        if environ["PATH_INFO"] == "/down":
            raise StoreUnavailableError("s")
        bound = secrets_of(environ)
        return [str(bound.lookup_sync("KEY")).encode()]

    with lifetime(container) as secrets:
        other = RequestOverride("X-Other", "OTHER")
        served = WSGIMiddleware(
            app, secrets, tenant=from_header("X-Tenant"), overrides=[BROUGHT, other]
        )

        def ask(path: str = "/", **headers: str) -> list[bytes]:
            given = {"PATH_INFO": path, **{f"HTTP_{k}": v for k, v in headers.items()}}
            body: Any = served(given, lambda *what: said.append(what))
            answer = list(body)
            getattr(body, "close", list)()
            return answer

        assert ask(X_TENANT="acme") == [b"acme-key-0000001"]
        assert ask("/down", X_TENANT="acme") == [b"Service Unavailable\n"]
        brought = {"X_ACME_KEY": "no", "X_OTHER": "other-key-000001"}
        assert ask(X_TENANT="acme", **brought) == [b"Bad Request\n"]
        assert [status for status, _ in said] == [
            "503 Service Unavailable",
            "400 Bad Request",
        ]
        plain = WSGIMiddleware(app, secrets)
        with pytest.raises(NoTenantError):
            plain({"PATH_INFO": "/"}, said.append)


def test_a_request_outside_the_middleware_has_no_secrets() -> None:
    with pytest.raises(NotOpenError):
        secrets_of({})


# --- Django --------------------------------------------------------------------------

CONTAINER: Any = App()
OPENED = lifetime(CONTAINER)


def tenant_of(request: Any) -> Any:
    return judge(request.headers.get("X-Tenant"))


def key_view(request: Any) -> HttpResponse:
    read = CONTAINER.secrets().lookup_sync
    assert request.secrets.lookup_sync("KEY") == read("KEY")
    return HttpResponse(read("KEY"))


async def async_view(request: Any) -> HttpResponse:
    await anyio.lowlevel.checkpoint()
    assert await request.secrets.resolve("KEY") == await CONTAINER.secrets().resolve(
        "KEY"
    )
    return HttpResponse(CONTAINER.secrets().lookup_sync("KEY"))


def stream_view(request: Any) -> StreamingHttpResponse:
    read = CONTAINER.secrets().lookup_sync
    return StreamingHttpResponse(read("KEY") for _ in range(3))


def down_view(request: Any) -> HttpResponse:
    raise StoreUnavailableError("s")


def broken_view(request: Any) -> HttpResponse:
    raise ZeroDivisionError


def health_view(request: Any) -> HttpResponse:
    return HttpResponse(str(request.secrets.tenant))


def seen_view(request: Any) -> HttpResponse:
    return HttpResponse(str("X-Acme-Key" in request.headers))


urlpatterns = [
    path("", key_view),
    path("async", async_view),
    path("stream", stream_view),
    path("down", down_view),
    path("broken", broken_view),
    path("healthz", health_view),
    path("seen", seen_view),
]


@pytest.fixture(scope="module", autouse=True)
def project() -> None:
    settings.configure(
        ROOT_URLCONF=__name__,
        ALLOWED_HOSTS=["*"],
        SECRET_KEY="x" * 50,
        MIDDLEWARE=["secretscope.integrations.django.SecretsMiddleware"],
        SECRETSCOPE={
            "lifetime": f"{__name__}.OPENED",
            "tenant": f"{__name__}.tenant_of",
            "overrides": [BROUGHT],
            "without_tenant": ["/healthz"],
        },
    )
    django.setup()


@pytest.fixture
def process() -> Iterator[None]:
    yield
    PROCESS.close()
    PROCESS.close()
    assert CONTAINER.secrets().scope is None


@pytest.mark.parametrize("where", ["/", "/async", "/stream"])
def test_django_serves_sync_requests_in_their_tenants_scope(
    process: None, where: str
) -> None:
    def work(number: int) -> None:
        name = ("acme", "acme2")[number % 2]
        for _ in range(5):
            answer: Any = Client().get(where, headers={"X-Tenant": name})
            body = b"".join(answer) if answer.streaming else answer.content
            answer.close()
            assert body.decode() == KEY[name] * (3 if answer.streaming else 1)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(8)))


@pytest.mark.parametrize("anyio_backend", ["asyncio"])
@pytest.mark.parametrize("where", ["/", "/async"])
async def test_django_serves_async_requests_in_their_tenants_scope(
    process: None, where: str
) -> None:
    async def work(name: str) -> None:
        for _ in range(3):
            answer = await AsyncClient().get(where, headers={"X-Tenant": name})
            assert answer.content.decode() == KEY[name]

    async with anyio.create_task_group() as group:
        for name in ("acme", "acme2") * 4:
            group.start_soon(work, name)


@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_django_refuses_async_requests_as_the_other_doors_do(
    process: None,
) -> None:
    client = AsyncClient()
    assert (await client.get("/async")).status_code == 400
    for name, status in (("globex", 404), ("number", 400)):
        answer = await client.get("/async", headers={"X-Tenant": name})
        assert answer.status_code == status
    assert (await client.get("/healthz")).content == b"None"


def test_django_refuses_as_the_other_doors_do(process: None) -> None:
    client = Client(raise_request_exception=False)
    assert client.get("/").status_code == 400
    for malformed in ("acme/..", "number"):
        assert client.get("/", headers={"X-Tenant": malformed}).status_code == 400
    assert client.get("/", headers={"X-Tenant": "globex"}).status_code == 404
    for where, name, wait in (("/", "down", "7"), ("/down", "acme", "5")):
        answer = client.get(where, headers={"X-Tenant": name})
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, wait)
    assert client.get("/broken", headers={"X-Tenant": "acme"}).status_code == 500
    assert client.get("/healthz").content == b"None"


def test_django_takes_a_key_that_is_brought_for_one_request(process: None) -> None:
    given = {"X-Tenant": "acme", "X-Acme-Key": "brought-key-0003"}
    assert Client().get("/", headers=given).content == b"brought-key-0003"
    assert Client().get("/seen", headers=given).content == b"False"
    assert Client().get("/", headers={**given, "X-Acme-Key": "no"}).status_code == 400


def test_django_says_what_its_settings_lack(
    process: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "SECRETSCOPE", {})
    with pytest.raises(ConfigurationError, match="lifetime"):
        SecretsMiddleware(key_view)(Client().request().wsgi_request)
