"""The ASGI door: whose scope a request is served in, and who is refused."""

import logging
from typing import Any

import anyio
import anyio.lowlevel
import anyio.to_thread
import pytest
from dependency_injector import providers

from secretscope import (
    ConfigurationError,
    DictSecrets,
    InvalidRefError,
    NoTenantError,
    ScopeClosedError,
    ScopedSecrets,
    SecretsBackend,
    StoreTimeoutError,
    StoreUnavailableError,
    UnknownTenantError,
    lifetime,
    redact,
)
from secretscope.integrations.asgi import (
    RequestOverride,
    SecretsMiddleware,
    from_claim,
    from_path,
    from_subdomain,
    secrets_of,
)
from tests.integrations.asgi_app import (
    ACME,
    App,
    Echo,
    served,
)
from tests.integrations.asgi_driver import ask, connection, exchange, lifespan


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
