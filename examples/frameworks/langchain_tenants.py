"""LangChain: OpenAI's chat model takes a live key, Anthropic's is made for each request."""

import anyio
from dependency_injector import containers, providers
from langchain_anthropic import ChatAnthropic
from langchain_openai import ChatOpenAI
from loopback import Service, serving

from secretscope import (
    ScopedSecrets,
    SecretGetter,
    SecretsBackend,
    SecretValue,
    lifetime,
)

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
    # one for all tenants: the bound async function is called for every request
    gpt = providers.Singleton(
        ChatOpenAI,
        model="gpt-4o",
        api_key=SecretGetter(secrets, "OPENAI_API_KEY"),
        base_url=config.url,
        max_retries=0,
    )
    # keeps the key it was made with: a Factory makes one where it is needed
    claude = providers.Factory(
        ChatAnthropic,
        model_name="claude-opus-4-7",
        api_key=SecretValue(secrets, "ANTHROPIC_API_KEY"),
        base_url=config.url,
        max_retries=0,
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
                print(tenant, (await app.gpt().ainvoke("Hello")).content)
                await app.claude().ainvoke("Hello")
        async with secrets.tenant("acme") as acme:
            await acme.store("OPENAI_API_KEY", "acme-openai-key-0002")
            await acme.store("ANTHROPIC_API_KEY", "acme-claude-key-0002")
            await app.gpt().ainvoke("Hello")  # the same model, the new key
            await app.claude().ainvoke("Hello")
        assert service.keys == [
            *STORE.values(),
            "acme-openai-key-0002",
            "acme-claude-key-0002",
        ]
        async with secrets.tenant("initech"):  # has no key: nothing is sent
            for model in (app.gpt, app.claude):
                try:
                    await model().ainvoke("Hello")
                except Exception as error:
                    print(
                        "initech:", secrets.redact(f"{type(error).__name__}: {error}")
                    )
        assert len(service.keys) == 6


if __name__ == "__main__":
    with serving(
        *STORE.values(), "acme-openai-key-0002", "acme-claude-key-0002"
    ) as service:
        anyio.run(main, service)
