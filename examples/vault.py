"""Each tenant's key is read from Vault with a token of that tenant's own."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import anyio
from dependency_injector import containers, providers

from secretscope import ScopedSecrets, SecretsBackend, lifetime

KEYS = {"acme": "acme-vault-key-01", "globex": "globex-vault-key-02"}


class Vault(BaseHTTPRequestHandler):
    """Stands for your server: it knows one login a tenant, and one secret."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        user = self.path.rpartition("/")[2]
        self.answer({"auth": {"client_token": f"token-of-{user}"}})

    def do_GET(self) -> None:
        tenant = self.path.split("/")[5]
        if self.headers["X-Vault-Token"] != f"token-of-{tenant}":
            self.send_error(403)
            return
        data, metadata = {"value": KEYS[tenant]}, {"version": 1}
        self.answer({"data": {"data": data, "metadata": metadata}})

    def answer(self, body: object) -> None:
        payload = json.dumps(body).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(payload)))
        self.end_headers()
        self.wfile.write(payload)

    def log_message(self, *args: object) -> None:
        """Say nothing."""


@contextmanager
def vault() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), Vault) as server:
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


class App(containers.DeclarativeContainer):
    config = providers.Configuration()
    backend = SecretsBackend(config.secrets)
    secrets = ScopedSecrets(backend)


def settings(address: str) -> dict[str, object]:
    login = {"method": "userpass", "username": "platform", "password": "p"}
    return {
        "backend": "vault",
        "vault": {
            "url": address,
            "kv_version": 2,
            "auth": login,
            "tenant": {
                "path": "tenants/{tenant}",
                "auth": {**login, "username": "{tenant}"},
            },
        },
        "tenants": {},
    }


async def main() -> None:
    with vault() as address:
        app = App(config={"secrets": settings(address)})
        async with lifetime(app) as secrets:
            for tenant, key in KEYS.items():
                async with secrets.tenant(tenant) as own:
                    assert await own.resolve("API_KEY") == key
                    print(tenant, "has read its own key")


if __name__ == "__main__":
    anyio.run(main, backend=(sys.argv[1:] or ["asyncio"])[0])
