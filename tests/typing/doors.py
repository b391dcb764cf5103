"""What a type checker makes of redaction, stores, doors and bounds; it is not run."""

import logging
from collections.abc import AsyncIterator
from typing import Any, assert_type

from anthropic import AsyncAnthropic
from dependency_injector import containers, providers
from openai import AsyncOpenAI

from secretscope import (
    CachedSecrets,
    ChainSecrets,
    DictSecrets,
    EnvSecrets,
    FileSecrets,
    Policy,
    ScopedSecrets,
    ScopeEvent,
    Secret,
    Secrets,
    SecretsBackend,
    TenantLimits,
    lifetime,
    log_events,
    redact,
    write_events,
)
from secretscope.backends.aws import AwsAccess, AwsSecrets
from secretscope.backends.vault import AppRole, File, Layout, VaultSecrets
from secretscope.cache import Backoff
from secretscope.fleet import Fleet, FleetOptions, FleetStatus, MemoryBus
from secretscope.integrations.asgi import (
    RequestOverride,
    SecretsMiddleware,
    from_header,
    secrets_of,
)
from secretscope.integrations.live_keys import (
    SecretAuth,
    anthropic_client,
    openai_client,
)
from secretscope.protocols import BoundSecrets
from secretscope.redaction import (
    Finding,
    Redactor,
    Shape,
    configure,
    redact_stream,
    redact_value,
)
from secretscope.scopes import LifetimeReader
from secretscope.values import TenantStatus


class App(containers.DeclarativeContainer):
    config = providers.Configuration()
    backend = SecretsBackend(config.secrets)
    secrets = ScopedSecrets(backend)
    openai = providers.Singleton(openai_client, secrets)
    anthropic = providers.Singleton(anthropic_client, secrets)
    auth = providers.Singleton(SecretAuth, secrets, "SERVICE_TOKEN")
    redaction = providers.Resource(configure, config.redaction)


def live_keys() -> None:
    app = App()
    assert_type(app.openai(), AsyncOpenAI)
    assert_type(app.anthropic(), AsyncAnthropic)
    assert_type(app.auth(), SecretAuth)


async def redaction(pieces: AsyncIterator[str]) -> None:
    assert_type(redact("x", label=True), str)
    redactor = Redactor(add=[Shape("acme-key", "acme_", "[a-z0-9]{12}")])
    assert_type(redactor.redact("x"), str)
    assert_type(redactor.findings("x"), list[Finding])
    assert_type(redactor.findings("x")[0].name, str)
    assert_type(redactor.stream().feed("x"), str)
    assert_type(redactor.stream().feed(b"x"), bytes)
    masked: dict[str, str] = redact_value({"password": "x"})
    assert masked
    async for piece in redact_stream(pieces):
        assert_type(piece, str)


async def policies_and_stores() -> None:
    policy = Policy(ttl=300, max_stale=0, backoff=Backoff(first=1, most=60))
    assert_type(policy.of("tenants/acme/KEY"), Policy)
    assert_type(policy.ttl, float | None)
    vault = VaultSecrets(
        "https://vault.example.com",
        "prod/jeeves",
        auth=AppRole("role", File("/run/vault/secret-id")),
        layout=Layout(mount="secret"),
    )
    stores: list[Secrets] = [
        EnvSecrets(),
        FileSecrets("/run/secrets"),
        ChainSecrets([EnvSecrets(), DictSecrets({"A": "b"})]),
        AwsSecrets(AwsAccess(region="eu-west-1")),
        vault,
    ]
    for store in stores:
        assert_type(await store.resolve("KEY"), str)
        assert_type(store.lookup_sync("KEY"), str | None)
        assert_type(await store.store("KEY", "x"), None)
    cached: CachedSecrets = vault
    assert_type(await cached.resolve_secret("db"), Secret)


def seen(event: ScopeEvent) -> None:
    assert_type(event.tenant, str | None)
    assert_type(event.as_dict(), dict[str, Any])


async def bounds_and_audit() -> None:
    limits = TenantLimits(max_open=100, idle=60)
    async with lifetime(App(), limits=limits, audit=seen) as secrets:
        assert_type(secrets.open_tenants(), list[TenantStatus])
        await secrets.forget("acme")
    for sink in (log_events(logging.getLogger()), write_events("scopes.jsonl"), seen):
        async with lifetime(App(), audit=sink):
            pass


async def a_fleet() -> None:
    bus = MemoryBus()

    def beside(secrets: LifetimeReader) -> Fleet:
        return Fleet(secrets, bus.channel(), FleetOptions(key_ref="FLEET_KEY"))

    async with lifetime(App(), beside=beside) as secrets, beside(secrets) as fleet:
        assert_type(fleet, Fleet)
        assert_type(fleet.status(), FleetStatus)


async def a_web_application() -> None:
    async def app(scope: object, receive: object, send: object) -> None:
        assert isinstance(scope, dict)
        assert_type(secrets_of(scope), BoundSecrets)

    SecretsMiddleware(
        app,
        lifetime(App()),
        tenant=from_header("x-tenant"),
        overrides=[RequestOverride("x-openai-key", "OPENAI_API_KEY")],
    )
