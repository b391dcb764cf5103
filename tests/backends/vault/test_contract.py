"""Vault and OpenBao keep the contract of every store, over HTTP."""

from collections.abc import AsyncIterator

import httpx2
import hvac  # type: ignore[import-untyped]  # it has no types
import pytest

from secretscope import Secrets
from secretscope.backends.vault import AppRole, Layout, Token, VaultSecrets
from secretscope.testing import SecretsContract
from tests.backends.vault.admin import Admin


class TestKvVersion2(SecretsContract):
    @pytest.fixture
    async def secrets(self, admin: Admin) -> AsyncIterator[Secrets]:
        layout = Layout(admin.mount(2), path="prod/jeeves")
        store = VaultSecrets(admin.address, auth=Token(admin.token), layout=layout)
        yield store
        await store.aclose()


class TestKvVersion1(SecretsContract):
    @pytest.fixture
    async def secrets(self, admin: Admin) -> AsyncIterator[Secrets]:
        layout = Layout(admin.mount(1))
        store = VaultSecrets(admin.address, auth=Token(admin.token), layout=layout)
        yield store
        await store.aclose()


class TestAppRole(SecretsContract):
    @pytest.fixture
    async def secrets(self, admin: Admin) -> AsyncIterator[Secrets]:
        mount, login = admin.mount(2), admin.login("approle")
        may = ["create", "read", "update"]
        policy = admin.policy({f"{mount}/data/app/*": may})
        role_id = admin.approle(login, "app", policy, token_ttl="60s")
        auth = AppRole(role_id, admin.secret_id(login, "app"), mount=login)
        layout = Layout(mount, path="app")
        store = VaultSecrets(admin.address, auth=auth, layout=layout)
        yield store
        await store.aclose()


class TestAnHttpx2ClientOfTheUsers(SecretsContract):
    @pytest.fixture
    async def secrets(self, admin: Admin) -> AsyncIterator[Secrets]:
        async with httpx2.AsyncClient(
            base_url=f"{admin.address}/v1/", headers={"X-Vault-Token": admin.token}
        ) as client:
            store = VaultSecrets(client, "prod/jeeves", layout=Layout(admin.mount(2)))
            yield store
            await store.aclose()


class TestAnHvacClient(SecretsContract):
    @pytest.fixture
    async def secrets(self, admin: Admin) -> AsyncIterator[Secrets]:
        client = hvac.Client(admin.address, token=admin.token)
        store = VaultSecrets(client, "prod/jeeves", layout=Layout(admin.mount(2)))
        yield store
        await store.aclose()
        client.adapter.close()


class AsyncClient:
    """A client that somebody wrote."""

    def __init__(self) -> None:
        self.held: dict[str, dict[str, str]] = {}

    async def read(self, path: str) -> dict[str, str]:
        return self.held[path]

    async def write(self, path: str, **data: str) -> None:
        self.held[path] = data


class SyncClient:
    def __init__(self) -> None:
        self.held: dict[str, dict[str, str]] = {}

    def read(self, path: str) -> dict[str, str] | None:
        return self.held.get(path)

    def write(self, path: str, **data: str) -> None:
        self.held[path] = data


class TestAClientWithReadAndWrite(SecretsContract):
    @pytest.fixture(params=[AsyncClient, SyncClient])
    def secrets(self, request: pytest.FixtureRequest) -> Secrets:
        return VaultSecrets(request.param(), path="prod/jeeves")
