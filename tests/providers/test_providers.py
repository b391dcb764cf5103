"""The providers behave as dependency-injector's own; the lifetime finds out everything."""

import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated, Any

import anyio
import loomflow
import pytest
from dependency_injector import containers, providers
from dependency_injector.wiring import Provide, inject
from pydantic import BaseModel
from pydantic_settings import BaseSettings

from secretscope import (
    Agent,
    AgentFactory,
    AmbiguousStoreError,
    AsyncioOnlyError,
    CaptiveError,
    ConfigurationError,
    CycleError,
    DictSecrets,
    MalformedSecretError,
    MissingSecretError,
    ScopedSecrets,
    Secret,
    Secrets,
    SecretsBackend,
    SecretsContainer,
    SecretValue,
    StoreUnavailableError,
    Tuning,
    WarmUpError,
    lifetime,
    needs,
)
from secretscope.agent import AnthropicModel, EchoModel
from secretscope.providers.settings import read_settings


class App(containers.DeclarativeContainer):
    config = providers.Configuration()
    backend = SecretsBackend(config.secrets)
    secrets = ScopedSecrets(backend)
    value = SecretValue(secrets, "KEY")
    tuning = providers.Factory(Tuning, secrets=secrets)


def settings(**more: Any) -> dict[str, Any]:
    return {"secrets": {"backend": "dict", "dict": {"KEY": "value-of-key-01"}, **more}}


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


class Down:
    def __init__(self, missing: tuple[str, ...] = ()) -> None:
        self.closed = 0

    async def fetch(self, location: str) -> Secret:
        if location.startswith("DOWN"):
            raise StoreUnavailableError("down", ref=location)
        if location.startswith("GONE"):
            raise MissingSecretError(location, where="down")
        return Secret("there-is-one-001")


async def test_one_error_names_all_that_is_missing_or_failed() -> None:
    class Needy(containers.DeclarativeContainer):
        backend = SecretsBackend(Down)
        secrets = ScopedSecrets(backend)
        thing = needs(providers.Object(1), *[f"OK{n}" for n in range(15)], *[f"GONE{n}" for n in range(4)], "DOWN",
                      optional=["GONE_OPTIONAL"])  # fmt: skip

    seen: list[tuple[int, int]] = []
    app = Needy()
    with pytest.raises(WarmUpError) as caught:
        await lifetime(
            app, on_progress=lambda d, t, r: seen.append((d, t))
        ).__aenter__()
    assert caught.value.refs == ("GONE0", "GONE1", "GONE2", "GONE3", "DOWN")
    assert "Needy.thing" in str(caught.value)
    assert "there-is-one" not in str(caught.value)
    assert set(caught.value.causes) == set(caught.value.refs)
    assert seen[-1] == (21, 21)
    assert app.secrets().scope is None
    async with lifetime(app, needs=[app.secrets]):
        pass


async def test_an_agents_key_may_be_in_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class WithAgent(App):
        agent = AgentFactory(Agent, "x", model=App.config.model, tuning=App.tuning)

    app = WithAgent(config={**settings(), "model": "claude-opus-4-7"})
    with pytest.raises(
        WarmUpError, match="ANTHROPIC_API_KEY.*WithAgent.agent, looked for in "
    ):
        await lifetime(app).__aenter__()
    monkeypatch.setenv("ANTHROPIC_API_KEY", "environment-key-1")
    async with lifetime(app):
        assert "claude-opus-4-7" in repr(app.agent())
    app.config.from_dict({"secrets": {"env_fallback": False}})
    with pytest.raises(WarmUpError):
        await lifetime(app).__aenter__()


async def test_a_model_that_is_not_configured_is_named() -> None:
    class WithAgent(App):
        agent = AgentFactory(Agent, "x", model=App.config.model, tuning=App.tuning)

    with pytest.raises(ConfigurationError, match="model"):
        await lifetime(WithAgent(config=settings())).__aenter__()
    with pytest.raises(ConfigurationError, match="no adapter knows"):
        await lifetime(WithAgent(config={**settings(), "model": "nope"})).__aenter__()


async def test_a_model_with_a_key_of_its_own_needs_none() -> None:
    class WithModels(App):
        given = AgentFactory(
            Agent, "x", model=providers.Factory(AnthropicModel, "claude-x", api_key="given-key-00001"),
            tuning=App.tuning)  # fmt: skip
        made = AgentFactory(
            Agent, "x", model=providers.Factory(EchoModel), tuning=App.tuning
        )
        instance = AgentFactory(Agent, "x", model=EchoModel(), tuning=App.tuning)
        reading: Any = providers.Object(None)

    app = WithModels(config=settings())
    async with lifetime(app):
        assert "claude-x" in repr(app.given())
        assert (await app.instance().run("a")).output == "[no key] a"


async def test_a_needed_adapter_declares_its_key() -> None:
    class WithModel(App):
        agent = AgentFactory(
            Agent,
            "x",
            model=providers.Factory(AnthropicModel, "claude-x"),
            tuning=App.tuning,
        )

    with pytest.raises(WarmUpError, match="ANTHROPIC_API_KEY"):
        await lifetime(WithModel(config=settings())).__aenter__()


async def test_captives_are_refused_by_their_path() -> None:
    class Captive(App):
        client: Any = providers.Singleton(dict, key=App.value)

    app = Captive(config=settings(tenants={"path": "t/{tenant}/{ref}"}))
    with pytest.raises(CaptiveError, match=r"Captive\.client"):
        await lifetime(app).__aenter__()
    async with lifetime(Captive(config=settings())) as secrets:
        assert secrets.lookup_sync("KEY") == "value-of-key-01"
    shared = Captive(
        config=settings(tenants={"path": "t/{tenant}/{ref}", "inherit": ["KEY"]})
    )
    async with lifetime(shared):
        assert shared.client() == {"key": "value-of-key-01"}

    class Handed(App):
        client: Any = providers.Singleton(dict, make=App.value.provider)
        reader: Any = providers.Singleton(dict, secrets=App.secrets)

    app2 = Handed(config=settings(tenants={"path": "t/{tenant}/{ref}"}))
    async with lifetime(app2):
        pass


async def test_providers_that_only_work_on_asyncio_are_refused_on_trio(
    anyio_backend: str,
) -> None:
    async def make() -> AsyncIterator[int]:
        yield 1

    async def coroutine() -> int:
        return 1

    class Async(App):
        resource = providers.Resource(make)
        single = providers.Singleton(coroutine)
        plain = providers.Coroutine(coroutine)

    opening = lifetime(Async(config=settings()))
    if anyio_backend == "asyncio":
        async with opening:
            return
    with pytest.raises(AsyncioOnlyError) as caught:
        await opening.__aenter__()
    assert caught.value.paths == ("Async.resource", "Async.single", "Async.plain")


async def test_stores_open_in_the_order_of_their_dependence() -> None:
    made: list[str] = []

    def second_store(password: str) -> DictSecrets:
        made.append(password)
        return DictSecrets({"B": f"{password}-b"})

    first = SecretsBackend(DictSecrets, {"A": "first-password-1"})

    class Ordered(containers.DeclarativeContainer):
        second = SecretsBackend(second_store, password=SecretValue(first, "A"))
        one = first
        a = ScopedSecrets(one)
        b = ScopedSecrets(second)
        thing = needs(providers.Object(1), "B", secrets=b)

    app = Ordered()
    async with lifetime(app) as secrets:
        assert made == ["first-password-1"]
        assert app.b().lookup_sync("B") == "first-password-1-b"
        with pytest.raises(AmbiguousStoreError):
            secrets.lookup_sync("A")
        with secrets.override(A="both-over-0001", B="both-over-0001"):
            assert app.a().lookup_sync("A") == app.b().lookup_sync("B")
        with secrets.override(A="one-over-00001", on=app.b) as bound:
            assert app.a().lookup_sync("A") == "first-password-1"
            assert app.b().lookup_sync("A") == "one-over-00001"
            assert bound.lookup_sync("A") == "one-over-00001"


async def test_a_cycle_of_stores_is_named() -> None:
    one = SecretsBackend(DictSecrets)
    two = SecretsBackend(DictSecrets, initial=providers.Dict(x=SecretValue(one, "A")))
    one.factory.add_kwargs(initial=providers.Dict(x=SecretValue(two, "B")))  # type: ignore[union-attr]

    class Cyclic(containers.DeclarativeContainer):
        first = one
        second = two

    with pytest.raises(CycleError, match=r"Cyclic\.first -> Cyclic\.second"):
        await lifetime(Cyclic()).__aenter__()


async def test_a_need_that_names_no_store_is_ambiguous() -> None:
    class Unclear(containers.DeclarativeContainer):
        one = SecretsBackend(DictSecrets)
        two = SecretsBackend(DictSecrets)
        thing = needs(providers.Object(1), "KEY")

    with pytest.raises(AmbiguousStoreError, match=r"Unclear\.thing"):
        await lifetime(Unclear()).__aenter__()


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (None, "nothing is configured"),
        ("env", "secrets: expected a mapping of options, such as {'backend': 'env'}, got str"),
        ({"backend": "dcit"}, "did you mean 'dict'"),
        ({"backend": 7}, "secrets.backend: expected a name, one of env"),
        ({"path": "{ref}"}, "secrets.backend: is not set"),
        ({"backend": "env", "tennants": {}}, "did you mean 'tenants'"),
        ({"backend": "files"}, "secrets.files.directory: is not set"),
        ({"backend": "files", "files": {"directory": 7}}, "expected a path"),
        ({"backend": "files", "files": {"directory": "x", "max_bytes": "7"}}, "whole number"),
        ({"backend": "files", "files": []}, "expected a mapping"),
        ({"backend": "dict", "dict": {"A": 7}}, "secrets.dict.A: expected a text, got int"),
        ({"backend": "env", "env_fallback": "no"}, "expected true or false"),
        ({"backend": "env", "path": "x"}, "must hold {ref} exactly once"),
        ({"backend": "env", "path": 7}, "expected a template"),
        ({"backend": "env", "path": "{ref}#a#b"}, "more than one '#'"),
        ({"backend": "env", "refs": []}, None),
        ({"backend": "env", "refs": [1]}, "a mapping of ref"),
        ({"backend": "env", "refs": {"A": 1}}, "secrets.refs.A"),
        ({"backend": "env", "tenants": []}, "expected a mapping"),
        ({"backend": "env", "tenants": {"path": "{ref}"}}, "secrets.tenants.path"),
        ({"backend": "env", "tenants": {"path": "{ref}/{tenant}"}}, "must stand before"),
        ({"backend": "env", "tenants": {"path": "{tenant}_{ref}"}}, "can collide"),
        ({"backend": "env", "tenants": {"path": "{tenant}_{ref}", "names": "[a-z]+"}}, None),
        ({"backend": "env", "tenants": {"path": "a#{tenant}/{ref}"}}, "must not stand before"),
        ({"backend": "env", "tenants": {"path": "{tenant}/{ref}{x}"}}, "not known there"),
        ({"backend": "env", "tenants": {"path": 7}}, "secrets.tenants.path"),
        ({"backend": "env", "tenants": {"names": "["}}, "regular expression"),
        ({"backend": "env", "tenants": {"inherit": "KEY"}}, "expected a list"),
        ({"backend": "env", "tenants": {"stores": 7}}, "expected a mapping of tenant"),
        ({"backend": "env", "tenants": {"stores": {"a": 7}}}, "secrets.tenants.stores.a"),
        ({"backend": "env", "tenants": {"namespace": "x"}}, "secrets.tenants.namespace"),
        ({"backend": "env", "tenants": {"namespace": "{tenant}", "path": "x"}}, "{ref}"),
        ({"backend": "env", "cache": []}, "expected a mapping"),
        ({"backend": "env", "cache": {"ttl": "x"}}, "expected a number"),
        ({"backend": "env", "cache": {"ttl": -1}}, "negative"),
        ({"backend": "env", "cache": {"tll": 1}}, "did you mean 'ttl'"),
        ({"backend": "chain"}, "expected a list of backends"),
        ({"backend": "chain", "chain": {"of": ["chain"]}}, "can't hold itself"),
        ({"backend": "chain", "chain": {"of": ["env", "nope"]}}, "secrets.chain.of[1]: unknown"),
        (
            {"backend": "chain", "chain": {"of": [{"dict": {"KEY": "hunter2"}}]}},
            "secrets.chain.of[0]: expected a name",
        ),
    ],
)  # fmt: skip
async def test_settings_that_cannot_work_are_named(
    given: Any, expected: str | None
) -> None:
    app = App(config={"secrets": given}, value=providers.Object(None))
    if expected is None:
        async with lifetime(app):
            return
    with pytest.raises(ConfigurationError) as caught:
        await lifetime(app).__aenter__()
    assert expected in str(caught.value)


async def test_all_faults_are_told_at_once() -> None:
    app = App(config={"secrets": {"backend": "x", "pth": 1, "cache": {"ttl": "y"}}})
    with pytest.raises(ConfigurationError, match="3 faults") as caught:
        await lifetime(app).__aenter__()
    assert len(caught.value.faults) == 3


async def test_settings_may_be_pydantic_settings(tmp_path: Path) -> None:
    class Files(BaseModel):
        directory: Path = tmp_path

    class Config(BaseSettings):
        backend: str = "files"
        files: Files = Files()

    class WithSettings(containers.DeclarativeContainer):
        config = providers.Configuration(pydantic_settings=[Config()])
        backend = SecretsBackend(config)
        secrets = ScopedSecrets(backend)

    (tmp_path / "KEY").write_text("pydantic-key-01")
    app = WithSettings()
    app.config.from_dict(Config().model_dump(exclude_none=True))
    async with lifetime(app) as secrets:
        assert await secrets.resolve("KEY") == "pydantic-key-01"
    plain = read_settings(Config())
    assert plain.backend.name == "files"


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
