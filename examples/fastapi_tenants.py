"""A FastAPI service whose tenants bring their own keys, on asyncio (uvicorn's) or trio."""

import sys
import tempfile
from pathlib import Path
from typing import Annotated

import anycorn
import anyio
import httpx2
from dependency_injector import containers, providers
from dependency_injector.wiring import Provide, inject
from fastapi import Depends, FastAPI

from secretscope import (
    Agent,
    AgentFactory,
    ScopedSecrets,
    SecretsBackend,
    Tuning,
    lifetime,
)
from secretscope.integrations.asgi import (
    RequestOverride,
    SecretsMiddleware,
    from_header,
)


class App(containers.DeclarativeContainer):
    config = providers.Configuration()
    backend = SecretsBackend(config.secrets)
    secrets = ScopedSecrets(backend)
    tuning = providers.Factory(Tuning, secrets=secrets)
    agent = AgentFactory(Agent, "You answer.", model="echo", tuning=tuning)


api = FastAPI()


@api.post("/ask")
@inject
async def ask(agent: Annotated[Agent, Depends(Provide[App.agent])], text: str) -> str:
    return str((await agent.run(text)).output)


def service(directory: Path) -> SecretsMiddleware:
    """Wrap the API: each request is served with the keys of its tenant."""
    container = App()
    container.config.from_dict(
        {
            "secrets": {
                "backend": "files",
                "files": {"directory": str(directory)},
                "tenants": {"path": "tenants/{tenant}/{ref}"},
            }
        }
    )
    container.wire(modules=[__name__])
    return SecretsMiddleware(
        api,
        lifetime(container),
        tenant=from_header("x-tenant"),
        overrides=[RequestOverride("x-echo-key", "ECHO_API_KEY")],
    )


async def main() -> None:
    with tempfile.TemporaryDirectory() as found:
        directory = Path(found)
        for name in ("acme", "globex"):
            key = directory / "tenants" / name / "ECHO_API_KEY"
            key.parent.mkdir(parents=True)
            key.write_text(f"key-of-{name}-000001")
            key.chmod(0o400)
        end = anyio.Event()
        config = anycorn.Config()
        config.bind = ["127.0.0.1:0"]
        config.errorlog = None
        async with anyio.create_task_group() as group:

            async def serve(*, task_status: anyio.abc.TaskStatus[list[str]]) -> None:
                await anycorn.serve(
                    service(directory),
                    config,
                    shutdown_trigger=end.wait,
                    task_status=task_status,
                )

            address = (await group.start(serve))[0]
            await drive(address)
            end.set()


async def drive(address: str) -> None:
    """Ask as two tenants, with a key of one's own, and as nobody."""
    async with httpx2.AsyncClient(base_url=address) as client:

        async def as_(**headers: str) -> httpx2.Response:
            given = {name.replace("_", "-"): value for name, value in headers.items()}
            return await client.post("/ask", params={"text": "Hello"}, headers=given)

        acme, globex = await as_(x_tenant="acme"), await as_(x_tenant="globex")
        own = await as_(x_tenant="acme", x_echo_key="brought-along-0001")
        print(acme.json(), globex.json(), own.json(), sep="\n")
        assert len({acme.text, globex.text, own.text}) == 3
        assert (await as_()).status_code == 400


if __name__ == "__main__":
    anyio.run(main, backend=(sys.argv[1:] or ["asyncio"])[0])
