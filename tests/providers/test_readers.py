"""What the providers hand out, and how they are copied, overridden and refused."""

import os
from typing import Any

import pytest
from dependency_injector import containers, providers

from secretscope import (
    Agent,
    AgentFactory,
    ChainSecrets,
    ConfigurationError,
    DictSecrets,
    MalformedSecretError,
    MissingSecretError,
    NotSecretsError,
    ScopedSecrets,
    Secret,
    SecretGetter,
    SecretsBackend,
    SecretValue,
    WarmUpError,
    lifetime,
    needs,
)
from secretscope.providers.settings import SHARED, read_settings
from tests.plain import PlainStore

SEVEN: Any = 7


class App(containers.DeclarativeContainer):
    backend = SecretsBackend({"backend": "dict", "dict": {"KEY": "value-of-key-01"}})
    secrets = ScopedSecrets(backend)


async def test_the_applications_reader_has_the_four_methods() -> None:
    app = App()
    reader = app.backend()
    assert repr(reader) == "<the application's secrets>"
    async with lifetime(app):
        assert await reader.resolve("KEY") == "value-of-key-01"
        await reader.store("NEW", "value-of-new-01")
        assert reader.lookup_sync("NEW") == "value-of-new-01"
        assert reader.lookup_sync("NOWHERE") is None
        assert reader.redact("a value-of-new-01") == "a [REDACTED]"
        await reader.refresh("KEY")


async def test_a_backend_is_a_store_its_provider_or_its_settings() -> None:
    store = DictSecrets({"KEY": "value-of-key-01"})
    given: list[Any] = [
        store,
        providers.Object(store),
        providers.Singleton(DictSecrets, {"KEY": "value-of-key-01"}),
        {"backend": "chain", "chain": {"of": ["dict", "env"]},
         "dict": {"KEY": "value-of-key-01"}},
    ]  # fmt: skip
    for source in given:

        class Made(containers.DeclarativeContainer):
            backend = SecretsBackend(source)
            direct = ScopedSecrets(backend)

        async with lifetime(Made()) as secrets:
            assert await secrets.resolve("KEY") == "value-of-key-01"


async def test_scoped_secrets_may_read_a_bare_store() -> None:
    class Bare(containers.DeclarativeContainer):
        secrets = ScopedSecrets(DictSecrets({"KEY": "value-of-key-01"}))

    app = Bare()
    assert "not open" in repr(app.secrets())
    async with lifetime(app) as secrets:
        assert secrets.lookup_sync("KEY") == "value-of-key-01"
        assert "open" in repr(app.secrets())


async def test_scoped_secrets_over_nothing_or_over_no_store_are_refused() -> None:
    class NoStore(containers.DeclarativeContainer):
        secrets = ScopedSecrets(providers.Object(7))

    with pytest.raises(MalformedSecretError, match="not int"):
        async with lifetime(NoStore()):
            raise AssertionError


async def test_an_overridden_reader_is_left_to_who_overrides_it() -> None:
    app = App()
    with app.secrets.override(DictSecrets({"KEY": "a-fakes-value-1"})):
        async with lifetime(app) as secrets:
            assert app.secrets().lookup_sync("KEY") == "a-fakes-value-1"
            assert secrets.lookup_sync("KEY") == "value-of-key-01"


def test_copies_of_one_graph_share_their_parts() -> None:
    class Shared(containers.DeclarativeContainer):
        config = providers.Configuration()
        backend = SecretsBackend(config)
        secrets = ScopedSecrets(backend)
        ref = providers.Object("KEY")
        value = SecretValue(secrets, ref)
        pair = providers.List(
            value, value, backend, backend, secrets, needs(value, "A")
        )
        twice = providers.List(pair, pair)

    one: Any = Shared()
    two: Any = Shared()
    parts = one.pair.args
    assert parts[0] is parts[1] is one.value
    assert parts[2] is parts[3] is one.backend
    assert parts[5].inner is one.value
    assert two.value is not one.value
    memo: dict[Any, Any] = {}
    for part in (one.value, one.backend, one.secrets, parts[5]):
        assert part.__deepcopy__(memo) is part.__deepcopy__(memo)
    assert one.value.name == "KEY"


async def test_a_value_may_come_from_any_store_and_have_a_default() -> None:
    bare: Any = SecretValue(DictSecrets({"A": "value-of-a-001"}), "A")
    assert bare() == "value-of-a-001"

    with pytest.raises(MissingSecretError):
        SecretValue(DictSecrets(), "A")()
    four = providers.Object(PlainStore())
    with pytest.raises(MissingSecretError):
        SecretValue(four, "A")()
    assert SecretValue(four, "A", default="x")() == "x"
    with bare.override(providers.Object("over")):
        assert bare() == "over"
    thing: Any = needs(providers.Object(1), "A", secrets=DictSecrets())
    assert thing() == 1
    with thing.override(2):
        assert thing() == 2


async def test_who_needs_the_environment_alone_is_warned_of_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Alone(containers.DeclarativeContainer):
        agent: Any = AgentFactory(dict, model="gpt-x")

    app: Any = Alone()
    with pytest.raises(WarmUpError, match="OPENAI_API_KEY"):
        async with lifetime(app):
            raise AssertionError
    monkeypatch.setenv("OPENAI_API_KEY", "environ-key-0001")
    async with lifetime(app):
        assert os.environ["OPENAI_API_KEY"]


async def test_a_users_store_that_fails_is_told_with_its_kind_and_masked() -> None:
    class Broken(DictSecrets):
        async def resolve(self, ref: str) -> str:
            message = f"cannot log in with sk-{'a1B2' * 12}"
            raise OSError(message)

        def peek(self, ref: str) -> str:
            return str(super().peek("NOWHERE"))

    class Down(containers.DeclarativeContainer):
        backend = SecretsBackend(Broken)
        thing = needs(providers.Object(1), "KEY")

    with pytest.raises(WarmUpError, match=r"OSError: cannot log in with \[REDACTED\]"):
        async with lifetime(Down()):
            raise AssertionError


async def test_a_lifetime_that_never_opened_closes_in_peace() -> None:
    block = lifetime(App())
    await block.__aexit__(None, None, None)


def test_every_shared_option_is_read() -> None:
    found = read_settings(
        {"backend": "chain", "chain": {"of": ["env", "bogus"][:1]}, "path": "p/{ref}"}
    )
    assert found.app.place("A") == "p/A"
    assert set(SHARED) >= {"tenants", "cache"}


async def test_a_chain_of_foreign_stores_has_no_owner() -> None:
    chain = ChainSecrets([PlainStore()])
    chain.owner = lambda ref: None
    assert chain.owner is None


async def test_what_cannot_be_configured_is_named_by_its_path() -> None:
    class Bare(containers.DeclarativeContainer):
        secrets = ScopedSecrets()

    class Odd(containers.DeclarativeContainer):
        backend = SecretsBackend(DictSecrets, settings=SEVEN)

    class Unknown(containers.DeclarativeContainer):
        agent: Any = AgentFactory(Agent, "x", model="mistral")

    for container, said in (
        (Bare, r"Bare\.secrets: this ScopedSecrets has no store"),
        (Odd, "settings: expected a mapping of options, got int"),
        (Unknown, "no adapter knows the model 'mistral'"),
    ):
        app: Any = container()
        with pytest.raises(ConfigurationError, match=said):
            async with lifetime(app):
                raise AssertionError


async def test_an_overridden_backend_gives_what_overrides_it() -> None:
    app, fake = App(), DictSecrets()
    with app.backend.override(fake):
        given: object = app.backend()
        assert given is fake


async def test_only_providers_of_the_container_that_is_opened_are_needs() -> None:
    app: Any = App()
    for wanted, said in (
        (
            [App.secrets],
            r"needs\[0\]: this ScopedSecrets is no provider of the container",
        ),
        ([app.secrets, "KEY"], r"needs\[1\]: this str is no provider"),
        (app.secrets, r"needs=\[\.\.\.\]"),
    ):
        with pytest.raises(ConfigurationError, match=said):
            async with lifetime(app, needs=wanted):
                raise AssertionError


async def test_a_source_that_is_made_already_is_a_store_too() -> None:
    class Shelf:
        async def fetch(self, location: str) -> Secret:
            return Secret(f"kept-at-{location}")

    class Shelved(containers.DeclarativeContainer):
        backend = SecretsBackend(Shelf(), settings={"path": "prod/{ref}"})
        secrets = ScopedSecrets(backend)
        key = SecretValue(secrets, "KEY")

    app = Shelved()
    async with lifetime(app):
        assert app.key() == "kept-at-prod/KEY"


def test_what_is_no_secrets_is_refused_where_it_is_given() -> None:
    wrong: Any = "SMTP_PASSWORD"  # in the reader's place
    for give in (SecretValue, SecretGetter, ScopedSecrets):
        with pytest.raises(
            NotSecretsError, match="str cannot serve as secrets, it has"
        ):
            give(wrong)
    a_class: Any = DictSecrets
    with pytest.raises(NotSecretsError, match="DictSecrets is a class: pass an inst"):
        needs(providers.Object(1), "KEY", secrets=a_class)

    class Half:
        async def resolve(self, ref: str) -> str:
            return ref

    with pytest.raises(MalformedSecretError, match="Half .which has no store, redact,"):
        SecretsBackend(Half).scope()


async def test_a_lifetime_is_a_containers() -> None:
    for thing in (None, "App", App().secrets):
        wrong: Any = thing
        with pytest.raises(ConfigurationError, match="no container of dependency-inj"):
            async with lifetime(wrong):
                raise AssertionError


async def test_an_inherited_need_that_is_missing_is_left_to_the_tenants() -> None:
    class Shared(containers.DeclarativeContainer):
        backend = SecretsBackend(
            {"backend": "dict", "dict": {"t/acme/KEY": "acme-key-000001"},
             "tenants": {"path": "t/{tenant}/{ref}", "inherit": ["KEY"]}}
        )  # fmt: skip
        secrets = ScopedSecrets(backend)
        thing = needs(secrets, "KEY")

    async with lifetime(Shared()) as secrets, secrets.tenant("acme") as acme:
        assert acme.lookup_sync("KEY") == "acme-key-000001"


async def test_another_frameworks_agent_may_have_a_model_of_its_own() -> None:
    class Foreign(containers.DeclarativeContainer):
        agent: Any = AgentFactory(dict, model="mistral")

    app: Any = Foreign()
    async with lifetime(app):
        assert app.agent() == {"model": "mistral"}
