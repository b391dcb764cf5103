"""The server's lifespan and the lifetime's: opened before, closed before the end is told."""

from typing import Any

import pytest

from secretscope import (
    LifespanError,
    lifetime,
    needs,
)
from secretscope.integrations.asgi import (
    SecretsMiddleware,
    secrets_of,
)
from tests.integrations.asgi_app import (
    ACME,
    BY_HEADER,
    App,
    Echo,
    served,
)
from tests.integrations.asgi_driver import ask, lifespan


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
