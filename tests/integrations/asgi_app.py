"""An ASGI application that answers with its request's key, over a store that fails."""

from typing import Any

import anyio
import anyio.lowlevel
import anyio.to_thread
from dependency_injector import containers, providers

from secretscope import (
    DictSecrets,
    MissingSecretError,
    ScopedSecrets,
    SecretsBackend,
    lifetime,
    needs,
)
from secretscope.integrations.asgi import (
    SecretsMiddleware,
    from_header,
)

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
