"""loomflow: a live agent follows its tenant and each rotation, streamed, on both loops."""

import sys
from typing import Any

import anyio
from dependency_injector import containers, providers
from loomflow import Agent, InMemoryAuditLog, Tuning
from loomflow.model.anthropic import AnthropicModel
from loopback import Service, serving

from secretscope import AgentFactory, ScopedSecrets, SecretsBackend, lifetime, needs
from secretscope.integrations.live_keys import anthropic_client
from secretscope.integrations.loomflow import RedactedAuditLog

STORE = {
    "t/acme/ANTHROPIC_API_KEY": "acme-claude-key-0001",
    "t/globex/ANTHROPIC_API_KEY": "globex-claude-key-01",
}


class App(containers.DeclarativeContainer):
    config = providers.Configuration()
    backend = SecretsBackend(config.secrets)
    secrets = ScopedSecrets(backend)
    tuning = providers.Factory(Tuning, secrets=secrets)
    client = providers.Singleton(anthropic_client, secrets, base_url=config.url)
    model = needs(
        providers.Singleton(AnthropicModel, "claude-opus-4-7", client=client),
        "ANTHROPIC_API_KEY",
        secrets=secrets,
    )
    audit_log = providers.Singleton(
        RedactedAuditLog, providers.Singleton(InMemoryAuditLog, secret="audit-key-0001")
    )
    agent: Any = AgentFactory(
        Agent,
        "You help.",
        model=model,
        tuning=tuning,
        audit_log=audit_log,
        auto_extract=False,
    )


async def main(service: Service) -> None:
    app = App()
    app.config.from_dict(
        {
            "url": service.url,
            "secrets": {
                "backend": "dict",
                "dict": STORE,
                "tenants": {"path": "t/{tenant}/{ref}"},
            },
        }
    )
    async with lifetime(app) as secrets:
        async with secrets.tenant("acme") as acme:
            agent = app.agent()
            print("acme", (await agent.run("Hello")).output)
            await acme.store("ANTHROPIC_API_KEY", "acme-claude-key-0002")
            async for event in agent.stream(f"my key: {service.keys[0]}"):  # same agent
                if str(event.kind).endswith("model_chunk"):
                    print("acme", "streams")
        async with secrets.tenant("globex"):
            print("globex", (await app.agent().run("Hello")).output)
        await app.client().close()
    assert list(dict.fromkeys(service.keys)) == [
        "acme-claude-key-0001",
        "acme-claude-key-0002",
        "globex-claude-key-01",
    ]
    written = str(await app.audit_log().all_entries())
    assert "acme-claude-key-0001" not in written
    assert (await app.audit_log().verify()).ok


if __name__ == "__main__":
    with serving(*STORE.values(), "acme-claude-key-0002") as service:
        loop = sys.argv[1] if sys.argv[1:] else "asyncio"
        anyio.run(main, service, backend=loop)
