"""SecretsContainer: the usual three providers, to mount or to inherit from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dependency_injector import containers, providers

from secretscope.providers._backend import SecretsBackend, SettingsCallable
from secretscope.providers._scoped import ScopedSecrets


def section(config: Any) -> Any:
    """Return the part named ``secrets``, or the whole where it is that part itself."""
    if isinstance(config, Mapping) and "backend" not in config:
        return config.get("secrets")
    return config


class SecretsContainer(containers.DeclarativeContainer):
    """A store from configuration, and the reader that follows the task.

    Mount it with ``providers.Container(SecretsContainer, config=config.secrets)``, or
    inherit from it and configure ``secrets``.
    """

    config = providers.Configuration()
    backend = SecretsBackend(SettingsCallable(section, config))
    secrets = ScopedSecrets(backend)
