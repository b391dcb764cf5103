"""One container, from a store to a running agent."""

import sys
import tempfile
from pathlib import Path

import anyio
from dependency_injector import containers, providers

from secretscope import (
    Agent,
    AgentFactory,
    ScopedSecrets,
    SecretsBackend,
    Tuning,
    lifetime,
)


class App(containers.DeclarativeContainer):
    config = providers.Configuration()
    backend = SecretsBackend(config.secrets)
    secrets = ScopedSecrets(backend)
    tuning = providers.Factory(Tuning, secrets=secrets)
    agent = AgentFactory(
        Agent, "You answer support mail.", model=config.model, tuning=tuning
    )


def settings(directory: Path) -> dict[str, object]:
    key = directory / "tenants" / "acme" / "ECHO_API_KEY"
    key.parent.mkdir(parents=True)
    key.write_text("acme-echo-key-0001\n")
    key.chmod(0o400)
    return {
        "model": "echo",
        "secrets": {
            "backend": "files",
            "files": {"directory": str(directory)},
            "tenants": {"path": "tenants/{tenant}/{ref}"},
        },
    }


async def main() -> None:
    with tempfile.TemporaryDirectory() as directory:
        app = App()
        app.config.from_dict(settings(Path(directory)))
        async with lifetime(app) as secrets, secrets.tenant("acme"):
            first = (await app.agent().run("Hello")).output
            with secrets.override(ECHO_API_KEY="one-off-key-0123"):
                second = (await app.agent().run("Hello")).output
    print(first)
    print(second)
    assert first != second


if __name__ == "__main__":
    anyio.run(main, backend=(sys.argv[1:] or ["asyncio"])[0])
