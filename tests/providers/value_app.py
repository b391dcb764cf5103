"""A container that reads one value, and settings for it."""

from typing import Any

from dependency_injector import containers, providers

from secretscope import (
    ScopedSecrets,
    SecretsBackend,
    SecretValue,
    Tuning,
)


class App(containers.DeclarativeContainer):
    config = providers.Configuration()
    backend = SecretsBackend(config.secrets)
    secrets = ScopedSecrets(backend)
    value = SecretValue(secrets, "KEY")
    tuning = providers.Factory(Tuning, secrets=secrets)


def settings(**more: Any) -> dict[str, Any]:
    return {"secrets": {"backend": "dict", "dict": {"KEY": "value-of-key-01"}, **more}}
