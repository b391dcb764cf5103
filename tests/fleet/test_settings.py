"""A fleet's settings: checked as a whole, every fault named with its path."""

from typing import Any

import pytest
from dependency_injector import containers, providers

from secretscope import (
    ConfigurationError,
    DictSecrets,
    ScopedSecrets,
    SecretsBackend,
    lifetime,
)
from secretscope.fleet import FleetOptions
from secretscope.integrations.redis import redis_fleet
from tests.fleet.hands import KEY, Machines
from tests.fleet.redis_server import RedisServer

GOOD = {"url": "redis://127.0.0.1:1", "key_ref": "FLEET_KEY"}


class App(containers.DeclarativeContainer):
    config = providers.Configuration()
    backend = SecretsBackend(providers.Object(DictSecrets({"FLEET_KEY": KEY})))
    secrets = ScopedSecrets(backend)


async def test_a_fleet_by_settings_tells_over_redis(shared_redis: RedisServer) -> None:
    app: Any = App()
    app.config.from_dict(
        {
            "fleet": {
                "url": shared_redis.url,
                "channel": "by-settings",
                "key_ref": "FLEET_KEY",
                "previous_key_ref": "OLD_KEY",
                "spread": 0,
                "sweep": 10,
                "window": 30.5,
                "retry": 2,
                "concurrency": 4,
                "timeout": 2,
                "keepalive": 1,
                "username": None,
            }
        }
    )
    async with (
        lifetime(app) as secrets,
        redis_fleet(secrets, app.config.fleet()) as fleet,
    ):
        fleet.rotated("A")
        await fleet.told()
        assert fleet.status().said == 1


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"url": None}, "fleet.url: is not set"),
        ({"url": 5}, "fleet.url: expected a text, got int"),
        ({"url": "http://x"}, "fleet.url: expected an address such as redis://"),
        ({"key_ref": None}, "fleet.key_ref: is not set"),
        ({"key_ref": 5}, "fleet.key_ref: expected a ref, got int"),
        ({"key_ref": "../x"}, "fleet.key_ref: '../x' is no ref"),
        ({"previous_key_ref": ["A", 5]}, "fleet.previous_key_ref: expected a ref"),
        ({"spreads": 5}, "fleet.spreads: unknown option; did you mean 'spread'?"),
        ({"spread": -1}, "fleet.spread: -1 is too small"),
        ({"sweep": False}, "fleet.sweep: expected a number of seconds, got bool"),
        ({"window": 0}, "fleet.window: 0 is too small"),
        ({"timeout": "5"}, "fleet.timeout: expected a number of seconds, got str"),
        ({"concurrency": 1.5}, "fleet.concurrency: expected a whole number, got float"),
        ({"concurrency": 0}, "fleet.concurrency: 0 is too small"),
        ({"concurrency": True}, "fleet.concurrency: expected a whole number, got bool"),
        ({"password_ref": "a b"}, "fleet.password_ref: 'a b' is no ref"),
    ],
)
def test_a_fault_is_named_with_its_path(change: dict[str, Any], fault: str) -> None:
    process, _ = Machines().member()
    with pytest.raises(ConfigurationError) as caught:
        redis_fleet(process, {**GOOD, **change})
    assert fault in str(caught.value)


def test_all_faults_are_told_at_once_and_no_value() -> None:
    process, _ = Machines().member()
    with pytest.raises(ConfigurationError) as caught:
        redis_fleet(process, {"url": ["redis://:hunter2@x"], "spread": "hunter2"})
    assert len(caught.value.faults) == 3
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("raw", [None, "redis://x", ["url"]])
def test_settings_that_are_no_mapping_are_refused(raw: object) -> None:
    process, _ = Machines().member()
    with pytest.raises(ConfigurationError, match="a mapping with url and key_ref"):
        redis_fleet(process, raw)


@pytest.mark.parametrize(
    "wrong",
    [{"spread": -1}, {"sweep": -1}, {"window": 0}, {"retry": 0}, {"concurrency": 0}],
)
def test_options_by_hand_are_checked_too(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="must be"):
        FleetOptions(key_ref="A", **wrong)
