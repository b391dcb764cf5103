"""A worker that takes jobs for tenants: each job runs with its own tenant's key."""

import sys
from dataclasses import dataclass

import anyio
from dependency_injector import containers, providers

from secretscope import (
    Agent,
    AgentFactory,
    MissingSecretError,
    ScopedSecrets,
    SecretsBackend,
    Tuning,
    lifetime,
)
from secretscope.scopes import LifetimeReader


class App(containers.DeclarativeContainer):
    config = providers.Configuration()
    backend = SecretsBackend(config.secrets)
    secrets = ScopedSecrets(backend)
    tuning = providers.Factory(Tuning, secrets=secrets)
    agent = AgentFactory(Agent, "You answer.", model="echo", tuning=tuning)
    key = providers.Callable(
        lambda secrets: secrets.lookup_sync("ECHO_API_KEY"), secrets
    )


@dataclass(frozen=True)
class Job:
    tenant: str
    text: str


NAMES = ("acme", "globex", "initech")
SETTINGS = {
    "backend": "dict",
    "dict": {f"tenants/{name}/ECHO_API_KEY": f"key-of-{name}-01" for name in NAMES},
    "tenants": {"path": "tenants/{tenant}/{ref}"},
}


async def main() -> None:
    app = App(config={"secrets": SETTINGS})
    put, jobs = anyio.create_memory_object_stream[Job](100)
    done: list[str] = []
    refused: list[str] = []

    async def work(secrets: LifetimeReader) -> None:
        async for job in jobs:
            try:
                async with secrets.tenant(job.tenant):
                    assert app.key() == f"key-of-{job.tenant}-01"
                    done.append((await app.agent().run(job.text)).output)
            except MissingSecretError:  # the job fails, and never with another's key
                refused.append(job.tenant)

    async with lifetime(app) as secrets, jobs, anyio.create_task_group() as group:
        for _ in range(4):
            group.start_soon(work, secrets)
        async with put:
            for number in range(30):
                await put.send(Job(NAMES[number % 3], f"job {number}"))
            await put.send(Job("nobody", "a job without a key"))
    print(f"{len(done)} jobs done, refused: {refused}")
    assert (len(done), refused) == (30, ["nobody"])


if __name__ == "__main__":
    anyio.run(main, backend=(sys.argv[1:] or ["asyncio"])[0])
