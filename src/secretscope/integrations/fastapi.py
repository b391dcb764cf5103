"""FastAPI: a request's reader and single secrets, as dependencies.

::

    @app.get("/charge")
    async def charge(secrets: RequestSecrets, key: Annotated[str, secret("STRIPE_KEY")]): ...

`SecretsMiddleware` stands around the application. Providers of the container are wired
as ever (``Depends(Provide[App.agent])``), and read what the request may see.
"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends
from fastapi.requests import HTTPConnection

from secretscope.errors import MissingSecretError
from secretscope.integrations.asgi import secrets_of
from secretscope.protocols import BoundSecrets

__all__ = ["RequestSecrets", "request_secrets", "secret"]


async def request_secrets(connection: HTTPConnection) -> BoundSecrets:
    """Return the reader that is bound to the request, or to the WebSocket.

    Raises:
        LifespanError: No `SecretsMiddleware` stands around the application.
    """
    return secrets_of(connection.scope)


RequestSecrets = Annotated[BoundSecrets, Depends(request_secrets)]
"""The parameter's type of an endpoint that reads secrets."""


def secret(ref: str, *, default: str | None = None) -> Any:  # noqa: ANN401 - a marker
    """Return the dependency that gives one secret's value, fetched if need be.

    Args:
        ref: which one.
        default: what is given where it is missing; without it, that is an error.
    """

    async def value(secrets: RequestSecrets) -> str:
        try:
            return await secrets.resolve(ref)
        except MissingSecretError:
            if default is None:
                raise
            return default

    return Depends(value)
