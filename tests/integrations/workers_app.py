"""One shop, served by processes that servers start: by WSGI, ASGI and Django.

A server imports it anew in each of its processes; each answers with its own pid.
"""

import os
from typing import Any

from dependency_injector import containers, providers
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.urls import path
from fastapi import FastAPI
from flask import Flask

from secretscope import (
    CachedSecrets,
    MissingSecretError,
    Policy,
    ScopedSecrets,
    Secret,
    SecretsBackend,
    lifetime,
    needs,
)
from secretscope.integrations.asgi import SecretsMiddleware, from_header
from secretscope.integrations.fastapi import RequestSecrets
from secretscope.integrations.flask import FlaskSecrets
from secretscope.integrations.flask import from_header as from_wsgi_header

# Django has no types, and asgiref no word on async views
# pyright: reportMissingTypeStubs=false

TENANTS = ("acme", "acme2", "globex")


class Keys:
    """Has a key for each tenant that names it and the process that asked."""

    async def fetch(self, location: str) -> Secret:
        _, name, _ = location.split("/")
        if name not in TENANTS:
            raise MissingSecretError(location, where="the keys")
        return Secret(f"key-of/{name}/{os.getpid()}")


class App(containers.DeclarativeContainer):
    keys = providers.Factory(Keys)
    cached = providers.Factory(CachedSecrets, keys, Policy(ttl=300))
    backend = SecretsBackend(cached, settings={"tenants": {"path": "t/{tenant}/{ref}"}})
    secrets = ScopedSecrets(backend)
    thing = needs(secrets, "KEY")


CONTAINER: Any = App()
OPENED = lifetime(CONTAINER)


def answer() -> str:
    return f"{os.getpid()} {CONTAINER.secrets().lookup_sync('KEY')}"


# --- Flask ---------------------------------------------------------------------------


def flask(*, at_first_request: bool = False) -> Flask:
    app = Flask("shop")
    app.get("/")(answer)
    FlaskSecrets(
        app,
        OPENED,
        tenant=from_wsgi_header("x-tenant"),
        at_first_request=at_first_request,
    )
    return app


def late() -> Flask:
    return flask(at_first_request=True)


# --- FastAPI -------------------------------------------------------------------------


def fastapi() -> SecretsMiddleware:
    app = FastAPI()

    @app.get("/")
    async def key(secrets: RequestSecrets) -> str:
        assert await secrets.resolve("KEY") == CONTAINER.secrets().peek("KEY")
        return answer()

    return SecretsMiddleware(app, OPENED, tenant=from_header("x-tenant"))


# --- Django --------------------------------------------------------------------------


def tenant_of(request: HttpRequest) -> str | None:
    name: str | None = request.headers.get("x-tenant")
    return name


def view(request: HttpRequest) -> HttpResponse:
    return HttpResponse(answer())


async def async_view(request: Any) -> HttpResponse:
    assert await request.secrets.resolve("KEY") == CONTAINER.secrets().peek("KEY")
    return HttpResponse(answer())


urlpatterns = [path("", view), path("async", async_view)]


def _django() -> None:
    settings.configure(
        ROOT_URLCONF=__name__,
        ALLOWED_HOSTS=["*"],
        SECRET_KEY="x" * 50,
        MIDDLEWARE=["secretscope.integrations.django.SecretsMiddleware"],
        SECRETSCOPE={
            "lifetime": f"{__name__}.OPENED",
            "tenant": f"{__name__}.tenant_of",
        },
    )


def django_wsgi() -> Any:
    _django()
    return get_wsgi_application()


def django_asgi() -> Any:
    _django()
    return get_asgi_application()
