"""Flask: a lifetime and each request's tenant, through the plain `with`."""

from __future__ import annotations

import atexit
from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import AbstractContextManager, ExitStack
from functools import partial
from threading import Lock
from typing import Any

from flask import Flask, Response, current_app, request

from secretscope.integrations._door import checked_lifetime
from secretscope.integrations._web import TOLD, answer_to
from secretscope.integrations.wsgi import (
    Environ,
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

    It is opened here, so that a missing secret is a failed start, or at the first
    request of a process: for a server that imports the application and forks then
    (gunicorn's ``--preload``). It is closed as the process ends, or by `close`.

    Args:
        app: the application.
        lifetime: ``lifetime(container)``; a thread of its own does the I/O.
        tenant: names a request's tenant from its WSGI environ.
        overrides: the keys that a caller may bring; no others.
        without_tenant: paths that are served as the application.
        at_first_request: open it then, and not here.
    """

    def __init__(
        self,
        app: Flask,
        lifetime: AbstractContextManager[LifetimeReader, Any],
        *,
        tenant: TenantOf | None = None,
        overrides: Sequence[RequestOverride] = (),
        without_tenant: Collection[str] = (),
        at_first_request: bool = False,
    ) -> None:
        self._lifetime = checked_lifetime(lifetime, "__enter__")
        self._stack = ExitStack()
        self._lock = Lock()
        self._open: tuple[LifetimeReader, SecretsMiddleware] | None = None
        self._served = partial(
            SecretsMiddleware,
            app.wsgi_app,
            tenant=tenant,
            overrides=overrides,
            without_tenant=without_tenant,
        )
        if not at_first_request:
            self._opened()
        served: Any = app
        served.wsgi_app = self._serve
        for told in TOLD:
            app.register_error_handler(told, _tell)
        app.extensions["secretscope"] = self

    @property
    def reader(self) -> LifetimeReader:
        """The reader of the lifetime, which is opened for it where it is not."""
        return self._opened()[0]

    def close(self) -> None:
        """Close the lifetime; the next request opens it again."""
        with self._lock:
            atexit.unregister(self.close)
            self._open = None
            self._stack.close()

    def _serve(
        self, environ: Environ, start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        opened = self._open or self._opened()
        return opened[1](environ, start_response)

    def _opened(self) -> tuple[LifetimeReader, SecretsMiddleware]:
        with self._lock:
            if self._open is None:
                reader = self._stack.enter_context(self._lifetime)
                self._open = reader, self._served(reader)
                atexit.register(self.close)
            return self._open


def _tell(error: Exception) -> Response:
    """Answer where a view met a store's outage, or a tenant that nobody has."""
    held: FlaskSecrets = current_app.extensions["secretscope"]
    refusal = answer_to(error, held.reader, request_secrets().tenant)
    if refusal is None:
        raise error
    return Response(refusal.body, refusal.status.value, refusal.headers)


def request_secrets() -> BoundSecrets:
    """Return the reader that is bound to the request that is being served.

    Raises:
        NotOpenError: The application was not given its secrets.
    """
    return secrets_of(request.environ)
