"""WSGI: each request in its tenant's scope, for Flask and every other sync application.

::

    secrets = lifetime(container).__enter__()      # or with ...: around the server
    app.wsgi_app = SecretsMiddleware(app.wsgi_app, secrets, tenant=from_header("x-tenant"))
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, suppress
from contextvars import Context, copy_context
from typing import Any

from secretscope.errors import NotOpenError
from secretscope.integrations._door import (
    checked_header,
    checked_overrides,
    checked_paths,
    checked_reader,
    checked_tenant,
    refuse_async,
)
from secretscope.integrations._web import (
    MALFORMED,
    REFUSED,
    TOLD,
    Refusal,
    RequestOverride,
    answer_to,
    refusal_of,
)
from secretscope.protocols import BoundSecrets
from secretscope.scopes import LifetimeReader

__all__ = [
    "Environ",
    "RequestOverride",
    "SecretsMiddleware",
    "TenantOf",
    "from_header",
    "secrets_of",
]

Environ = dict[str, Any]
TenantOf = Callable[[Environ], str | None]
"""Names a request's tenant from its environ; None is that it names none."""

KEY = "secretscope.secrets"
"""Where a request's environ has its reader."""


def from_header(name: str) -> TenantOf:
    """Take the tenant from a header; one that came twice is joined, and refused.

    Raises:
        ConfigurationError: That is no header's name.
    """
    key = header_key(checked_header(name))

    def tenant_of(environ: Environ) -> str | None:
        found = environ.get(key)
        return found if isinstance(found, str) else None

    return tenant_of


def secrets_of(environ: Mapping[str, Any]) -> BoundSecrets:
    """Return the reader that is bound to a request: its tenant's, with its overrides.

    Raises:
        NotOpenError: No `SecretsMiddleware` stands around the application.
    """
    if KEY not in environ:
        raise NotOpenError("this request's secrets")
    bound: BoundSecrets = environ[KEY]
    return bound


def header_key(header: str) -> str:
    """Return the name that a header has in an environ."""
    return f"HTTP_{header.upper().replace('-', '_')}"


class SecretsMiddleware:
    """Serves each request in its tenant's scope, a streamed body to its end.

    Refusals are those of the ASGI door: 400, 404, 503 with ``Retry-After``.

    Args:
        app: the application.
        secrets: the reader of the lifetime that is open around the server.
        tenant: names a request's tenant; without it all read as the application.
        overrides: the keys that a caller may bring; no others.
        without_tenant: paths that are served as the application, such as ``/healthz``.

    Raises:
        ConfigurationError: An option can't work.
    """

    def __init__(
        self,
        app: Callable[..., Iterable[bytes]],
        secrets: LifetimeReader,
        *,
        tenant: TenantOf | None = None,
        overrides: Sequence[RequestOverride] = (),
        without_tenant: Collection[str] = (),
    ) -> None:
        self._app = app
        self._secrets = checked_reader(secrets)
        self._tenant_of: TenantOf | None = checked_tenant(tenant)
        self._overrides = by_environ(overrides)
        self._without = checked_paths(without_tenant)

    def __call__(
        self, environ: Environ, start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        """Serve a request."""
        context = copy_context()  # a server's thread keeps nothing of the request
        return context.run(self._serve, context, environ, start_response)

    def _serve(
        self, context: Context, environ: Environ, start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        brought = take_overrides(environ, self._overrides)
        stack = ExitStack()
        try:
            bound = (
                MALFORMED if brought is None else self._enter(stack, environ, brought)
            )
            if not isinstance(bound, Refusal):
                environ[KEY] = bound
                try:
                    body = self._app(environ, start_response)
                    return _Body(body, stack.pop_all(), context)
                except TOLD as error:
                    bound = answer_to(error, self._secrets, bound.tenant)
                    if bound is None:
                        raise
            return _refuse(bound, start_response)
        finally:
            stack.close()

    def _enter(
        self, stack: ExitStack, environ: Environ, brought: dict[str, str]
    ) -> Any:  # noqa: ANN401 - a reader that is bound, or a Refusal
        bound: Any = None
        path = environ.get("PATH_INFO", "")  # empty, it may be missing
        if self._tenant_of is not None and path not in self._without:
            try:
                name = self._tenant_of(environ)
                refuse_async(name)
                if name is None:
                    return MALFORMED
                bound = stack.enter_context(self._secrets.tenant(name))
            except REFUSED as error:
                return refusal_of(error)
        if brought or bound is None:
            bound = stack.enter_context(self._secrets.override(brought))
        return bound


def by_environ(overrides: Sequence[RequestOverride]) -> dict[str, RequestOverride]:
    """Return the overrides by the name that their header has in an environ.

    Raises:
        ConfigurationError: One is none, or two have the same header.
    """
    found = checked_overrides(overrides)
    return {header_key(header): each for header, each in found.items()}


def take_overrides(
    environ: Environ, overrides: Mapping[str, RequestOverride]
) -> dict[str, str] | None:
    """Take the keys that the caller brought out of the request.

    Returns:
        The values by ref; None where one is none that may be brought.
    """
    brought: dict[str, str] | None = {}
    for key, override in overrides.items():
        value = environ.pop(key, None)
        if value is None:
            continue
        if not override.accepts(value.encode("latin-1", "replace")):
            brought = None
        elif brought is not None:
            brought[override.ref] = value
    return brought


def _refuse(refusal: Refusal, start_response: Callable[..., Any]) -> list[bytes]:
    status = f"{refusal.status.value} {refusal.status.phrase}"
    start_response(status, refusal.headers)
    return [refusal.body]


class _Body:
    """A response's body; the request's scope ends when the server closes it."""

    def __init__(
        self, body: Iterable[bytes], scope: ExitStack, context: Context
    ) -> None:
        self._body = body
        self._scope = scope
        self._context = context

    def __iter__(self) -> Iterator[bytes]:
        chunks = self._context.run(iter, self._body)
        with suppress(StopIteration):
            while True:
                yield self._context.run(next, chunks)

    def close(self) -> None:
        """End the body, then the scope."""
        self._context.run(self._close)

    def _close(self) -> None:
        with self._scope:
            close = getattr(self._body, "close", None)
            if close is not None:
                close()
