"""A client is built anew when its key rotates, and what is in flight finishes first."""

import sys

import anyio
import anyio.lowlevel
from dependency_injector import containers, providers

from secretscope import Rotating, ScopedSecrets, SecretsBackend, SecretValue, lifetime


class Client:
    """As SDKs have them: it keeps the key that it was built with."""

    def __init__(self, key: str) -> None:
        self.key = key
        self.open = True

    async def call(self, number: int) -> str:
        await anyio.lowlevel.checkpoint()
        assert self.open, "it was closed under a call"
        return f"call {number} with the key that ends in {self.key[-1]}"

    async def aclose(self) -> None:
        self.open = False


class App(containers.DeclarativeContainer):
    config = providers.Configuration()
    backend = SecretsBackend(config.secrets)
    secrets = ScopedSecrets(backend)
    client = Rotating(Client, key=SecretValue(secrets, "KEY"))


async def main() -> None:
    app = App()
    app.config.from_dict(
        {"secrets": {"backend": "dict", "dict": {"KEY": "a-key-that-ends-in-1"}}}
    )
    rotated = anyio.Event()

    async def work(number: int) -> None:
        with app.client.lease() as client:
            await rotated.wait()
            print(await client.call(number))

    async with lifetime(app) as secrets:
        secrets.on_rotation(
            lambda told: print(f"{told.ref}: version {told.old} -> {told.new}")
        )
        async with anyio.create_task_group() as group:
            for number in range(3):
                group.start_soon(work, number)
            await anyio.wait_all_tasks_blocked()
            await secrets.store("KEY", "a-key-that-ends-in-2")
            rotated.set()
        print(await app.client().call(3))


if __name__ == "__main__":
    anyio.run(main, backend=sys.argv[1] if len(sys.argv) > 1 else "asyncio")
