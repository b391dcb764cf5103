"""The ASGI door: whose scope a request is served in, and who is refused."""

import logging
from typing import Any

import anyio
import anyio.lowlevel
import anyio.to_thread
import pytest
from dependency_injector import containers, providers

from secretscope import (
    ConfigurationError,
    DictSecrets,
    InvalidRefError,
    LifespanError,
    MissingSecretError,
    NoTenantError,
    ScopeClosedError,
    ScopedSecrets,
    SecretsBackend,
    StoreTimeoutError,
    StoreUnavailableError,
    UnknownTenantError,
    lifetime,
    needs,
    redact,
)
from secretscope.integrations.asgi import (
    RequestOverride,
    SecretsMiddleware,
    from_claim,
    from_header,
    from_path,
    from_subdomain,
    secrets_of,
)
from tests.integrations.asgi_driver import ask, connection, exchange, lifespan

BY_HEADER = from_header("X-Tenant")
ACME = [(b"x-tenant", b"acme")]


class Shaky(DictSecrets):
    """A store that fails as it is told to."""

    error: Exception | None = None
    closed = False

    async def resolve(self, ref: str) -> str:
        await anyio.lowlevel.checkpoint()
        if self.error is not None and ref.startswith("t/"):
            raise self.error
        return await super().resolve(ref)

    async def open(self) -> None:
        self.closed = False

    async def aclose(self) -> None:
        self.closed = True

    def peek(self, ref: str) -> str:
        if self.error is not None:
            raise MissingSecretError(ref, where="here")
        return super().peek(ref)


class App(containers.DeclarativeContainer):
    store = providers.Singleton(
        Shaky,
        {
            "KEY": "platform-key-0001",
            "t/acme/KEY": "acme-key-0000001",
            "t/acme2/KEY": "acme2-key-000001",
        },
    )
    backend = SecretsBackend(store, settings={"tenants": {"path": "t/{tenant}/{ref}"}})
    secrets = ScopedSecrets(backend)
    thing = needs(secrets, optional=["KEY"])


class Echo:
    """An application that answers with the key it reads, before and while it streams."""

    def __init__(self, container: Any) -> None:
        self.read = container.secrets().lookup_sync
        self.seen: list[dict[str, Any]] = []
        self.error: Exception | None = None
        self.after: list[str | None] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await self.live(receive, send)
            return
        self.seen.append(scope)
        await anyio.lowlevel.checkpoint()
        if self.error is not None and scope["path"] != "/late":
            raise self.error
        if scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.accept"})
            await send({"type": "websocket.send", "text": self.read("KEY")})
            await send({"type": "websocket.close"})
            return
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for _ in range(2):
            await anyio.lowlevel.checkpoint()
            body = str(self.read("KEY")).encode()
            await send({"type": "http.response.body", "body": body, "more_body": True})
        if self.error is not None:
            raise self.error
        await send({"type": "http.response.body", "body": b""})
        self.after.append(await anyio.to_thread.run_sync(self.read, "KEY"))

    async def live(self, receive: Any, send: Any) -> None:
        assert (await receive())["type"] == "lifespan.startup"
        await send({"type": "lifespan.startup.complete"})
        assert (await receive())["type"] == "lifespan.shutdown"
        await send({"type": "lifespan.shutdown.complete"})


def served(**options: Any) -> tuple[Any, Echo, SecretsMiddleware]:
    container: Any = App()
    echo = Echo(container)
    options.setdefault("tenant", BY_HEADER)
    return container, echo, SecretsMiddleware(echo, lifetime(container), **options)


async def test_each_request_reads_its_own_tenants_key_until_its_end() -> None:
    _, echo, app = served()
    async with lifespan(app) as state:
        answers: dict[str, bytes] = {}

        async def one(name: str) -> None:
            _, answers[name] = await ask(app, headers=[(b"x-tenant", name.encode())])

        async with anyio.create_task_group() as group:
            for name in ("acme", "acme2") * 10:
                group.start_soon(one, name)
        assert answers["acme"] == b"acme-key-0000001" * 2
        assert answers["acme2"] == b"acme2-key-000001" * 2
        assert set(echo.after) == {"acme-key-0000001", "acme2-key-000001"}
        bound = secrets_of(echo.seen[0])
        assert bound.tenant in {"acme", "acme2"}
        with pytest.raises(ScopeClosedError):
            bound.lookup_sync("KEY")
        with pytest.raises(NoTenantError):
            state["secrets"].lookup_sync("KEY")


async def test_a_websocket_is_served_in_its_tenants_scope() -> None:
    _, _, app = served()
    async with lifespan(app):
        sent = await exchange(app, connection(headers=ACME, type="websocket"))
    assert [message.get("text") for message in sent][1] == "acme-key-0000001"


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [(b"x-tenant", b"acme"), (b"x-tenant", b"acme2")],
        [(b"x-tenant", b"acme"), (b"X-Tenant", b"acme")],
        [(b"x-tenant", b"acme/../acme2")],
        [(b"x-tenant", b"acme/..")],
        [(b"x-tenant", b"acme\r\nx-tenant: acme2")],
        [(b"x-tenant", b"")],
        [(b"x-tenant", b"acme,acme2")],
        [(b"x-tenant", "acmé".encode())],
        [(b"x-tenant", "acmé".encode("utf-16"))],
        [(b"x-tenant", b"\xff\xfe")],
        [(b"x-tenant", b"a" * 10_000_000)],
        [(b"x-tenant", b"acme\0")],
    ],
    ids=range(13),
)
async def test_a_request_that_names_no_tenant_clearly_is_refused(
    headers: list[tuple[bytes, bytes]], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "secretscope")
    container, echo, app = served()
    async with lifespan(app):
        assert await ask(app, headers=headers) == (400, b"Bad Request\n")
        sent = await exchange(app, connection(headers=headers, type="websocket"))
        assert sent == [{"type": "websocket.close", "code": 1008, "reason": ""}]
        assert not container.secrets().scope.tenants
    assert echo.seen == []
    assert [r for r in caplog.records if r.name.startswith("secretscope")] == []


async def test_an_unknown_tenant_is_not_found_and_nobody_is_named() -> None:
    async def tenant(scope: Any) -> str:
        raise UnknownTenantError("globex", where="the list of tenants")

    _, _, app = served(tenant=tenant)
    async with lifespan(app):
        assert await ask(app, headers=ACME) == (404, b"Not Found\n")


@pytest.mark.parametrize(
    ("error", "seconds"),
    [
        (StoreUnavailableError("s", retry_after=7.2), b"8"),
        (StoreUnavailableError("s", retry_after=1e9), b"3600"),
        (StoreTimeoutError("s", seconds=3), b"5"),
        (ConnectionRefusedError("a store of one's own"), b"5"),
        (ScopeClosedError("this tenant"), b"5"),
    ],
    ids=str,
)
async def test_an_outage_is_told_with_when_to_come_again(
    error: Exception, seconds: bytes
) -> None:
    container, echo, app = served()
    async with lifespan(app):
        container.store().error = error
        sent = await exchange(app, connection(headers=ACME))
        assert sent[0]["status"] == 503
        assert (b"retry-after", seconds) in sent[0]["headers"]
        sent = await exchange(app, connection(headers=ACME, type="websocket"))
        assert sent[0]["code"] == 1013
        more: dict[str, Any] = {
            "extensions": {"websocket.http.response": {}},
            "type": "websocket",
        }
        sent = await exchange(app, connection(headers=ACME, **more))
        assert [message["type"] for message in sent] == [
            "websocket.http.response.start",
            "websocket.http.response.body",
        ]
        container.store().error = None
        assert (await ask(app, headers=ACME))[0] == 200
    assert len(echo.seen) == 1


async def test_an_outage_that_the_application_meets_is_told_too() -> None:
    _, echo, app = served()
    echo.error = StoreUnavailableError("s")
    async with lifespan(app):
        assert (await ask(app, headers=ACME))[0] == 503
        sent = await exchange(app, connection(headers=ACME, type="websocket"))
        assert sent[0]["code"] == 1013
        with pytest.raises(StoreUnavailableError):  # it had begun to answer
            await ask(app, "/late", headers=ACME)
        echo.error = ConnectionError("the application's own")
        with pytest.raises(ConnectionError, match="own"):
            await ask(app, headers=ACME)


async def test_tenants_are_found_in_subdomains_paths_and_claims() -> None:
    class User:
        tenant = "acme"

    async def found(where: Any, **scope: Any) -> Any:
        return await where(connection(**scope))

    host = from_subdomain("Example.com")
    for name, expected in {
        b"acme.example.com": "acme",
        b"ACME.example.com:8080": "acme",
        b"a.b.example.com": None,
        b"example.com": None,
        b"acme.example.com.evil.org": None,
        b"evilexample.com": None,
        b".example.com": "",
    }.items():
        assert await found(host, headers=[(b"host", name)]) == expected
    assert await found(host) is None
    path = from_path("/tenants/{tenant}")
    assert await found(path, path="/tenants/acme/orders") == "acme"
    assert await found(path, path="/tenants/acme") == "acme"
    assert await found(path, path="/api/tenants/acme", root_path="/api") == "acme"
    assert await found(path, path="/tenants/") is None
    assert await found(path, path="/other") is None
    for template in ("tenants/{tenant}", "/tenants", "/{tenant}/more", "/x{tenant}"):
        with pytest.raises(ConfigurationError, match="from_path"):
            from_path(template)
    claim = from_claim("user", "tenant")
    assert await found(claim, user=User()) == "acme"
    assert await found(claim, user={"tenant": "acme"}) == "acme"
    assert await found(claim, user={"tenant": ["acme"]}) is None
    assert await found(claim) is None


async def test_some_paths_are_the_applications() -> None:
    container, echo, app = served(without_tenant=["/healthz"])
    container.backend.override(
        providers.Object(DictSecrets({"KEY": "the-fake-key-01"}))
    )
    async with lifespan(app):
        with pytest.raises(NoTenantError):
            await ask(app, "/healthz")
        assert (await ask(app, "/healthz/"))[0] == 400
        assert secrets_of(echo.seen[0]).tenant is None


async def test_without_tenants_requests_read_as_the_application() -> None:
    container: Any = App()
    plain = SecretsBackend({"backend": "dict", "dict": {"KEY": "platform-key-0001"}})
    container.secrets.override(ScopedSecrets(plain))
    echo = Echo(container)
    app = SecretsMiddleware(echo, lifetime(container))
    async with lifespan(app):
        assert await ask(app) == (200, b"platform-key-0001" * 2)


BROUGHT = RequestOverride("X-Acme-Key", "KEY")


async def test_a_caller_brings_a_key_that_nobody_else_sees() -> None:
    _, echo, app = served(overrides=[BROUGHT])
    key = (b"x-acme-key", b"brought-key-0001")
    async with lifespan(app):
        scope = connection(headers=[*ACME, key, (b"accept", b"*/*")])
        at_first = scope["headers"]
        sent = await exchange(app, scope)
        assert sent[1]["body"] == b"brought-key-0001"
        for headers in (echo.seen[0]["headers"], scope["headers"], at_first):
            assert headers == [*ACME, (b"accept", b"*/*")]
        assert redact("it was brought-key-0001") == "it was [REDACTED]"
        scope = connection(headers=ACME)
        scope["headers"] = (*scope["headers"], key)
        assert (await exchange(app, scope))[1]["body"] == b"brought-key-0001"
        assert (await ask(app, headers=ACME))[1] == b"acme-key-0000001" * 2
        assert (await ask(app, headers=[key]))[0] == 400


@pytest.mark.parametrize(
    "values",
    [
        [b"short"],
        [b"a" * 513],
        [b"a" * 10_000_000],
        [b"with a space 01"],
        [b"with,a,comma,01"],
        ["ünïcödé-kéy-01".encode()],
        [b"line\r\nbreak-0001"],
        [b"good-key-000001", b"good-key-000001"],
    ],
    ids=range(8),
)
async def test_what_can_be_no_key_is_refused_and_not_repeated(
    values: list[bytes],
) -> None:
    other = RequestOverride("x-other", "OTHER")
    _, echo, app = served(overrides=[BROUGHT, other])
    async with lifespan(app):
        headers = [*ACME, *((b"x-acme-key", value) for value in values)]
        headers.append((b"x-other", b"other-key-000001"))
        assert await ask(app, headers=headers) == (400, b"Bad Request\n")
    assert echo.seen == []


def test_an_override_is_of_a_real_header_and_ref() -> None:
    with pytest.raises(ValueError, match="no header's name"):
        RequestOverride("x key", "KEY")
    with pytest.raises(InvalidRefError):
        RequestOverride("x-key", "../KEY")
    with pytest.raises(ValueError, match="longest"):
        RequestOverride("x-key", "KEY", longest=1)


# --- the lifespan --------------------------------------------------------------------


async def test_without_a_lifespan_a_request_fails_with_the_cure() -> None:
    _, _, app = served()
    with pytest.raises(LifespanError, match="lifespan on"):
        await ask(app, headers=ACME)
    with pytest.raises(LifespanError):
        secrets_of({})


async def test_a_lifetime_around_the_server_serves_where_there_is_no_lifespan() -> None:
    container: Any = App()
    async with lifetime(container) as secrets:
        app = SecretsMiddleware(Echo(container), secrets, tenant=BY_HEADER)
        assert (await ask(app, headers=ACME))[0] == 200
        async with lifespan(app) as state:
            assert state["secrets"] is secrets
        await app({"type": "lifespan"}, *_talk())
        assert (await ask(app, headers=ACME))[0] == 200


def _talk() -> tuple[Any, Any]:
    messages = iter([{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}])

    async def receive() -> Any:
        return next(messages)

    async def send(message: Any) -> None:
        pass

    return receive, send


@pytest.mark.parametrize("knows", ["raises", "returns"])
async def test_an_application_without_a_lifespan_is_served_all_the_same(
    knows: str,
) -> None:
    container: Any = App()
    echo = Echo(container)

    async def plain(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "lifespan":
            await echo(scope, receive, send)
        elif knows == "raises":
            raise NotImplementedError

    app = SecretsMiddleware(plain, lifetime(container), tenant=BY_HEADER)
    said: list[Any] = []
    async with lifespan(app, said):
        assert (await ask(app, headers=ACME))[0] == 200
    assert [each["type"] for each in said] == [
        "lifespan.startup.complete",
        "lifespan.shutdown.complete",
    ]
    with pytest.raises(LifespanError):
        await ask(app, headers=ACME)


async def test_stores_close_before_the_server_is_told_of_the_end() -> None:
    container, _, app = served()
    said: list[Any] = []
    closed: list[bool] = []

    class Said(list[Any]):
        def append(self, message: Any) -> None:
            said.append(message["type"])
            closed.append(container.store().closed)

    async with lifespan(app, Said()):
        pass
    assert said == ["lifespan.startup.complete", "lifespan.shutdown.complete"]
    assert closed == [False, True]


async def test_a_lifetime_that_cannot_open_is_a_failed_startup() -> None:
    container: Any = App()
    container.thing.override(needs(container.backend, "NOWHERE"))
    app = SecretsMiddleware(Echo(container), lifetime(container))
    said: list[Any] = []
    async with lifespan(app, said):
        pass
    assert said[0]["type"] == "lifespan.startup.failed"
    assert "NOWHERE" in said[0]["message"]


async def test_a_store_that_does_not_close_is_a_failed_shutdown() -> None:
    container, _, app = served()

    async def fail() -> None:
        raise OSError("KEY=acme-key-0000001 did not close")

    container.store().aclose = fail
    said: list[Any] = []
    async with lifespan(app, said):
        assert (await ask(app, headers=ACME))[0] == 200
    assert said[-1]["type"] == "lifespan.shutdown.failed"
    assert "acme-key" not in said[-1]["message"]


async def test_an_application_that_dies_in_its_lifespan_dies_as_itself() -> None:
    async def dying(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "lifespan.startup.complete"})
        raise OSError("the application's own")

    container: Any = App()
    app = SecretsMiddleware(dying, lifetime(container))
    with pytest.raises(OSError, match="own"):
        await app({"type": "lifespan", "state": {}}, *_talk())
    assert container.store().closed


async def test_what_is_neither_is_handed_on() -> None:
    seen: list[Any] = []

    async def other(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope)

    app = SecretsMiddleware(other, lifetime(App()))
    await app({"type": "carrier pigeon"}, *_talk())
    assert seen == [{"type": "carrier pigeon"}]


async def test_an_application_that_leaves_its_lifespan_early_has_left() -> None:
    async def leaving(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "lifespan.startup.complete"})

    container: Any = App()
    app = SecretsMiddleware(leaving, lifetime(container))
    await app({"type": "lifespan", "state": {}}, *_talk())
    assert container.store().closed
