"""Options of the web's doors that can't work: told as the door is made, with the cure."""

from collections.abc import Callable
from typing import Any

import pytest
from dependency_injector import containers
from flask import Flask

from secretscope import ConfigurationError, ScopedSecrets, SecretsBackend, lifetime
from secretscope.integrations import wsgi
from secretscope.integrations.asgi import (
    RequestOverride,
    SecretsMiddleware,
    from_claim,
    from_header,
    from_subdomain,
)
from secretscope.integrations.flask import FlaskSecrets
from tests.integrations.asgi_driver import connection, exchange


class App(containers.DeclarativeContainer):
    backend = SecretsBackend({"backend": "dict", "dict": {"KEY": "platform-key-0001"}})
    secrets = ScopedSecrets(backend)


async def app(scope: Any, receive: Any, send: Any) -> None:
    raise AssertionError


def asgi(secrets: Any = None, **options: Any) -> Callable[[], Any]:
    return lambda: SecretsMiddleware(app, secrets or lifetime(App()), **options)


ONE = RequestOverride("x-key", "KEY")
WRONG: list[tuple[Callable[[], Any], str]] = [
    (asgi(App()), r"lifetime\(container\).*got DynamicContainer"),
    (asgi(App), r"lifetime\(container\).*got App"),
    (asgi(lifetime), r"lifetime\(container\).*got lifetime"),
    (asgi(tenant="x-tenant"), r"from_header\('x-tenant'\), got str"),
    (asgi(overrides="x-key"), "expected a list such as"),
    (asgi(overrides={"x-key": "KEY"}), "expected a list such as"),
    (asgi(overrides=ONE), "expected a list such as"),
    (asgi(overrides=7), "expected a list such as"),
    (asgi(overrides=[ONE, RequestOverride("X_KEY", "B")]), "the same header"),
    (asgi(without_tenant="/healthz"), r"\['/healthz'\]"),
    (lambda: from_header("x-ténant"), "expected a header's name"),
    (lambda: from_header(7), "expected a header's name"),  # type: ignore[arg-type]
    (lambda: wsgi.from_header(""), "expected a header's name"),
    (lambda: from_subdomain("https://example.com"), "such as 'example.com'"),
    (lambda: from_subdomain("example.com:80"), "such as 'example.com'"),
    (lambda: from_subdomain(""), "such as 'example.com'"),
    (from_claim, r"from_claim\('user', 'tenant'\)"),
    (lambda: FlaskSecrets(Flask("x"), App()), "got DynamicContainer"),
    (
        lambda: wsgi.SecretsMiddleware(lambda *_: [], lifetime(App())),  # type: ignore[arg-type]
        "the reader of an open lifetime",
    ),
]


@pytest.mark.parametrize(("make", "cure"), WRONG, ids=range(len(WRONG)))
def test_an_option_that_cannot_work_is_named_with_its_cure(
    make: Callable[[], Any], cure: str
) -> None:
    with pytest.raises(ConfigurationError, match=cure):
        make()


def test_a_header_of_an_override_is_a_text() -> None:
    with pytest.raises(ValueError, match="no header's name"):
        RequestOverride(7, "KEY")  # type: ignore[arg-type]


async def test_a_tenant_function_of_an_async_door_is_async() -> None:
    async with lifetime(App()) as secrets:
        served = SecretsMiddleware(app, secrets, tenant=lambda _: "acme")  # type: ignore[arg-type, return-value]
        with pytest.raises(ConfigurationError, match="write `async def`"):
            await exchange(served, connection())


class Later:
    def __await__(self) -> Any:
        raise AssertionError


@pytest.mark.parametrize("tenant", [from_header("x-tenant"), lambda _: Later()])
def test_a_tenant_function_of_a_sync_door_is_not(tenant: Any) -> None:
    with lifetime(App()) as secrets:
        served = wsgi.SecretsMiddleware(lambda *_: [], secrets, tenant=tenant)
        with pytest.raises(ConfigurationError, match="this one is async"):
            served({"PATH_INFO": "/"}, print)
