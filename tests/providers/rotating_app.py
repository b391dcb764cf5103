"""A container whose clients rotate, for two tenants and the platform."""

from typing import Any

import anyio
import anyio.lowlevel
import anyio.to_thread
from dependency_injector import containers, providers

from secretscope import (
    DictSecrets,
    Rotating,
    ScopedSecrets,
    SecretsBackend,
    SecretValue,
)

TENANTS = {"path": "t/{tenant}/{ref}", "inherit": ["SHARED"]}


class Client:
    """A client as SDKs have them: it keeps the key that it was built with."""

    def __init__(self, key: Any = None, part: Any = None) -> None:
        self.key = key
        self.part = part
        self.closed = 0

    def close(self) -> None:
        if self.part is not None:
            assert not self.part.closed
        self.closed += 1


class AsyncClient(Client):
    """One that is closed by awaiting."""

    async def aclose(self) -> None:
        await anyio.lowlevel.checkpoint()
        self.closed += 1


def values() -> DictSecrets:
    return DictSecrets(
        {
            "SHARED": "shared-rt-000001",
            "PLATFORM": "platform-rt-0001",
            "t/acme/KEY": "acme-key-rt-0001",
            "t/acme/OTHER": "acme-other-rt-01",
            "t/globex/KEY": "globex-key-rt-01",
        }
    )


class App(containers.DeclarativeContainer):
    store = providers.Singleton(values)
    backend = SecretsBackend(store, settings={"tenants": TENANTS})
    secrets = ScopedSecrets(backend)
    key = SecretValue(secrets, "KEY")
    client = Rotating(Client, key=key)
    waiting = Rotating(AsyncClient, key=key)
    leased = Rotating(Client, key=SecretValue(secrets, "SHARED"), grace=0)
    platform = Rotating(Client, key=SecretValue(backend, "PLATFORM"))
    service = Rotating(Client, part=client)
