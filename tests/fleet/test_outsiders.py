"""Whoever can write to the bus, and has not the key, makes no process do anything."""

import hmac
import json
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable
from hashlib import sha256
from typing import Any

import anyio
import coredis
import pytest
from dependency_injector import containers, providers

from secretscope import (
    CachedSecrets,
    Policy,
    ScopedSecrets,
    Secret,
    SecretsBackend,
    lifetime,
    needs,
)
from secretscope.fleet import Fleet
from secretscope.integrations.redis import redis_fleet
from tests.fleet.hands import KEY
from tests.fleet.redis_server import RedisServer

WINDOW = 120


class Store:
    """Counts how often it is asked for tenants' keys, and never changes."""

    def __init__(self) -> None:
        self.asked = 0

    async def fetch(self, location: str) -> Secret:
        self.asked += location != "FLEET_KEY"  # a forged message makes it look there
        return Secret(
            KEY if location == "FLEET_KEY" else f"at/{location}", version="v1"
        )


class App(containers.DeclarativeContainer):
    store = providers.Singleton(Store)
    cached = providers.Factory(CachedSecrets, store, Policy(ttl=None, refresh_gap=0))
    backend = SecretsBackend(cached, settings={"tenants": {"path": "t/{tenant}/{ref}"}})
    secrets = ScopedSecrets(backend)
    thing: Any = needs(secrets, "KEY")


def message(
    number: int = 1,
    *,
    key: str = KEY,
    channel: str = "outsiders",
    text: bytes | None = None,
    **fields: object,
) -> bytes:
    """Write what docs/fleet.md describes, without the library's own hands."""
    told = {"v": 1, "s": "outsider", "n": number, "t": time.time(), "k": "stale"}
    if text is None:
        text = json.dumps({**told, "r": "KEY", "u": "acme", **fields}).encode()
    signed = f"secretscope.fleet.1\0{channel}\0".encode() + text
    mac = hmac.digest(key.encode(), signed, sha256)
    return urlsafe_b64encode(mac)[:43] + b"." + text


DROPPED: dict[str, tuple[Callable[[], bytes], str]] = {
    "nothing": (lambda: b"", "malformed"),
    "noise": (lambda: b"\xff" * 100, "malformed"),
    "no key": (lambda: message(key=""), "forged"),
    "another key": (lambda: message(key="another-key-of-thirty-two-bytes!"), "forged"),
    "of another channel": (lambda: message(channel="others"), "forged"),
    "cut at its end": (lambda: message()[:-1], "forged"),
    "cut at its begin": (lambda: message()[1:], "malformed"),
    "doubled": (lambda: message() * 2, "forged"),
    "too long": (lambda: message(pad="x" * 2048), "oversized"),
    "of 10 MB": (lambda: b"x" * 10_000_000, "oversized"),
    "from the past": (lambda: message(t=time.time() - WINDOW - 60), "older or newer"),
    "from the future": (lambda: message(t=time.time() + WINDOW + 60), "older or newer"),
    "from no time": (lambda: message(t=float("nan")), "older or newer"),
    "from the end of time": (lambda: message(t=10**400), "malformed"),
    "of another protocol": (lambda: message(v=2), "protocol version"),
    "of a tenant that is none": (lambda: message(u="../acme"), "malformed"),
    "of a ref that is none": (lambda: message(r="../KEY"), "malformed"),
    "no object": (lambda: message(text=b"[]"), "malformed"),
    "without an end": (lambda: message(text=b"[" * 1500), "malformed"),
}


async def until(met: Callable[[], object]) -> None:
    while not met():  # noqa: ASYNC110 - a status has no event
        await anyio.sleep(0.005)


async def test_messages_from_outside_are_dropped_and_the_fleet_goes_on(
    shared_redis: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    app: Any = App()
    settings = {
        "url": shared_redis.url,
        "channel": "outsiders",
        "key_ref": "FLEET_KEY",
        "window": WINDOW,
        "spread": 0,
        "sweep": 3600,
    }

    async def hears(fleet: Fleet, sent: bytes, why: str) -> None:
        before = dict(fleet.status().dropped)
        await bus.publish("outsiders", sent)

        def dropped() -> list[str]:
            now = fleet.status().dropped
            return [name for name in now if now[name] > before.get(name, 0)]

        await until(dropped)
        assert len(dropped()) == 1
        assert why in dropped()[0]

    async with (
        lifetime(app) as secrets,
        redis_fleet(secrets, settings) as fleet,
        secrets.tenant("acme") as acme,
        coredis.Redis.from_url(shared_redis.url) as bus,
    ):
        await until(lambda: fleet.status().up)
        asked = app.store().asked
        for sent, why in DROPPED.values():
            await hears(fleet, sent(), why)
        assert (fleet.status().heard, app.store().asked) == (0, asked)
        genuine = message(7)
        await bus.publish("outsiders", genuine)
        await until(lambda: app.store().asked == asked + 1)  # it was worth a look
        await hears(fleet, genuine, "replayed")
        assert (fleet.status().heard, fleet.status().joins) == (1, 1)
        assert app.store().asked == asked + 1
        assert acme.lookup_sync("KEY") == "at/t/acme/KEY"
    assert "at/t/acme/KEY" not in caplog.text
