"""The fixture overrides for one test, and puts everything back."""

from collections.abc import Iterator
from typing import Any

import pytest
from dependency_injector import containers, providers

from secretscope import (
    AmbiguousStoreError,
    DictSecrets,
    ScopedSecrets,
    SecretsBackend,
    lifetime,
)
from secretscope.testing import OverrideSecrets, override_secrets

__all__ = ["override_secrets"]


class App(containers.DeclarativeContainer):
    config = providers.Configuration()
    backend = SecretsBackend(config.secrets)
    secrets = ScopedSecrets(backend)


PRODUCTION = {"backend": "env", "tenants": {"path": "t/{tenant}/{ref}"}}


@pytest.fixture
def application() -> Iterator[Any]:
    app = App(config={"secrets": PRODUCTION})
    yield app
    assert app.backend.last_overriding is None


async def test_values_stand_in_the_stores_place(
    application: Any, override_secrets: OverrideSecrets
) -> None:
    store = override_secrets(application, {"t/acme/KEY": "a-key-for-tests"})
    async with lifetime(application) as secrets, secrets.tenant("acme") as acme:
        assert await acme.resolve("KEY") == "a-key-for-tests"
        await store.store("t/acme/KEY", "another-test-key")
        assert acme.lookup_sync("KEY") == "another-test-key"


async def test_a_store_or_a_backend_may_be_given(
    override_secrets: OverrideSecrets,
) -> None:
    mine = DictSecrets({"KEY": "a-key-for-tests"})
    app: Any = App(config={"secrets": {"backend": "env"}})
    assert override_secrets(app.backend, mine) is mine
    async with lifetime(app) as secrets:
        assert await secrets.resolve("KEY") == "a-key-for-tests"


async def test_a_class_is_overridden_for_all_its_instances(
    override_secrets: OverrideSecrets,
) -> None:
    override_secrets(App, {"KEY": "a-key-for-tests"})
    async with lifetime(App(config={"secrets": {"backend": "env"}})) as secrets:
        assert await secrets.resolve("KEY") == "a-key-for-tests"


def test_a_container_without_one_backend_is_refused(
    override_secrets: OverrideSecrets,
) -> None:
    class Empty(containers.DeclarativeContainer):
        pass

    class Two(containers.DeclarativeContainer):
        one = SecretsBackend({"backend": "env"})
        two = SecretsBackend({"backend": "env"})

    for container in (Empty, Two):
        with pytest.raises(AmbiguousStoreError):
            override_secrets(container)
