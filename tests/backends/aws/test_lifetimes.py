"""AWS in a lifetime: its needs at startup, outages, refusals, rotations."""

from __future__ import annotations

from typing import Any

import pytest
from dependency_injector import containers, providers

from secretscope import (
    AccessDeniedError,
    CachedSecrets,
    ConfigurationError,
    MissingSecretError,
    ScopedSecrets,
    SecretsBackend,
    StoreUnavailableError,
    WarmUpError,
    lifetime,
    needs,
)
from secretscope.backends.aws import AwsSource
from secretscope.cache import Policy
from tests.backends.aws.server import REGION, Aws, Failure

NAMES = [f"KEY_{number}" for number in range(25)]


class App(containers.DeclarativeContainer):
    config = providers.Configuration()
    backend = SecretsBackend(config.secrets)
    secrets = ScopedSecrets(backend)
    thing = needs(providers.Object("thing"), *NAMES)


def settings(aws: Aws, **more: Any) -> dict[str, Any]:
    options = {"region": REGION, "endpoint_url": aws.url, **aws.key, **more}
    return {"secrets": {"backend": "aws", "aws": options, "path": "prod/{ref}"}}


async def fill(aws: Aws, names: list[str]) -> None:
    for name in names:
        await aws.do(
            "create_secret", Name=f"prod/{name}", SecretString=f"value-of-{name}"
        )
    aws.asked.clear()


async def test_a_lifetime_warms_its_needs_in_two_requests(aws: Aws) -> None:
    await fill(aws, NAMES)
    app = App(config=settings(aws))
    async with lifetime(app):
        read = app.secrets().lookup_sync
        assert [read(name) for name in NAMES] == [f"value-of-{n}" for n in NAMES]
        assert aws.operations() == ["BatchGetSecretValue"] * 2


async def test_one_error_names_all_that_cannot_be_had(aws: Aws) -> None:
    await fill(aws, NAMES[1:])
    aws.denied = {"prod/KEY_7"}
    with pytest.raises(WarmUpError) as caught:
        async with lifetime(App(config=settings(aws))):
            pass
    assert set(caught.value.refs) == {"KEY_0", "KEY_7"}
    assert "value-of" not in str(caught.value)
    assert isinstance(caught.value.causes["KEY_7"], AccessDeniedError)


async def test_a_region_that_is_none_is_told_at_startup(aws: Aws) -> None:
    with pytest.raises(ConfigurationError, match="aws.region"):
        async with lifetime(App(config=settings(aws, region="x y"))):
            pass
    assert aws.asked == []


async def test_an_outage_is_lived_through_on_what_is_at_hand(aws: Aws) -> None:
    await fill(aws, ["KEY"])
    now = 0.0
    source = AwsSource(aws.access())
    policy = Policy(ttl=60, max_stale=600)
    secrets = CachedSecrets(source, policy, clock=lambda: now)
    assert await secrets.resolve("prod/KEY") == "value-of-KEY"
    down = Failure("ServiceUnavailable", status=503, times=1000)
    aws.failures["GetSecretValue"] = down
    now = 61
    assert await secrets.resolve("prod/KEY") == "value-of-KEY"
    assert [status.stale for status in secrets.report()] == [True]
    now = 700
    with pytest.raises(StoreUnavailableError):
        await secrets.resolve("prod/KEY")
    aws.failures.clear()
    now = 800
    assert await secrets.resolve("prod/KEY") == "value-of-KEY"
    await secrets.aclose()


async def test_a_denial_logs_in_anew_once_and_is_then_final(aws: Aws) -> None:
    await fill(aws, ["KEY"])
    now = 0.0
    secrets = CachedSecrets(AwsSource(aws.access()), Policy(ttl=60), clock=lambda: now)
    await secrets.resolve("prod/KEY")
    now = 61
    aws.denied = {"prod/KEY"}
    aws.asked.clear()
    with pytest.raises(AccessDeniedError):
        await secrets.resolve("prod/KEY")
    assert aws.operations() == ["GetSecretValue"] * 2
    await secrets.aclose()


async def test_a_deletion_is_never_served_stale(aws: Aws) -> None:
    await fill(aws, ["KEY"])
    now = 0.0
    secrets = CachedSecrets(AwsSource(aws.access()), Policy(ttl=60), clock=lambda: now)
    await secrets.resolve("prod/KEY")
    await aws.do("delete_secret", SecretId="prod/KEY")
    now = 61
    with pytest.raises(MissingSecretError, match="deleted"):
        await secrets.resolve("prod/KEY")
    await secrets.aclose()


async def test_a_rotation_at_aws_is_read_and_the_old_value_stays_masked(
    aws: Aws,
) -> None:
    await fill(aws, ["KEY"])
    now = 0.0
    secrets = CachedSecrets(AwsSource(aws.access()), Policy(ttl=60), clock=lambda: now)
    assert await secrets.resolve("prod/KEY") == "value-of-KEY"
    await aws.do(
        "put_secret_value", SecretId="prod/KEY", SecretString="rotated-value-01"
    )
    now = 61
    assert await secrets.resolve("prod/KEY") == "rotated-value-01"
    assert await secrets.resolve("prod/KEY:AWSPREVIOUS") == "value-of-KEY"
    for value in ("value-of-KEY", "rotated-value-01"):
        assert value not in secrets.redact(f"it was {value}")
    await secrets.aclose()
