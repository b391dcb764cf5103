"""MCP: a client whose every request carries its tenant's current token, on both loops."""

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import anyio
import httpx2
import uvicorn
from dependency_injector import containers, providers
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from mcp.server import MCPServer

from secretscope import ScopedSecrets, SecretsBackend, lifetime
from secretscope.integrations.live_keys import SecretAuth

STORE = {
    "t/acme/MCP_TOKEN": "acme-mcp-token-0001",
    "t/globex/MCP_TOKEN": "globex-mcp-token-01",
}


class App(containers.DeclarativeContainer):
    config = providers.Configuration()
    backend = SecretsBackend(config.secrets)
    secrets = ScopedSecrets(backend)
    http = providers.Factory(
        httpx2.AsyncClient, auth=providers.Singleton(SecretAuth, secrets, "MCP_TOKEN")
    )


async def greet(app: App, url: str) -> str:
    """Call the server's tool with the token of whoever runs this."""
    async with app.http() as http:
        transport = streamable_http_client(url, http_client=http)
        async with Client(transport) as client:
            result = await client.call_tool("greet", {"name": "you"})
            return str(result.content[0].text)


async def main(url: str, tokens: list[str]) -> None:
    app = App()
    app.config.from_dict(
        {
            "secrets": {
                "backend": "dict",
                "dict": STORE,
                "tenants": {"path": "t/{tenant}/{ref}"},
            }
        }
    )
    async with lifetime(app) as secrets:
        for tenant in ("acme", "globex"):
            async with secrets.tenant(tenant):
                print(tenant, await greet(app, url))
        async with secrets.tenant("acme") as acme:
            await acme.store("MCP_TOKEN", "acme-mcp-token-0002")
            await greet(app, url)
    assert set(tokens) == {*STORE.values(), "acme-mcp-token-0002"}
    assert tokens == sorted(tokens, key=[*STORE.values(), tokens[-1]].index)


# --- a server on this machine, which remembers whose token it saw ---------------------

server = MCPServer("greeter")


@server.tool(name="greet")
def greet_tool(name: str) -> str:
    return f"hello {name}"


@contextmanager
def serving(tokens: list[str]) -> Iterator[str]:
    inner = server.streamable_http_app(stateless_http=True, json_response=True)

    async def app(scope: Any, receive: Any, send: Any) -> None:
        given = dict(scope.get("headers", ())).get(b"authorization")
        if given is not None:
            tokens.append(given.decode().removeprefix("Bearer "))
        await inner(scope, receive, send)

    config = uvicorn.Config(app, port=0, log_level="warning")
    running = uvicorn.Server(config)
    thread = threading.Thread(target=running.run)
    thread.start()
    while not running.started:
        time.sleep(0.01)
    port = running.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}/mcp"
    finally:
        running.should_exit = True
        thread.join()


if __name__ == "__main__":
    seen: list[str] = []
    with serving(seen) as address:
        loop = sys.argv[1] if sys.argv[1:] else "asyncio"
        anyio.run(main, address, seen, backend=loop)
