"""A crowd of tenants, and how they come and stay."""

from typing import Any

import anyio
import anyio.lowlevel
from dependency_injector import containers, providers

from secretscope import (
    Rotating,
    ScopedSecrets,
    SecretsBackend,
    SecretValue,
    needs,
)
from tests.scopes.remote import Remote


def application(store: Any, **tenants: Any) -> Any:
    class App(containers.DeclarativeContainer):
        backend = SecretsBackend(
            providers.Object(store),
            settings={"tenants": tenants or {"path": "t/{tenant}/{ref}"}},
        )
        secrets = ScopedSecrets(backend)
        reader: Any = needs(secrets, "KEY")
        client: Any = Rotating(dict, key=SecretValue(secrets, "KEY"), closer=dict.clear)

    return App()


def remote(count: int = 20) -> Remote:
    return Remote({f"t/t{n}/KEY": f"key-of-t{n:03d}-lim" for n in range(count)})


async def visit(secrets: Any, *names: str) -> None:
    for name in names:
        async with secrets.tenant(name) as reader:
            assert reader.lookup_sync("KEY") == f"key-of-t{int(name[1:]):03d}-lim"


async def hold(secrets: Any, name: str, until: anyio.Event) -> None:
    async with secrets.tenant(name) as reader:
        value = reader.lookup_sync("KEY")
        await until.wait()
        assert reader.lookup_sync("KEY") == value


def names(secrets: Any) -> set[str]:
    return {status.tenant for status in secrets.open_tenants()}
