"""One process under load: an ASGI application behind the middleware, in a fleet.

python -m tests.load.service LOOP PORT STORE_PORT REDIS_PORT
"""

from __future__ import annotations

import json
import sys
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import anycorn
import anyio
import uvicorn
from dependency_injector import containers, providers

from secretscope import (
    CachedSecrets,
    Policy,
    ScopedSecrets,
    SecretsBackend,
    lifetime,
    needs,
)
from secretscope.fleet import Fleet
from secretscope.integrations.asgi import SecretsMiddleware, from_header, secrets_of
from secretscope.integrations.redis import redis_fleet
from secretscope.scopes import LifetimeReader
from tests.fleet.http_store import HttpSource

TTL = 10.0
SPREAD = 1.0
SWEEP = 5.0
RETRY = 1.0
GAP = 1.0

Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


def application(store_port: int) -> Any:
    policy = Policy(ttl=TTL, max_stale=60, refresh_gap=GAP)
    store = CachedSecrets(HttpSource(store_port, timeout=8), policy, name="the store")

    class App(containers.DeclarativeContainer):
        backend = SecretsBackend(
            providers.Object(store), settings={"tenants": {"path": "t/{tenant}/{ref}"}}
        )
        secrets = ScopedSecrets(backend)
        reader: Any = needs(secrets, "KEY")

    return App()


async def answer(send: Send, facts: object) -> None:
    body = json.dumps(facts).encode()
    headers = [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def service(store_port: int, redis_port: int) -> SecretsMiddleware:
    """Return an application that shows each tenant its own key."""
    app = application(store_port)
    fleets: list[Fleet] = []

    def beside(secrets: LifetimeReader) -> Fleet:
        settings = {
            "url": f"redis://127.0.0.1:{redis_port}",
            "key_ref": "FLEET_KEY",
            "spread": SPREAD,
            "sweep": SWEEP,
            "retry": RETRY,
        }
        fleets.append(redis_fleet(secrets, settings))
        return fleets[-1]

    async def inner(scope: Any, receive: Any, send: Send) -> None:
        if scope["type"] == "lifespan":
            await receive()
            await send({"type": "lifespan.startup.complete"})
            await receive()
            await send({"type": "lifespan.shutdown.complete"})
        elif scope["path"] == "/status":
            await answer(send, {"status": str(fleets[-1].status())})
        elif scope["path"] == "/rotate":
            fleets[-1].stale("KEY", tenant=secrets_of(scope).tenant)
            await answer(send, {})
        else:
            before = app.secrets().lookup_sync("KEY")
            await answer(send, {"key": before})

    return SecretsMiddleware(
        inner,
        lifetime(app, beside=beside),
        tenant=from_header("x-tenant"),
        without_tenant={"/status"},
    )


def serve(loop: str, app: SecretsMiddleware, port: int) -> None:
    """Serve until the process is ended: uvicorn on asyncio, anycorn on trio."""
    if loop == "asyncio":
        uvicorn.run(
            app, host="127.0.0.1", port=port, log_level="warning", lifespan="on"
        )
        return
    config = anycorn.Config()
    config.bind = [f"127.0.0.1:{port}"]
    config.errorlog = None
    anyio.run(anycorn.serve, app, config, backend=loop)


if __name__ == "__main__":
    port, *others = map(int, sys.argv[2:])
    serve(sys.argv[1], service(*others), port)
