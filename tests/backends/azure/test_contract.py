"""Azure Key Vault keeps both contracts, with the real clients over real sockets."""

from collections.abc import AsyncIterator

import pytest

from secretscope.backends.azure import AzureAccess, AzureAuth, AzureSecrets, AzureSource
from secretscope.protocols import Secrets, Source
from secretscope.testing import SecretsContract, SourceContract
from tests.backends.azure.server import Azure


class TestAzureSource(SourceContract):
    writes_fields = False

    @pytest.fixture
    async def source(self, azure: Azure) -> AsyncIterator[AzureSource]:
        self.azure = azure
        source = AzureSource(azure.access())
        yield source
        await source.aclose()

    def requests(self, source: Source) -> int:
        return len(self.azure.asked)

    def at(self, host: str, port: int) -> AzureSource:
        auth = AzureAuth(
            method="client_secret", tenant_id="t", client_id="c", client_secret="s"
        )
        access = AzureAccess(url=f"https://{host}:{port}", auth=auth, timeout=0.3)
        self.made = AzureSource(access)
        return self.made

    @pytest.fixture(autouse=True)
    async def closed_again(self) -> AsyncIterator[None]:
        self.made = AzureSource(AzureAccess(url="https://nowhere.example"))
        yield
        await self.made.aclose()


class TestAzureSecrets(SecretsContract):
    @pytest.fixture
    async def secrets(self, azure: Azure) -> AsyncIterator[Secrets]:
        secrets = AzureSecrets(azure.access())
        await secrets.open()
        yield secrets
        await secrets.aclose()
