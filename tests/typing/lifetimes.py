"""What a type checker makes of lifetimes, blocks, rotation and fixtures; it is not run."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import assert_type

from dependency_injector import containers, providers

from secretscope import (
    Agent,
    AgentFactory,
    CachedSecrets,
    DictSecrets,
    Policy,
    Rotating,
    ScopedSecrets,
    Secret,
    SecretFields,
    SecretGetter,
    Secrets,
    SecretsBackend,
    SecretsContainer,
    SecretValue,
    Tuning,
    lifetime,
    needs,
)
from secretscope.protocols import BoundSecrets
from secretscope.providers import Needs
from secretscope.scopes import (
    Frame,
    LifetimeReader,
    Override,
    OverrideAll,
    SeveralStores,
)
from secretscope.testing import (
    HandClock,
    OpenTenant,
    OverrideSecrets,
    Read,
    ScriptedSource,
    SecretReads,
)
from secretscope.values import Rotation, SecretStatus


class Client:
    def __init__(self, key: str) -> None:
        self.key = key


class Special(Agent):
    """An agent of one's own."""


class App(containers.DeclarativeContainer):
    config = providers.Configuration()
    backend = SecretsBackend(config.secrets)
    secrets = ScopedSecrets(backend)
    tuning = providers.Factory(Tuning, secrets=secrets)
    agent = AgentFactory(Agent, "x", model=config.model, tuning=tuning)
    special = AgentFactory(Special, "x", model=config.model, tuning=tuning)
    client = Rotating(Client, key=SecretValue(secrets, "KEY"))
    made = providers.Factory(Client, key=SecretValue(secrets, "KEY", default=""))
    fields = SecretFields(secrets, "db", "user", "password")
    getter = SecretGetter(secrets, "KEY")
    mailer = needs(providers.Factory(Client, key="x"), "SMTP_PASSWORD", secrets=secrets)


class Mounted(containers.DeclarativeContainer):
    vault = providers.Container(SecretsContainer)


def hear(told: Rotation) -> None:
    assert_type(told.ref, str)
    assert_type(told.tenant, str | None)


async def hear_later(told: Rotation) -> None:
    assert_type(told.new, str | None)


def what_the_container_gives() -> None:
    app = App()
    assert_type(app.agent(), Agent)
    assert_type(app.special(), Special)
    assert_type(app.client(), Client)
    assert_type(app.client.lease(), AbstractContextManager[Client])
    assert_type(app.made(), Client)
    assert_type(app.mailer, Needs[Client])
    assert_type(app.fields, SecretFields)
    assert_type(app.getter, SecretGetter)


async def a_lifetime_by_async_with() -> None:
    async with lifetime(App(), needs=[App.agent]) as secrets:
        assert_type(secrets, LifetimeReader)
        assert_type(await secrets.resolve_secret("db"), Secret)
        assert_type(secrets.peek("KEY"), str)
        assert_type(await secrets.store("KEY", "a-value-of-key"), None)
        assert_type(await secrets.rotate("KEY"), None)
        assert_type(await secrets.refresh("KEY", bad="refused"), None)
        assert_type(await secrets.forget("acme"), None)
        assert_type(secrets.status("acme"), list[SecretStatus])
        assert_type(secrets.on_rotation(hear), Callable[[], None])
        assert_type(secrets.on_rotation(hear_later), Callable[[], None])
        async with secrets.tenant("acme") as acme:
            assert_type(acme, Frame | SeveralStores)
            assert_type(acme.lookup_sync("KEY"), str | None)
            reader: Secrets = acme
            assert_type(await reader.resolve("KEY"), str)
        block = secrets.override({"db#password": "one-off"}, on=App.secrets)
        assert_type(block, Override | OverrideAll)
        with block as bound:
            reader = bound
            assert_type(reader.redact("x"), str)


def a_lifetime_by_a_plain_with() -> None:
    with lifetime(App()) as secrets, secrets.tenant("acme") as acme:
        assert_type(secrets, LifetimeReader)
        assert_type(acme, Frame | SeveralStores)
        with secrets.override(KEY="one-off-key-0123"):
            assert_type(acme.lookup_sync("KEY"), str | None)


def seen(status: SecretStatus) -> None:
    assert_type(status.ref, str)
    assert_type(status.tenant, str | None)
    assert_type(status.age, float | None)
    assert_type(status.left, float | None)
    assert_type(status.stale, bool)


async def what_tests_are_given(
    override_secrets: OverrideSecrets,
    open_tenant: OpenTenant,
    secret_reads: SecretReads,
) -> None:
    assert_type(override_secrets(App, {"KEY": "a-value"}), Secrets)
    assert_type(override_secrets(App(), DictSecrets()), Secrets)
    async with open_tenant(App(), "acme", {"KEY": "a-value"}) as acme:
        assert_type(acme, BoundSecrets)
    assert_type(secret_reads, list[Read])
    assert_type(secret_reads[0].tenant, str | None)


async def a_clock_and_a_source_for_tests() -> None:
    clock = HandClock()
    source = ScriptedSource({"KEY": "a-value"}, clock=clock)
    secrets = CachedSecrets(source, Policy(ttl=60), clock=clock)
    assert_type(secrets.report(), list[SecretStatus])
    assert_type(await secrets.resolve("KEY"), str)
    assert_type(secrets.on_rotation(hear), Callable[[], None])
    reader: Secrets = secrets
    assert_type(reader.redact("x"), str)
