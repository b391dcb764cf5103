"""A hand-written Vault adapter works as it is: four methods make a store."""

import sys
from typing import Protocol

import anyio

from secretscope import Agent, Tuning, redact


class Client(Protocol):
    async def read(self, path: str) -> dict[str, str]: ...
    async def write(self, path: str, **data: str) -> None: ...


class VaultSecrets:
    def __init__(self, client: Client, path: str) -> None:
        self._client = client
        self._path = path
        self._cache: dict[str, str] = {}

    async def resolve(self, ref: str) -> str:
        data = await self._client.read(f"{self._path}/{ref}")
        self._cache[ref] = data["value"]
        return self._cache[ref]

    async def store(self, ref: str, value: str) -> None:
        await self._client.write(f"{self._path}/{ref}", value=value)
        self._cache[ref] = value

    def redact(self, text: str) -> str:
        return redact(text)

    def lookup_sync(self, ref: str) -> str | None:
        return self._cache.get(ref)


class InMemoryClient:
    """Stands for the Vault client that you have."""

    def __init__(self) -> None:
        self.data = {"prod/jeeves/ECHO_API_KEY": {"value": "vault-echo-key-01"}}

    async def read(self, path: str) -> dict[str, str]:
        return self.data[path]

    async def write(self, path: str, **data: str) -> None:
        self.data[path] = data


async def main() -> None:
    secrets = VaultSecrets(InMemoryClient(), "prod/jeeves")
    await secrets.resolve("ECHO_API_KEY")
    agent = Agent("You buttle.", model="echo", tuning=Tuning(secrets=secrets))
    before = (await agent.run("Tea?")).output
    await secrets.store("ECHO_API_KEY", "vault-echo-key-02")
    after = (await agent.run("Tea?")).output
    print(before, after, sep="\n")
    assert before != after


if __name__ == "__main__":
    anyio.run(main, backend=(sys.argv[1:] or ["asyncio"])[0])
