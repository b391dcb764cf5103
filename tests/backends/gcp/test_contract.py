"""Google Cloud Secret Manager keeps both contracts, with the real client over a socket."""

from collections.abc import AsyncIterator

import pytest

from secretscope.backends.gcp import GcpAccess, GcpSecrets, GcpSource
from secretscope.protocols import Secrets, Source
from secretscope.testing import SecretsContract, SourceContract
from tests.backends.gcp.server import Cloud


class TestGcpSource(SourceContract):
    holds_empty = False
    writes_fields = False

    @pytest.fixture
    async def source(self, cloud: Cloud) -> AsyncIterator[GcpSource]:
        self.cloud = cloud
        source = GcpSource(cloud.access())
        yield source
        await source.aclose()

    async def hold_bytes(self, source: Source, location: str, value: bytes) -> bool:
        self.cloud.hold(location, value)
        return True

    def requests(self, source: Source) -> int:
        return len(self.cloud.asked)

    def at(self, host: str, port: int) -> GcpSource:
        return GcpSource(
            GcpAccess(
                project="my-project",
                endpoint=f"{host}:{port}",
                insecure=True,
                timeout=0.3,
            )
        )


class TestGcpSecrets(SecretsContract):
    holds_empty = False

    @pytest.fixture
    async def secrets(self, cloud: Cloud) -> AsyncIterator[Secrets]:
        secrets = GcpSecrets(cloud.access())
        await secrets.open()
        yield secrets
        await secrets.aclose()
