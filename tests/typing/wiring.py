"""What a type checker makes of a container's providers; it is not run."""

from collections.abc import Callable, Coroutine
from typing import Any, assert_type

from dependency_injector import containers, providers

from secretscope import (
    Agent,
    AgentFactory,
    AnthropicModel,
    DictSecrets,
    Rotating,
    ScopedSecrets,
    Secret,
    SecretFields,
    SecretGetter,
    Secrets,
    SecretsBackend,
    SecretsContainer,
    SecretValue,
    Source,
    Tuning,
    lifetime,
    needs,
)
from secretscope.providers import AppReader, Needs
from secretscope.scopes import LifetimeReader, ScopedReader


class Client:
    def __init__(self, key: str) -> None:
        self.key = key


class Foreign:
    """Another framework's agent."""

    def __init__(self, prompt: str, *, model: str, tuning: Tuning) -> None:
        self.prompt = prompt


class Shelf:
    """A source of one's own."""

    def __init__(self, path: str) -> None:
        self.path = path

    async def fetch(self, location: str) -> Secret:
        return Secret(location)


def made(path: str) -> Secrets:
    return DictSecrets({path: "x"})


class Stores(containers.DeclarativeContainer):
    """All that a store may come from."""

    config = providers.Configuration()
    by_config = SecretsBackend(config.secrets)
    by_mapping = SecretsBackend({"backend": "env"})
    by_dict = SecretsBackend(providers.Dict(backend="env"))
    by_class = SecretsBackend(Shelf, config.path, settings={"env_fallback": False})
    by_function = SecretsBackend(made, path=config.path, settings=config.rules)
    by_factory = SecretsBackend(providers.Factory(Shelf, path="x"))
    by_instance = SecretsBackend(DictSecrets())


class App(containers.DeclarativeContainer):
    config = providers.Configuration()
    backend = SecretsBackend(config.secrets)
    secrets = ScopedSecrets(backend)
    key = SecretValue(secrets, "KEY")
    name_given = SecretValue(secrets, config.ref)
    of_the_application = SecretValue(backend, "KEY")
    of_a_store = SecretValue(DictSecrets(), "KEY")
    or_none = SecretValue(secrets, "KEY", default=None)
    or_empty = SecretValue(secrets, "KEY", default="")
    getter = SecretGetter(secrets, "KEY")
    getter_or_none = SecretGetter(secrets, "KEY", default=None)
    fields = SecretFields(secrets, "db", "user", "password")
    client = providers.Factory(Client, key=key)
    one_client = providers.Singleton(Client, key=of_the_application)
    live = Rotating(Client, key=key)
    live_by_factory = Rotating(client, grace=5)
    declared = needs(client, "OTHER", optional=["MORE"], secrets=secrets)
    tuning = providers.Factory(Tuning, secrets=secrets)
    agent = AgentFactory(Agent, "x", model=config.model, tuning=tuning)
    model = providers.Factory(AnthropicModel, "claude-opus-4-7")
    agent_of_model = AgentFactory(Agent, "x", model=model, tuning=tuning)
    foreign = AgentFactory(Foreign, "x", model="gpt-4o", tuning=tuning)
    mounted = providers.Container(SecretsContainer, config=config.secrets)


def what_providers_are() -> None:
    app = App()
    key: SecretValue = app.key
    assert_type(key, SecretValue[str])
    assert_type(app.or_none, SecretValue[str | None])
    assert_type(app.getter, SecretGetter[str])
    assert_type(app.declared, Needs[Client])
    assert_type(app.mounted.container.backend, SecretsBackend)


def what_they_give() -> None:
    app = App()
    assert_type(app.backend(), AppReader)
    assert_type(app.secrets(), ScopedReader)
    assert_type(app.key(), str)
    assert_type(app.name_given(), str)
    assert_type(app.of_the_application(), str)
    assert_type(app.of_a_store(), str)
    assert_type(app.or_none(), str | None)
    assert_type(app.or_empty(), str)
    assert_type(app.getter(), Callable[[], Coroutine[Any, Any, str]])
    assert_type(app.getter_or_none(), Callable[[], Coroutine[Any, Any, str | None]])
    assert_type(app.fields(), Secret)
    assert_type(app.fields().reveal("user"), str)
    assert_type(app.client(), Client)
    assert_type(app.one_client(), Client)
    assert_type(app.live(), Client)
    assert_type(app.live_by_factory(), Client)
    assert_type(app.declared(), Client)
    assert_type(app.tuning(), Tuning)
    assert_type(app.agent(), Agent)
    assert_type(app.agent_of_model(), Agent)
    assert_type(app.foreign(), Foreign)
    with app.live.lease() as held:
        assert_type(held, Client)


async def what_they_await() -> None:
    app = App()
    read = app.getter()
    assert_type(await read(), str)
    assert_type(await app.backend().resolve("KEY"), str)
    assert_type(await app.backend().resolve_secret("db"), Secret)
    assert_type(app.backend().lookup_sync("KEY"), str | None)
    assert_type(await app.secrets().resolve("KEY"), str)
    assert_type((await app.agent().run("x")).output, str)
    source: Source = Shelf("x")
    assert_type(await source.fetch("x"), Secret)
    readers: list[Secrets] = [app.backend(), app.secrets(), app.secrets().bind()]
    assert_type(readers[0].redact("x"), str)


async def overridden_in_a_test() -> None:
    app = App()
    with (
        app.backend.override(DictSecrets()),
        app.key.override("a-key-for-tests"),
        app.agent.override(providers.Object(None)),
    ):
        assert_type(app.key(), str)
    async with lifetime(app, needs=[app.agent, app.key]) as secrets:
        assert_type(secrets, LifetimeReader)
    async with lifetime(App) as secrets:  # a container that is used by its class
        assert_type(secrets, LifetimeReader)
