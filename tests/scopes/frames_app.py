"""A container with tenants, and what its store holds."""

from collections.abc import Mapping
from typing import Any

from dependency_injector import containers, providers

from secretscope import (
    Agent,
    AgentFactory,
    ScopedSecrets,
    SecretsBackend,
    Tuning,
    needs,
)


class App(containers.DeclarativeContainer):
    config = providers.Configuration()
    backend = SecretsBackend(config.secrets)
    secrets = ScopedSecrets(backend)
    tuning = providers.Factory(Tuning, secrets=secrets)
    agent = AgentFactory(Agent, "Echo.", model="echo", tuning=tuning)
    reader = needs(secrets, "KEY", optional=["SHARED", "EXTRA"])


VALUES = {
    "KEY": "platform-key-0001",
    "SHARED": "shared-key-00001",
    "tenants/acme/KEY": "acme-key-0000001",
    "tenants/acme2/KEY": "acme2-key-000001",
    "tenants/globex/KEY": "globex-key-00001",
}


TENANTS: dict[str, Any] = {"path": "tenants/{tenant}/{ref}", "inherit": ["SHARED"]}


def application(values: Mapping[str, str] = VALUES, **settings: Any) -> Any:
    app = App()
    app.config.from_dict({"secrets": {"backend": "dict", "dict": values, **settings}})
    return app
