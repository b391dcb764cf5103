"""A test puts a fake in the store's place; the rules for tenants hold over it."""

import sys

import anyio
from dependency_injector import containers, providers

from secretscope import (
    DictSecrets,
    NoTenantError,
    ScopedSecrets,
    SecretsBackend,
    lifetime,
)


class App(containers.DeclarativeContainer):
    config = providers.Configuration()
    backend = SecretsBackend(config.secrets)
    secrets = ScopedSecrets(backend)


PRODUCTION = {
    "backend": "files",
    "files": {"directory": "/run/secrets"},
    "tenants": {"path": "tenants/{tenant}/{ref}"},
}


async def main() -> None:
    app = App(config={"secrets": PRODUCTION})
    fake = DictSecrets({"tenants/acme/API_KEY": "a-key-for-tests"})
    with app.backend.override(fake):
        async with lifetime(app) as secrets:
            async with secrets.tenant("acme") as acme:
                assert await acme.resolve("API_KEY") == "a-key-for-tests"
            try:
                app.secrets().lookup_sync("API_KEY")
            except NoTenantError as error:
                print(error)


if __name__ == "__main__":
    anyio.run(main, backend=(sys.argv[1:] or ["asyncio"])[0])
