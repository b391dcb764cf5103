"""The providers behave as dependency-injector's own."""

import sys
from typing import Annotated, Any

import anyio
import loomflow
import pytest
from dependency_injector import containers, providers
from dependency_injector.wiring import Provide, inject

from secretscope import (
    AgentFactory,
    DictSecrets,
    MalformedSecretError,
    MissingSecretError,
    ScopedSecrets,
    Secret,
    Secrets,
    SecretsBackend,
    SecretsContainer,
    SecretValue,
    lifetime,
)
from tests.providers.value_app import (
    App,
    settings,
)


async def test_a_value_is_injected_where_a_text_is_wanted() -> None:
    class Wired(App):
        made: Any = providers.Factory(
            dict, key=App.value, opt=SecretValue(App.secrets, "X", default=None)
        )

    app = Wired(config=settings())
    async with lifetime(app) as secrets:
        assert app.made() == {"key": "value-of-key-01", "opt": None}
        with secrets.override(KEY="overridden-key-1"):
            assert app.made()["key"] == "overridden-key-1"
        await secrets.store("KEY", "stored-value-001")
        assert app.value() == "stored-value-001"
        with app.value.override("a fake"):
            assert app.value() == "a fake"


async def test_every_way_of_overriding_works() -> None:
    fake = DictSecrets({"KEY": "fake-key-00001"})

    class Fakes(containers.DeclarativeContainer):
        backend = providers.Object(fake)

    by_keyword = App(config=settings(), backend=providers.Object(fake))
    by_container = App(config=settings())
    by_container.override_providers(backend=providers.Object(fake))
    by_instance = App(config=settings())
    by_instance.backend.override(providers.Singleton(lambda: fake))
    for app in (by_keyword, by_container, by_instance):
        async with lifetime(app):
            assert app.value() == "fake-key-00001"
    with App.backend.override(fake):
        app = App(config=settings())
        async with lifetime(app):
            assert app.value() == "fake-key-00001"


async def test_two_instances_of_a_container_share_nothing() -> None:
    one, two = (
        App(config=settings()),
        App(config=settings(dict={"KEY": "other-key-00001"})),
    )
    async with lifetime(one), lifetime(two):
        assert (one.value(), two.value()) == ("value-of-key-01", "other-key-00001")


async def test_a_secrets_container_is_mounted_or_inherited() -> None:
    class Mounted(containers.DeclarativeContainer):
        config = providers.Configuration()
        secret = providers.Container(SecretsContainer, config=config.secrets)
        value = SecretValue(secret.secrets, "KEY")

    class Inherited(SecretsContainer):
        value = SecretValue(SecretsContainer.secrets, "KEY")

    for kind in (Mounted, Inherited):
        app: Any = kind()
        app.config.from_dict(settings())
        async with lifetime(app):
            assert app.value() == "value-of-key-01"


async def test_readers_pass_through_selectors_and_dependencies() -> None:
    class Inner(containers.DeclarativeContainer):
        secrets: Any = providers.Dependency()
        value = SecretValue(secrets, "KEY")

    class Outer(App):
        inner = providers.Container(Inner, secrets=App.secrets)
        chosen = providers.Selector(App.config.which, a=SecretValue(App.secrets, "KEY"))

    app = Outer(config={**settings(), "which": "a"})
    app.check_dependencies()
    async with lifetime(app):
        assert app.inner.value() == app.chosen() == "value-of-key-01"


@inject
def sync_read(secrets: Secrets = Provide[App.secrets]) -> str | None:
    return secrets.lookup_sync("KEY")


@inject
async def async_read(
    secrets: Annotated[Secrets, Provide["secrets"]], key: str = Provide[App.value]
) -> tuple[str, str]:
    return await secrets.resolve("KEY"), key


async def test_wiring_gives_readers_and_values() -> None:
    app = App(config=settings())
    app.wire(modules=[sys.modules[__name__]])
    try:
        async with lifetime(app):
            assert sync_read() == "value-of-key-01"
            assert await async_read() == ("value-of-key-01",) * 2  # type: ignore[call-arg]
    finally:
        app.unwire()


async def test_a_store_of_ones_own_is_built_with_injected_keywords() -> None:
    class Own(containers.DeclarativeContainer):
        config = providers.Configuration()
        backend = SecretsBackend(
            DictSecrets,
            initial=config.initial,
            settings={"env_fallback": False, "path": "p/{ref}"},
        )
        secrets = ScopedSecrets(backend)

    app = Own(config={"initial": {"p/KEY": "own-key-0000001"}})
    async with lifetime(app) as secrets:
        assert await secrets.resolve("KEY") == "own-key-0000001"
        with pytest.raises(MissingSecretError):
            secrets.lookup_sync("OTHER")


async def test_a_source_is_kept_by_the_cache_and_closed_once() -> None:
    events: list[str] = []

    class Source:
        async def fetch(self, location: str) -> Secret:
            events.append(location)
            return Secret("source-value-01")

        async def open(self) -> None:
            events.append("open")

        async def aclose(self) -> None:
            events.append("close")

    class WithSource(containers.DeclarativeContainer):
        backend = SecretsBackend(Source)
        secrets = ScopedSecrets(backend)
        value = SecretValue(secrets, "KEY")

    app = WithSource()
    for _ in range(2):
        async with lifetime(app):
            assert app.value() == "source-value-01"
    assert events == ["open", "KEY", "close"] * 2


async def test_what_is_no_store_is_refused() -> None:
    class Wrong(containers.DeclarativeContainer):
        backend = SecretsBackend(dict)
        secrets = ScopedSecrets(backend)

    with pytest.raises(MalformedSecretError, match="not dict"):
        await lifetime(Wrong()).__aenter__()
    app = App(config=settings())
    app.backend.override(7)
    with pytest.raises(MalformedSecretError, match="not int"):
        await lifetime(app).__aenter__()


async def test_an_error_in_the_body_comes_out_as_itself() -> None:
    with pytest.raises(ValueError, match="^body$"):
        async with lifetime(App(config=settings())):
            raise ValueError("body")


async def test_a_store_that_does_not_close_is_told() -> None:
    class Stuck(DictSecrets):
        async def open(self) -> None:
            await anyio.lowlevel.checkpoint()

        async def aclose(self) -> None:
            raise RuntimeError("stuck")

    class WithStuck(containers.DeclarativeContainer):
        backend = SecretsBackend(Stuck)
        secrets = ScopedSecrets(backend)

    with pytest.raises(ExceptionGroup) as caught:
        async with lifetime(WithStuck()):
            pass
    assert str(caught.value.exceptions[0]) == "stuck"
    with pytest.raises(ValueError, match="body") as body:
        async with lifetime(WithStuck()):
            raise ValueError("body")
    assert body.value.__notes__ == ["while closing: stuck"]


async def test_loomflows_agents_are_built_just_as_well() -> None:
    class Loom(containers.DeclarativeContainer):
        config = providers.Configuration()
        backend = SecretsBackend(config.secrets)
        secrets = ScopedSecrets(backend)
        tuning = providers.Factory(loomflow.Tuning, secrets=secrets)
        agent = AgentFactory(loomflow.Agent, "x", model=config.model, tuning=tuning)

    app = Loom(config={
        "model": "claude-opus-4-7",
        "secrets": {"backend": "dict", "dict": {"t/acme/ANTHROPIC_API_KEY": "loom-acme-key-01"},
                    "tenants": {"path": "t/{tenant}/{ref}"}},
    })  # fmt: skip
    async with lifetime(app) as secrets:
        async with secrets.tenant("acme"):
            assert isinstance(app.agent(), loomflow.Agent)
        async with secrets.tenant("globex"):
            with pytest.raises(MissingSecretError):
                app.agent()
    echo = Loom(config={"model": "echo", "secrets": {"backend": "dict", "dict": {}}})
    async with lifetime(echo):
        assert "hello" in (await echo.agent().run("hello")).output
