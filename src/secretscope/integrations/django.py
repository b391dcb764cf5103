"""Django: each request in its tenant's scope, in sync and in async views.

::

    MIDDLEWARE = ["secretscope.integrations.django.SecretsMiddleware", ...]
    SECRETSCOPE = {"lifetime": "shop.secrets.opened", "tenant": "shop.secrets.tenant_of"}

``lifetime`` leads to a ``lifetime(container)``; the first request of the process opens
it by a plain ``with``, and the process's end closes it. ``tenant`` leads to a function
of the request that gives a name, or None. ``overrides`` and ``without_tenant`` are
those of the ASGI door.
"""

# Django has no types; before Python 3.12 only asgiref knows what it has marked
# pyright: reportMissingTypeStubs=false, reportDeprecated=false

from __future__ import annotations

import atexit
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from threading import Lock
from typing import Any

import anyio.to_thread
from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.conf import settings
from django.http import HttpResponse
from django.utils.module_loading import import_string

from secretscope.errors import ConfigurationError
from secretscope.integrations._door import (
    checked_lifetime,
    checked_paths,
    checked_tenant,
    refuse_async,
)
from secretscope.integrations._web import (
    MALFORMED,
    REFUSED,
    TOLD,
    Refusal,
    answer_to,
    refusal_of,
)
from secretscope.integrations.wsgi import by_environ, take_overrides
from secretscope.scopes import LifetimeReader

__all__ = ["PROCESS", "SecretsMiddleware"]

Request = Any
Response = Any


def _plain_option(name: str, default: object = None) -> Any:  # noqa: ANN401
    """Return an option of SECRETSCOPE as it stands there."""
    return getattr(settings, "SECRETSCOPE", {}).get(name, default)


def _option(name: str, default: object = None) -> Any:  # noqa: ANN401
    """Return an option of SECRETSCOPE; a dotted path leads to what it names."""
    given = _plain_option(name, default)
    return import_string(given) if isinstance(given, str) else given


class _Process:
    """The lifetime of this process, opened when it is first asked for."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._stack = ExitStack()
        self._reader: LifetimeReader | None = None

    def reader(self) -> LifetimeReader:
        """Return the lifetime's reader.

        Raises:
            ConfigurationError: The settings name no lifetime.
        """
        with self._lock:
            if self._reader is None:
                opened = _option("lifetime")
                if opened is None:
                    raise ConfigurationError(
                        "SECRETSCOPE['lifetime'] is not set: name a lifetime(container)"
                    )
                opened = checked_lifetime(opened, "__enter__")
                self._reader = self._stack.enter_context(opened)
                atexit.register(self.close)
            return self._reader

    def close(self) -> None:
        """Close the lifetime; the next request opens it again."""
        with self._lock:
            atexit.unregister(self.close)
            self._reader = None
            self._stack.close()


PROCESS = _Process()


class SecretsMiddleware:
    """Serves each request in its tenant's scope; ``request.secrets`` is bound to it.

    Refusals are those of the ASGI door: 400, 404, 503 with ``Retry-After``. A streamed
    body is in the scope to its end.

    Args:
        get_response: what serves the request, sync or async.
    """

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[Request], Any]) -> None:
        self._respond = get_response
        self._tenant_of: Callable[[Request], str | None] | None = checked_tenant(
            _option("tenant")
        )
        self._overrides = by_environ(_option("overrides", ()))
        self._without = checked_paths(_plain_option("without_tenant", ()))
        self._is_async = iscoroutinefunction(get_response)
        if self._is_async:
            markcoroutinefunction(self)

    def __call__(self, request: Request) -> Response | Awaitable[Response]:
        """Serve a request."""
        return self._serve_async(request) if self._is_async else self._serve(request)

    def process_exception(self, request: Request, exception: Exception) -> Any:  # noqa: ANN401
        """Answer where a view met a store's outage, or a tenant that nobody has."""
        if not isinstance(exception, TOLD):
            return None
        refusal = answer_to(exception, PROCESS.reader(), request.secrets.tenant)
        return None if refusal is None else _refuse(refusal)

    def _serve(self, request: Request) -> Response:
        with ExitStack() as stack:
            try:
                name = self._name(request)
                reader = PROCESS.reader()
                if isinstance(name, Refusal):
                    return _refuse(name)
                bound = (
                    None if name is None else stack.enter_context(reader.tenant(name))
                )
            except REFUSED as error:
                return _refuse(refusal_of(error))
            self._bind(stack, request, reader, bound)
            return _kept(stack, self._respond(request))

    async def _serve_async(self, request: Request) -> Response:
        with ExitStack() as stack:
            try:
                name = self._name(request)
                reader = await anyio.to_thread.run_sync(PROCESS.reader)
                bound: Any = None
                if isinstance(name, Refusal):
                    return _refuse(name)
                if name is not None:
                    block = reader.tenant(name)
                    bound = await block.__aenter__()
                    stack.push(block.__exit__)  # leaving awaits nothing
            except REFUSED as error:
                return _refuse(refusal_of(error))
            self._bind(stack, request, reader, bound)
            return _kept(stack, await self._respond(request))

    def _name(self, request: Request) -> str | Refusal | None:
        """Take the keys that the caller brought, and name the tenant."""
        brought = take_overrides(request.META, self._overrides)
        request.__dict__.pop("headers", None)  # it may have been read already
        if brought is None:
            return MALFORMED
        request.secretscope_brought = brought
        if self._tenant_of is None or request.path_info in self._without:
            return None
        name = self._tenant_of(request)
        refuse_async(name)
        return MALFORMED if name is None else name

    def _bind(
        self,
        stack: ExitStack,
        request: Request,
        reader: LifetimeReader,
        bound: Any,  # noqa: ANN401
    ) -> None:
        brought = request.__dict__.pop("secretscope_brought")
        if brought or bound is None:
            bound = stack.enter_context(reader.override(brought))
        request.secrets = bound


def _kept(stack: ExitStack, response: Response) -> Response:
    """Return the response; a streamed one keeps the scope until it is closed."""
    if response.streaming:
        response._resource_closers.append(stack.pop_all().close)
    return response


def _refuse(refusal: Refusal) -> Response:
    return HttpResponse(
        refusal.body, status=refusal.status.value, headers=dict(refusal.headers)
    )
