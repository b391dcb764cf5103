"""Containers with one store and with two, and a store that a user wrote."""

from typing import Any

from dependency_injector import containers, providers

from secretscope import (
    DictSecrets,
    EnvSecrets,
    NotWarmError,
    ScopedSecrets,
    SecretsBackend,
)
from tests.plain import PlainStore


class App(containers.DeclarativeContainer):
    config = providers.Configuration()
    backend = SecretsBackend(config.secrets)
    secrets = ScopedSecrets(backend)


class Two(containers.DeclarativeContainer):
    one = SecretsBackend(DictSecrets, {"A": "value-of-a-0001"})
    two = SecretsBackend(EnvSecrets)
    a = ScopedSecrets(one)
    b = ScopedSecrets(two)


TENANTS = {"path": "t/{tenant}/{ref}", "inherit": ["SHARED", "GONE"]}


def application(**values: str) -> Any:
    settings = {"backend": "dict", "dict": values, "tenants": TENANTS}
    return App(config={"secrets": settings})


class Four(PlainStore):
    """A user's store: cold until it is resolved, and it says so in its own words."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}
        self.asked = 0

    async def resolve(self, ref: str) -> str:
        self.asked += 1
        if ref == "LATER":
            raise NotWarmError(ref, where="a store of mine")
        self.kept[ref] = f"value-{self.asked:08d}"
        return self.kept[ref]

    def lookup_sync(self, ref: str) -> str | None:
        return self.kept.get(ref)


def over(store: Any) -> Any:
    class Over(containers.DeclarativeContainer):
        backend = SecretsBackend(providers.Object(store))
        secrets = ScopedSecrets(backend)

    return Over()
