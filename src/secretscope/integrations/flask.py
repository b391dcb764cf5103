"""Flask: a lifetime and each request's tenant, through the plain `with`."""

from __future__ import annotations

import atexit
from collections.abc import Collection, Sequence
from contextlib import AbstractContextManager, ExitStack
from typing import Any

from flask import Flask, Response, request

from secretscope.integrations._web import OUTAGE, refusal_of
from secretscope.integrations.wsgi import (
    RequestOverride,
    SecretsMiddleware,
    TenantOf,
    from_header,
    secrets_of,
)
from secretscope.protocols import BoundSecrets
from secretscope.scopes import LifetimeReader

__all__ = ["FlaskSecrets", "RequestOverride", "from_header", "request_secrets"]


class FlaskSecrets:
    """Opens a lifetime for an application's process, and serves requests in it.

    Make it in the process that serves: after a fork, the lifetime of the parent is
    none. It is closed as the process ends, or by `close`.

    Args:
        app: the application.
        lifetime: ``lifetime(container)``; a thread of its own does the I/O.
        tenant: names a request's tenant from its WSGI environ.
        overrides: the keys that a caller may bring; no others.
        without_tenant: paths that are served as the application.
    """

    def __init__(
        self,
        app: Flask,
        lifetime: AbstractContextManager[LifetimeReader, Any],
        *,
        tenant: TenantOf | None = None,
        overrides: Sequence[RequestOverride] = (),
        without_tenant: Collection[str] = (),
    ) -> None:
        self._stack = ExitStack()
        self.reader = self._stack.enter_context(lifetime)
        atexit.register(self.close)
        served: Any = app
        served.wsgi_app = SecretsMiddleware(
            app.wsgi_app,
            self.reader,
            tenant=tenant,
            overrides=overrides,
            without_tenant=without_tenant,
        )
        for outage in OUTAGE:
            app.register_error_handler(outage, _tell)
        app.extensions["secretscope"] = self

    def close(self) -> None:
        """Close the lifetime; once is enough."""
        atexit.unregister(self.close)
        self._stack.close()


def _tell(error: Exception) -> Response:
    """Answer where a view met a store's outage."""
    refusal = refusal_of(error)
    return Response(refusal.body, refusal.status.value, refusal.headers)


def request_secrets() -> BoundSecrets:
    """Return the reader that is bound to the request that is being served.

    Raises:
        NotOpenError: The application was not given its secrets.
    """
    return secrets_of(request.environ)
