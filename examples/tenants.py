"""Many tenants in one process: each task reads its own tenant's keys, and no other's."""

import sys

import anyio
from dependency_injector import containers, providers

from secretscope import ScopedSecrets, SecretsBackend, lifetime
from secretscope.scopes import LifetimeReader


class App(containers.DeclarativeContainer):
    config = providers.Configuration()
    backend = SecretsBackend(config.secrets)
    secrets = ScopedSecrets(backend)


NAMES = ("acme", "globex", "initech")
SETTINGS = {
    "backend": "dict",
    "dict": {f"tenants/{name}/API_KEY": f"key-of-{name}-001" for name in NAMES},
    "tenants": {"path": "tenants/{tenant}/{ref}"},
}


async def main() -> None:
    app = App(config={"secrets": SETTINGS})

    async def serve(secrets: LifetimeReader, name: str) -> None:
        async with secrets.tenant(name):
            for _ in range(100):
                await anyio.lowlevel.checkpoint()
                assert await app.secrets().resolve("API_KEY") == f"key-of-{name}-001"

    async with lifetime(app) as secrets, anyio.create_task_group() as group:
        for name in NAMES:
            group.start_soon(serve, secrets, name)
    print("300 reads, each of its own tenant's key")


if __name__ == "__main__":
    anyio.run(main, backend=(sys.argv[1:] or ["asyncio"])[0])
