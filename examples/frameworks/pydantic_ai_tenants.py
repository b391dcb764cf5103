"""pydantic-ai: one agent serves all tenants, each request with its tenant's current key (asyncio)."""

from typing import Any

import anyio
from dependency_injector import containers, providers
from loopback import Service, serving
from pydantic_ai import Agent
from pydantic_ai.models.anthropic import AnthropicModel
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.providers.anthropic import AnthropicProvider
from pydantic_ai.providers.openai import OpenAIProvider

from secretscope import ScopedSecrets, SecretsBackend, lifetime, needs
from secretscope.integrations.live_keys import anthropic_client, openai_client

STORE = {
    "t/acme/OPENAI_API_KEY": "acme-openai-key-0001",
    "t/acme/ANTHROPIC_API_KEY": "acme-claude-key-0001",
    "t/globex/OPENAI_API_KEY": "globex-openai-key-01",
    "t/globex/ANTHROPIC_API_KEY": "globex-claude-key-01",
}


class App(containers.DeclarativeContainer):
    config = providers.Configuration()
    backend = SecretsBackend(config.secrets)
    secrets = ScopedSecrets(backend)
    openai = providers.Singleton(openai_client, secrets, base_url=config.url)
    claude = providers.Singleton(anthropic_client, secrets, base_url=config.url)
    gpt_agent: Any = needs(
        providers.Singleton(
            Agent,
            providers.Singleton(
                OpenAIChatModel,
                "gpt-4o",
                provider=providers.Singleton(OpenAIProvider, openai_client=openai),
            ),
        ),
        "OPENAI_API_KEY",
        secrets=secrets,
    )
    claude_agent: Any = needs(
        providers.Singleton(
            Agent,
            providers.Singleton(
                AnthropicModel,
                "claude-opus-4-7",
                provider=providers.Singleton(
                    AnthropicProvider, anthropic_client=claude
                ),
            ),
        ),
        "ANTHROPIC_API_KEY",
        secrets=secrets,
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
        for tenant in ("acme", "globex"):
            async with secrets.tenant(tenant):
                print(tenant, (await app.gpt_agent().run("Hello")).output)
                await app.claude_agent().run("Hello")
        async with secrets.tenant("acme") as acme:
            await acme.store("OPENAI_API_KEY", "acme-openai-key-0002")
            await app.gpt_agent().run("Hello")  # the same agent, the new key
        assert service.keys == [*STORE.values(), "acme-openai-key-0002"]
        async with secrets.tenant("initech"):  # has no key: nothing is sent
            try:
                await app.gpt_agent().run("Hello")
            except Exception as error:
                print("initech:", secrets.redact(f"{type(error).__name__}: {error}"))
        assert len(service.keys) == 5
        await app.openai().close()
        await app.claude().close()


if __name__ == "__main__":
    with serving(*STORE.values(), "acme-openai-key-0002") as service:
        anyio.run(main, service)
