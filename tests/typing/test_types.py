"""What a type checker makes of the names that users touch (mypy and pyright run it)."""

from collections.abc import AsyncIterator, Callable
from typing import Any, assert_type

from dependency_injector import containers, providers

from secretscope import (
    Agent,
    AgentFactory,
    AnthropicModel,
    CachedSecrets,
    ChainSecrets,
    DictSecrets,
    EnvSecrets,
    FileSecrets,
    OpenAIModel,
    ScopedSecrets,
    Secret,
    Secrets,
    SecretsBackend,
    SecretValue,
    Tuning,
    lifetime,
    redact,
)
from secretscope.agent import Event, RunResult
from secretscope.scopes import Frame, LifetimeReader, ScopedReader


class App(containers.DeclarativeContainer):
    config = providers.Configuration()
    backend = SecretsBackend(config.secrets)
    secrets = ScopedSecrets(backend)
    key = SecretValue(secrets, "KEY")
    tuning = providers.Factory(Tuning, secrets=secrets)
    agent = AgentFactory(Agent, "x", model="echo", tuning=tuning)


class Mine:
    """A store in four methods, and no base class."""

    async def resolve(self, ref: str) -> str:
        return ref

    async def store(self, ref: str, value: str) -> None:
        raise NotImplementedError

    def redact(self, text: str) -> str:
        return redact(text)

    def lookup_sync(self, ref: str) -> str | None:
        return None


class Shelf:
    async def fetch(self, location: str) -> Secret:
        return Secret(location)


STORES: list[Secrets] = [
    EnvSecrets(),
    DictSecrets({"A": "b"}),
    FileSecrets("."),
    ChainSecrets([EnvSecrets()]),
    CachedSecrets(Shelf()),
    Mine(),
]


async def test_reading() -> None:
    app = App(config={"secrets": {"backend": "dict", "dict": {"KEY": "value-of-key"}}})
    assert_type(app.secrets(), ScopedReader)
    assert_type(app.agent(), Agent)
    assert_type(app.tuning(), Tuning)
    assert_type(app.key, SecretValue)
    async with lifetime(app) as secrets:
        assert_type(secrets, LifetimeReader)
        assert_type(await secrets.resolve("KEY"), str)
        assert_type(secrets.lookup_sync("KEY"), str | None)
        assert_type(secrets.redact("x"), str)
        assert_type(secrets.bind(), Frame)
        reader: Secrets = secrets.bind()
        assert_type(reader.lookup_sync("KEY"), str | None)
        async with secrets.tenant("acme") as acme:
            assert_type(acme.tenant, str | None)
            assert_type(
                acme.lookup_sync("X") if acme.tenant is None else "", str | None
            )
        with secrets.override(KEY="one-off-key-0123") as bound:
            assert_type(bound.lookup_sync("KEY"), str | None)


async def test_running() -> None:
    agent = Agent("x", model="echo", tuning=Tuning(secrets=EnvSecrets()))
    result = await agent.run("Hello")
    assert_type(result, RunResult)
    assert_type(result.output, str)
    events: AsyncIterator[Event] = agent.stream("Hello")
    async for event in events:
        assert_type(event, Event)


def test_secrets_and_text() -> None:
    assert_type(Secret("x").reveal(), str)
    assert_type(redact("x"), str)
    assert_type(redact("x", label=True), str)
    models: list[Callable[..., Any]] = [AnthropicModel, OpenAIModel]
    assert models
    assert len(STORES) == 6
