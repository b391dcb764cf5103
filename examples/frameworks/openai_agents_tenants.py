"""openai-agents: one agent serves all tenants, through a client with live keys (asyncio)."""

from typing import Any

import anyio
from agents import Agent, OpenAIChatCompletionsModel, Runner, set_tracing_disabled
from dependency_injector import containers, providers
from loopback import Service, serving

from secretscope import ScopedSecrets, SecretsBackend, lifetime, needs
from secretscope.integrations.live_keys import openai_client

STORE = {
    "t/acme/OPENAI_API_KEY": "acme-openai-key-0001",
    "t/globex/OPENAI_API_KEY": "globex-openai-key-01",
}


class App(containers.DeclarativeContainer):
    config = providers.Configuration()
    backend = SecretsBackend(config.secrets)
    secrets = ScopedSecrets(backend)
    client = providers.Singleton(openai_client, secrets, base_url=config.url)
    model = providers.Singleton(OpenAIChatCompletionsModel, "gpt-4o", client)
    agent: Any = needs(
        providers.Singleton(Agent, name="support", model=model),
        "OPENAI_API_KEY",
        secrets=secrets,
    )


async def main(service: Service) -> None:
    # its exporter of traces has a key of its own, from the environment
    set_tracing_disabled(True)
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
        for tenant in ("acme", "globex"):
            async with secrets.tenant(tenant):
                result = await Runner.run(app.agent(), "Hello")
                print(tenant, result.final_output)
        async with secrets.tenant("acme") as acme:
            await acme.store("OPENAI_API_KEY", "acme-openai-key-0002")
            await Runner.run(app.agent(), "Hello")  # the same agent, the new key
        assert service.keys == [*STORE.values(), "acme-openai-key-0002"]
        async with secrets.tenant("initech"):  # has no key: nothing is sent
            try:
                await Runner.run(app.agent(), "Hello")
            except Exception as error:
                print("initech:", secrets.redact(f"{type(error).__name__}: {error}"))
        assert len(service.keys) == 3
        await app.client().close()


if __name__ == "__main__":
    with serving(*STORE.values(), "acme-openai-key-0002") as service:
        anyio.run(main, service)
