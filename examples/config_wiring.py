"""The store is a line of configuration; the code that reads does not change."""

import sys
from typing import Any

import anyio
from dependency_injector import containers, providers

from secretscope import ScopedSecrets, SecretsBackend, SecretValue, lifetime


class Mailer:
    def __init__(self, password: str) -> None:
        self.password = password


class App(containers.DeclarativeContainer):
    config = providers.Configuration()
    backend = SecretsBackend(config.secrets)
    secrets = ScopedSecrets(backend)
    mailer = providers.Factory(Mailer, password=SecretValue(secrets, "SMTP_PASSWORD"))


BY_NAME: dict[str, Any] = {"backend": "dict", "dict": {"SMTP_PASSWORD": "mail-pass-01"}}
BY_LOCATION: dict[str, Any] = {
    "backend": "chain",
    "chain": {"of": ["env", "dict"]},
    "dict": {"prod/mail": '{"password": "mail-pass-02"}'},
    "refs": {"SMTP_PASSWORD": "prod/mail#password"},
}


async def main() -> None:
    for settings, expected in (
        (BY_NAME, "mail-pass-01"),
        (BY_LOCATION, "mail-pass-02"),
    ):
        app = App(config={"secrets": settings})
        async with lifetime(app):
            assert app.mailer().password == expected
            print(f"{settings['backend']}: the mailer has its password")


if __name__ == "__main__":
    anyio.run(main, backend=(sys.argv[1:] or ["asyncio"])[0])
