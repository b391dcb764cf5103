"""Whatever a request looks like: its own tenant's key, or a plain 400 or 404."""

import re
from collections.abc import Iterator
from typing import Any

import anyio
import pytest
from dependency_injector import containers, providers
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import EnvironBuilder, run_wsgi_app

from secretscope import (
    DictSecrets,
    ScopedSecrets,
    SecretsBackend,
    lifetime,
    needs,
)
from secretscope.integrations import flask as flask_door
from secretscope.integrations.asgi import (
    RequestOverride,
    SecretsMiddleware,
    from_claim,
    from_header,
    from_path,
    from_subdomain,
    secrets_of,
)
from tests.integrations.asgi_driver import exchange, lifespan

KEYS = {"acme": b"acme-key-0000001", "acme2": b"acme2-key-000001"}
BROUGHT = RequestOverride("X-Own-Key", "KEY")
PLAIN = {400: b"Bad Request\n", 404: b"Not Found\n"}
HUGE = b"a" * 10_000_000


class App(containers.DeclarativeContainer):
    store = providers.Object(
        DictSecrets({f"t/{name}/KEY": key.decode() for name, key in KEYS.items()})
    )
    backend = SecretsBackend(store, settings={"tenants": {"path": "t/{tenant}/{ref}"}})
    secrets = ScopedSecrets(backend)
    thing = needs(secrets, optional=["KEY"])


HOSTILE = [
    *(b"acme", b"acme2", b"ACME", b"", b" acme", b"acme ", b"acme\t", b"\x00acme"),
    *(b"acme/..", b"acme/../acme2", b"../acme2", b"acme2/KEY", b"acme#x", b"acme\\.."),
    *(b"acme%2f..%2facme2", b"acme%00", b"%61cme", b"acme,acme2", b"acme;acme2"),
    *(b"acme\r\nx-tenant: acme2", b"acme\nacme2", b"acm\xe9", b"\xff\xfe", b"."),
    *("аcme".encode(), "acme\u200b".encode(), "ａｃｍｅ".encode(), b"xn--acme-8cd"),
    *(b"b" * 128, b"b" * 129, HUGE, b"globex", b"{tenant}", b"None", b"null"),
]
GOOD = st.sampled_from([name.encode() for name in KEYS])
NAMES = GOOD | st.sampled_from(HOSTILE) | st.binary(max_size=20)
HOSTS = st.builds(
    lambda name, rest: name + rest,
    NAMES,
    st.sampled_from(
        [
            *(
                b".example.com",
                b".EXAMPLE.com:8000",
                b".example.com.",
                b".example.com:",
            ),
            *(b".a.example.com", b".example.com.evil.org", b"example.com", b""),
            *(b".example.com:evil", b"@example.com", b".example.com/acme2"),
        ]
    ),
)
OWN_KEYS = st.sampled_from([b"brought-key-0001", b"short", b"a b c d e f g h", HUGE])
HEADERS = st.lists(
    st.one_of(
        st.tuples(st.sampled_from([b"x-tenant", b"X-TENANT", b"x-tenant2"]), NAMES),
        st.tuples(
            st.sampled_from([b"x-own-key", b"X-Own-KEY", b"x-own-key2"]), OWN_KEYS
        )
        | st.tuples(st.just(b"x-own-key"), st.binary(max_size=20)),
        st.tuples(st.sampled_from([b"host", b"Host"]), HOSTS),
        st.tuples(st.binary(max_size=8), st.binary(max_size=8)),
    ),
    max_size=4,
)
PATHS = st.builds(
    lambda name, prefix, rest: prefix + name.decode("utf-8", "surrogateescape") + rest,
    NAMES,
    st.sampled_from(["/tenants/", "/tenants//", "/tenants", "/../tenants/", "", "/"]),
    st.sampled_from(["", "/", "/x", "/../acme2", "//", "\\"]),
)
CLAIMS = st.one_of(
    NAMES,
    NAMES.map(lambda name: name.decode("latin-1")),
    st.none(),
    st.integers(),
    st.lists(st.just("acme")),
)
SCOPES = st.builds(
    lambda headers, path, user, more: {
        "headers": headers,
        "path": path,
        "user": user,
        **more,
    },
    HEADERS,
    PATHS,
    CLAIMS | st.fixed_dictionaries({"tenant": CLAIMS}),
    st.fixed_dictionaries(
        {"type": st.sampled_from(["http", "websocket"])},
        optional={
            "headers": HEADERS.map(tuple) | st.none(),
            "root_path": st.sampled_from(["", "/tenants", "/ten", "/v1"]),
            "state": st.none() | st.just({"secrets": "of somebody else"}),
            "extensions": st.none() | st.just({"websocket.http.response": {}}),
        },
    ),
)


# --- who a request is for, told once more and in another way ----------------------------


def only(scope: dict[str, Any], name: bytes) -> bytes:
    headers = scope["headers"] or ()
    values = [value for key, value in headers if key.lower() == name]
    return values[0] if len(values) == 1 else b""


def by_header(scope: dict[str, Any]) -> str | None:
    return next((n for n in KEYS if only(scope, b"x-tenant") == n.encode()), None)


def by_host(scope: dict[str, Any]) -> str | None:
    found = re.fullmatch(
        rb"(acme2?)\.example\.com(:.*)?",
        only(scope, b"host"),
        re.IGNORECASE | re.DOTALL,
    )
    return found and found[1].decode().lower()


def by_path(scope: dict[str, Any]) -> str | None:
    path = scope["path"].removeprefix(scope.get("root_path", ""))
    found = re.match(r"/tenants/(acme2?)(/|\Z)", path)
    return found and found[1]


def by_claim(scope: dict[str, Any]) -> str | None:
    user = scope["user"]
    claim = user.get("tenant") if isinstance(user, dict) else None
    return claim if isinstance(claim, str) and claim in KEYS else None


WAYS = [
    (from_header("X-Tenant"), by_header),
    (from_subdomain("example.com"), by_host),
    (from_path("/tenants/{tenant}"), by_path),
    (from_claim("user", "tenant"), by_claim),
]


def accepted(scope: dict[str, Any]) -> bytes | None:
    """Return the key that the caller brought; empty is none, and None is a bad one."""
    headers = scope["headers"] or ()
    values = [value for key, value in headers if key.lower() == b"x-own-key"]
    if not values:
        return b""
    good = re.fullmatch(rb"[!-+\--~]{8,512}", values[0]) and len(values) == 1
    return values[0] if good else None


async def echo(scope: Any, receive: Any, send: Any) -> None:
    assert all(key.lower() != b"x-own-key" for key, _ in scope["headers"] or ())
    key = secrets_of(scope).lookup_sync("KEY")
    assert key is not None
    if scope["type"] == "websocket":
        await send({"type": "websocket.send", "bytes": key.encode()})
        return
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": key.encode()})


async def alive(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] != "lifespan":
        await echo(scope, receive, send)
        return
    await receive()
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await send({"type": "lifespan.shutdown.complete"})


def answered(sent: list[dict[str, Any]]) -> tuple[int, bytes]:
    """Return the status and the body; a WebSocket that was closed counts as 400."""
    first = sent[0]
    if first["type"] == "websocket.send":
        return 200, first["bytes"]
    if first["type"] == "websocket.close":
        assert (first["code"], first["reason"]) == (1008, "")
        return 400, PLAIN[400]
    return first["status"], sent[1]["body"]


@pytest.mark.timeout(60)
@pytest.mark.parametrize("loop", ["asyncio", "trio"])
@given(scopes=st.lists(SCOPES, min_size=1, max_size=8))
def test_any_asgi_request_reads_its_own_tenants_key_or_is_refused(
    loop: str, scopes: list[dict[str, Any]]
) -> None:
    async def drive() -> None:
        for tenant, expected in WAYS:
            app = SecretsMiddleware(
                alive, lifetime(App()), tenant=tenant, overrides=[BROUGHT]
            )
            async with lifespan(app):
                for scope in scopes:
                    copied = {
                        **scope,
                        "headers": scope["headers"] and [*scope["headers"]],
                    }
                    who, brought = expected(scope), accepted(scope)
                    status, body = answered(await exchange(app, copied))
                    if status == 200:
                        assert brought is not None
                        assert body == (brought or KEYS[who or ""])
                    else:
                        assert body == PLAIN[status]
                        assert who is None or brought is None

    anyio.run(drive, backend=loop)


# --- without a loop ---------------------------------------------------------------------


@pytest.fixture(scope="module")
def shop() -> Iterator[Any]:
    app = Flask("shop")

    @app.get("/")
    def key() -> str:
        from flask import request  # noqa: PLC0415

        assert "X-Own-Key" not in request.headers
        return str(flask_door.request_secrets().lookup_sync("KEY"))

    held = flask_door.FlaskSecrets(
        app,
        lifetime(App()),
        tenant=flask_door.from_header("X-Tenant"),
        overrides=[BROUGHT],
    )
    yield app
    held.close()


@given(
    name=st.none() | NAMES.map(lambda name: name.decode("latin-1")),
    own=st.none()
    | (OWN_KEYS | st.binary(max_size=20)).map(lambda k: k.decode("latin-1")),
    lacking=st.sets(st.sampled_from(["PATH_INFO", "QUERY_STRING", "HTTP_HOST"])),
)
def test_any_wsgi_request_reads_its_own_tenants_key_or_is_refused(
    shop: Flask, name: str | None, own: str | None, lacking: set[str]
) -> None:
    environ = EnvironBuilder(path="/").get_environ()
    given = {"HTTP_X_TENANT": name, "HTTP_X_OWN_KEY": own}
    environ.update({key: value for key, value in given.items() if value is not None})
    for each in lacking:
        del environ[each]
    body, status, _ = run_wsgi_app(shop, environ)
    text = b"".join(body)
    good = own is None or re.fullmatch(r"[!-+\--~]{8,512}", own)
    if name in KEYS and good:
        assert (status, text) == ("200 OK", (own or "").encode() or KEYS[name])
    elif status == "200 OK":  # any name may bring a key of its own
        assert text.decode() == own
        assert good
    else:
        assert text == PLAIN[int(status[:3])]
