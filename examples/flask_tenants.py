"""A Flask application without a loop: each request reads its own tenant's key."""

import sys

from dependency_injector import containers, providers
from flask import Flask

from secretscope import ScopedSecrets, SecretsBackend, SecretValue, lifetime
from secretscope.integrations.flask import FlaskSecrets, from_header


class App(containers.DeclarativeContainer):
    config = providers.Configuration()
    backend = SecretsBackend(config.secrets)
    secrets = ScopedSecrets(backend)
    key = SecretValue(secrets, "API_KEY")


NAMES = ("acme", "globex")
SETTINGS = {
    "backend": "dict",
    "dict": {f"tenants/{name}/API_KEY": f"key-of-{name}-001" for name in NAMES},
    "tenants": {"path": "tenants/{tenant}/{ref}"},
}


def application(loop: str) -> tuple[Flask, FlaskSecrets]:
    container = App(config={"secrets": SETTINGS})
    app = Flask(__name__)

    @app.get("/")
    def key() -> str:
        return f"served with {container.key()}"  # for show: never answer with a key

    opened = lifetime(container, loop=loop)  # the loop of the thread that does the I/O
    return app, FlaskSecrets(app, opened, tenant=from_header("x-tenant"))


def main(loop: str) -> None:
    app, secrets = application(loop)
    client = app.test_client()
    for name in NAMES:
        answer = client.get("/", headers={"x-tenant": name})
        print(answer.text)
        assert answer.text == f"served with key-of-{name}-001"
    assert client.get("/", headers={"x-tenant": "acme/../globex"}).status_code == 400
    secrets.close()


if __name__ == "__main__":
    main((sys.argv[1:] or ["asyncio"])[0])
