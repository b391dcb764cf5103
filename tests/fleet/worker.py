"""One process of a fleet: does what it reads on stdin, and tells what happens to it.

python -m tests.fleet.worker LOOP STORE_PORT REDIS_PORT TTL MAX_STALE
"""

import json
import sys
from functools import partial
from typing import Any

import anyio
from dependency_injector import containers, providers

from secretscope import (
    CachedSecrets,
    Policy,
    ScopedSecrets,
    SecretReadError,
    SecretsBackend,
    lifetime,
    needs,
)
from secretscope.fleet import Fleet
from secretscope.integrations.redis import redis_fleet
from secretscope.values import Rotation
from tests.fleet.http_store import HttpSource

SETTINGS = {
    "key_ref": "FLEET_KEY",
    "spread": 0.2,
    "sweep": 0.3,
    "retry": 0.5,
    "timeout": 1.0,
    "keepalive": 0.5,
}


def tell(event: str, **facts: object) -> None:
    print(json.dumps({"event": event, **facts}), flush=True)  # noqa: T201


def application(port: int, ttl: float, max_stale: float) -> Any:
    policy = Policy(ttl=ttl, max_stale=max_stale, refresh_gap=0, negative_ttl=0.2)
    store = CachedSecrets(HttpSource(port), policy, name="the store")

    class App(containers.DeclarativeContainer):
        backend = SecretsBackend(
            providers.Object(store), settings={"tenants": {"path": "t/{tenant}/{ref}"}}
        )
        secrets = ScopedSecrets(backend)
        reader: Any = needs(secrets, "KEY")

    return App()


async def watch(fleet: Fleet) -> None:
    """Tell each time that the channel comes up or is lost."""
    known: tuple[bool, int] | None = None
    while True:
        status = fleet.status()
        if known != (status.up, status.joins):
            known = status.up, status.joins
            tell("link", up=status.up, joins=status.joins)
        await anyio.sleep(0.02)


async def obey(line: str, secrets: Any, acme: Any, fleet: Fleet) -> None:
    match line.split():
        case ["join"]:
            while not fleet.status().up:  # noqa: ASYNC110 - a status has no event
                await anyio.sleep(0.02)
            tell("joined")
        case ["refresh"]:
            await acme.refresh("KEY")
        case ["forget", tenant]:
            await secrets.forget(tenant)
        case ["read"]:
            try:
                tell("read", value=acme.lookup_sync("KEY"))
            except SecretReadError as error:
                tell("read", error=type(error).__name__)


async def main(store_port: int, redis_port: int, ttl: float, max_stale: float) -> None:
    settings = {**SETTINGS, "url": f"redis://127.0.0.1:{redis_port}"}

    def rotated(rotation: Rotation) -> None:
        tell("rotated", ref=rotation.ref, tenant=rotation.tenant, new=rotation.new)

    async with (
        lifetime(application(store_port, ttl, max_stale)) as secrets,
        redis_fleet(secrets, settings) as fleet,
        secrets.tenant("acme") as acme,
        anyio.create_task_group() as group,
    ):
        secrets.on_rotation(rotated)
        secrets.holding.on_forget(lambda tenant: tell("forgotten", tenant=tenant))
        group.start_soon(watch, fleet)
        async for line in anyio.wrap_file(sys.stdin):
            await obey(line, secrets, acme, fleet)
        group.cancel_scope.cancel()


if __name__ == "__main__":
    loop, *numbers = sys.argv[1:]
    store_port, redis_port, ttl, max_stale = numbers
    run = partial(main, int(store_port), int(redis_port), float(ttl), float(max_stale))
    anyio.run(run, backend=loop)
