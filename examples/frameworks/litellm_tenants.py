"""litellm: each call is given its tenant's current key (asyncio)."""

import os

import anyio
from dependency_injector import containers, providers

os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")  # else it asks the web

import litellm
from loopback import Service, serving

from secretscope import ScopedSecrets, SecretsBackend, SecretValue, lifetime

STORE = {
    "t/acme/OPENAI_API_KEY": "acme-openai-key-0001",
    "t/globex/OPENAI_API_KEY": "globex-openai-key-01",
}


class App(containers.DeclarativeContainer):
    config = providers.Configuration()
    backend = SecretsBackend(config.secrets)
    secrets = ScopedSecrets(backend)
    # a coroutine at each call, with the key that is current where it is made
    complete = providers.Callable(
        litellm.acompletion,
        model="openai/gpt-4o",
        api_base=config.url,
        api_key=SecretValue(secrets, "OPENAI_API_KEY"),
        num_retries=0,
    )


async def main(service: Service) -> None:
    litellm.telemetry = False
    asked = [{"role": "user", "content": "Hello"}]
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
                answer = await app.complete(messages=asked)
                print(tenant, answer.choices[0].message.content)
        async with secrets.tenant("acme") as acme:
            await acme.store("OPENAI_API_KEY", "acme-openai-key-0002")
            await app.complete(messages=asked)
        assert service.keys == [*STORE.values(), "acme-openai-key-0002"]
        async with secrets.tenant("initech"):  # has no key: nothing is sent
            try:
                await app.complete(messages=asked)
            except Exception as error:
                print("initech:", secrets.redact(f"{type(error).__name__}: {error}"))
        assert len(service.keys) == 3


if __name__ == "__main__":
    with serving(*STORE.values(), "acme-openai-key-0002") as service:
        anyio.run(main, service)
