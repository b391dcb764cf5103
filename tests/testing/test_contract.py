"""Every ready store keeps the contract, a user's own too; a broken one is found out."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from dependency_injector import containers
from examples.own_store import InMemoryClient, VaultSecrets

from secretscope import (
    CachedSecrets,
    ChainSecrets,
    DictSecrets,
    EnvSecrets,
    FileSecrets,
    MissingSecretError,
    ScopedSecrets,
    Secret,
    Secrets,
    SecretsBackend,
    lifetime,
)
from secretscope.testing import SecretsContract


class TestDictSecrets(SecretsContract):
    @pytest.fixture
    def secrets(self) -> Secrets:
        return DictSecrets()


class TestFileSecrets(SecretsContract):
    @pytest.fixture
    def secrets(self, tmp_path: Path) -> Secrets:
        return FileSecrets(tmp_path)


class TestEnvSecrets(SecretsContract):
    writable = False

    @pytest.fixture
    def secrets(self, monkeypatch: pytest.MonkeyPatch) -> Secrets:
        self.environment = monkeypatch
        return EnvSecrets()

    async def hold(self, secrets: Secrets, ref: str, value: str) -> None:
        self.environment.setenv(ref, value)


class TestChainSecrets(SecretsContract):
    @pytest.fixture
    def secrets(self) -> Secrets:
        return ChainSecrets([EnvSecrets(), DictSecrets()])


class Shelf:
    """A source in memory."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}

    async def fetch(self, location: str) -> Secret:
        if location not in self.kept:
            raise MissingSecretError(location, where="the shelf")
        return Secret(self.kept[location])

    async def put(self, location: str, value: str, *, field: str | None = None) -> None:
        self.kept[location] = value


class TestCachedSecrets(SecretsContract):
    @pytest.fixture
    def secrets(self) -> Secrets:
        return CachedSecrets(Shelf())


class TestAUsersOwn(SecretsContract):
    @pytest.fixture
    def secrets(self) -> Secrets:
        client = InMemoryClient()
        client.data.clear()
        return VaultSecrets(client, "prod/jeeves")


class TestAFrameOfALifetime(SecretsContract):
    @pytest.fixture
    async def secrets(self) -> AsyncIterator[Secrets]:
        class App(containers.DeclarativeContainer):
            backend = SecretsBackend(DictSecrets)
            secrets = ScopedSecrets(backend)

        async with lifetime(App()) as secrets:
            yield secrets


class Leaky(DictSecrets):
    """Breaks three promises."""

    def __repr__(self) -> str:
        return f"Leaky({self._values})"

    def redact(self, text: str) -> str:
        return text

    async def store(self, ref: str, value: str) -> None:
        await super().store(ref.lower(), value)

    async def resolve(self, ref: str) -> str:
        return await super().resolve(ref.lower())


def _case(name: str) -> Callable[..., Any]:
    found: Callable[..., Any] = getattr(SecretsContract(), name)
    return found


async def test_a_store_that_breaks_a_promise_is_found_out() -> None:
    for name in (
        "test_what_it_handed_out_is_masked",
        "test_nothing_it_shows_or_raises_holds_a_value",
        "test_what_was_resolved_is_at_hand",
    ):
        with pytest.raises(AssertionError):
            await _case(name)(Leaky())


def test_the_contract_asks_for_its_store() -> None:
    wanted = SecretsContract.__dict__["secrets"]
    with pytest.raises(NotImplementedError):
        wanted.__wrapped__(SecretsContract())
