"""ASGI: the application's, the tenant's and the request's scope around each request.

::

    app = SecretsMiddleware(app, lifetime(container), tenant=from_header("x-tenant"))
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from http import HTTPStatus
from typing import Any

from secretscope.errors import LifespanError
from secretscope.integrations._door import (
    awaited,
    checked_lifetime,
    checked_overrides,
    checked_paths,
    checked_tenant,
)
from secretscope.integrations._lifespan import ASGIApp, Lifespan, Message, Receive, Send
from secretscope.integrations._tenant_of import (
    ASGIScope,
    TenantOf,
    from_claim,
    from_header,
    from_path,
    from_subdomain,
    header_values,
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
    "ASGIScope",
    "RequestOverride",
    "SecretsMiddleware",
    "TenantOf",
    "from_claim",
    "from_header",
    "from_path",
    "from_subdomain",
    "secrets_of",
]

STATE = "secrets"
"""Where the state of a lifespan has the lifetime's reader, and of a request its own."""

_POLICY_VIOLATION, _TRY_AGAIN_LATER = 1008, 1013
"""WebSocket close codes (RFC 6455, 7.4.1, and IANA's registry)."""


def secrets_of(scope: Mapping[str, Any]) -> BoundSecrets:
    """Return the reader that is bound to a request: its tenant's, with its overrides.

    Raises:
        LifespanError: No `SecretsMiddleware` stands around the application.
    """
    state: Mapping[str, Any] = scope.get("state") or {}
    if STATE not in state:
        raise LifespanError
    bound: BoundSecrets = state[STATE]
    return bound


class SecretsMiddleware:
    """Serves each request in its tenant's scope; a refused one never reaches the app.

    The lifespan opens the lifetime before the application starts, once a process, and
    closes it after its end. Streamed bodies and background tasks run in the scope.

    A request that names no tenant, two, or what is no name gets a 400; one whose tenant
    nobody has, a 404; a store's outage, a 503 with ``Retry-After``. A WebSocket is
    closed before it is accepted, by 1008 or 1013, or is answered by the same status
    where the server can.

    Args:
        app: the application.
        secrets: ``lifetime(container)``, or the reader of one that is open around the
            server.
        tenant: names a request's tenant; without it all read as the application.
        overrides: the keys that a caller may bring; no others.
        without_tenant: paths that are served as the application, such as ``/healthz``.

    Raises:
        ConfigurationError: An option can't work.
    """

    def __init__(
        self,
        app: ASGIApp,
        secrets: AbstractAsyncContextManager[LifetimeReader] | LifetimeReader,
        *,
        tenant: TenantOf | None = None,
        overrides: Sequence[RequestOverride] = (),
        without_tenant: Collection[str] = (),
    ) -> None:
        self._app = app
        self._tenant_of: TenantOf | None = checked_tenant(tenant)
        self._overrides = {
            header.encode("ascii"): each
            for header, each in checked_overrides(overrides).items()
        }
        self._without = checked_paths(without_tenant)
        self._reader: LifetimeReader | None = None
        self._lifetime: AbstractAsyncContextManager[LifetimeReader] | None = None
        if isinstance(secrets, LifetimeReader):
            self._reader = secrets
        else:
            self._lifetime = checked_lifetime(secrets, "__aenter__")

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:  # noqa: ANN401
        """Serve a connection, or the lifespan."""
        if scope["type"] == "lifespan":
            await self._lifespan(scope, receive, send)
        elif scope["type"] in {"http", "websocket"}:
            await self._serve(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    @property
    def reader(self) -> LifetimeReader:
        """The reader of the lifetime, while it is open.

        Raises:
            LifespanError: It is not.
        """
        if self._reader is None:
            raise LifespanError
        return self._reader

    # --- the lifespan ----------------------------------------------------------------

    async def _lifespan(self, scope: ASGIScope, receive: Receive, send: Send) -> None:
        def opened(reader: LifetimeReader | None) -> None:
            if self._lifetime is not None:
                self._reader = reader
            if "state" in scope and reader is not None:
                scope["state"][STATE] = reader

        if self._lifetime is None:
            opened(self._reader)
            await self._app(scope, receive, send)
        else:
            await Lifespan(self._app, scope, receive, send).run(self._lifetime, opened)

    # --- a connection ----------------------------------------------------------------

    async def _serve(self, scope: ASGIScope, receive: Receive, send: Send) -> None:
        reader = self.reader
        brought = self._take_overrides(scope)
        async with AsyncExitStack() as stack:
            bound = None
            if brought is not None:
                bound = await self._enter(stack, reader, scope, brought)
            if isinstance(bound, Refusal) or bound is None:
                await _refuse(bound or MALFORMED, scope, receive, send)
                return
            inner = {**scope, "state": {**(scope.get("state") or {}), STATE: bound}}
            answer = _Answer(send)
            refusal = None
            try:
                await self._app(inner, receive, answer)
            except TOLD as error:
                if not answer.begun:
                    refusal = answer_to(error, reader, bound.tenant)
                if refusal is None:
                    raise
            finally:
                if refusal is None:
                    await answer.let_go()
            if refusal is not None:
                await _refuse(refusal, scope, _connected, send)

    async def _enter(
        self,
        stack: AsyncExitStack,
        reader: LifetimeReader,
        scope: ASGIScope,
        brought: dict[str, str],
    ) -> Any:  # noqa: ANN401 - a reader that is bound, or a Refusal
        """Enter what the request is served in, until the stack ends."""
        bound: Any = None
        if self._tenant_of is not None and scope.get("path") not in self._without:
            try:
                name = await awaited(self._tenant_of(scope))
                if name is None:
                    return MALFORMED
                bound = await stack.enter_async_context(reader.tenant(name))
            except REFUSED as error:
                return refusal_of(error)
        if brought or bound is None:
            bound = stack.enter_context(reader.override(brought))
        return bound

    def _take_overrides(self, scope: ASGIScope) -> dict[str, str] | None:
        """Take the keys that the caller brought out of the request's headers.

        Returns:
            The values by ref; None where one is none that may be brought.
        """
        if not self._overrides:
            return {}
        brought: dict[str, str] | None = {}
        for header, override in self._overrides.items():
            values = header_values(scope, header)
            if not values:
                continue
            if len(values) > 1 or not override.accepts(values[0]):
                brought = None
            elif brought is not None:
                brought[override.ref] = values[0].decode("ascii")
        headers = scope.get("headers") or ()
        kept = [each for each in headers if each[0].lower() not in self._overrides]
        if isinstance(headers, list):
            headers[:] = kept  # the server's own list, which its log may show
        else:
            scope["headers"] = kept
        return brought


class _Answer:
    """Hands on what the application sends, and knows whether it has begun to.

    A 500 waits for the application's end: frameworks send one, and let the error that
    led to it pass out then.
    """

    __slots__ = ("_held", "_send", "begun")

    def __init__(self, send: Send) -> None:
        self._send = send
        self._held: list[Message] = []
        self.begun = False

    async def __call__(self, message: Message) -> None:
        if not self.begun and self._waits(message):
            self._held.append(message)
            return
        await self.let_go()
        self.begun = True
        await self._send(message)

    async def let_go(self) -> None:
        """Send what has waited."""
        held, self._held = self._held, []
        for message in held:
            self.begun = True
            await self._send(message)

    def _waits(self, message: Message) -> bool:
        if message["type"] == "http.response.start":
            return bool(message["status"] == HTTPStatus.INTERNAL_SERVER_ERROR)
        return bool(self._held) and not message.get("more_body", False)


async def _connected() -> Message:
    return {"type": "websocket.connect"}


async def _refuse(
    refusal: Refusal, scope: ASGIScope, receive: Receive, send: Send
) -> None:
    kind = "http"
    if scope["type"] == "websocket":
        await receive()  # the handshake
        if "websocket.http.response" not in (scope.get("extensions") or {}):
            soon = refusal.retry_after is not None
            code = _TRY_AGAIN_LATER if soon else _POLICY_VIOLATION
            await send({"type": "websocket.close", "code": code, "reason": ""})
            return
        kind = "websocket.http"
    headers = [(k.encode("ascii"), v.encode("ascii")) for k, v in refusal.headers]
    await send(
        {
            "type": f"{kind}.response.start",
            "status": int(refusal.status),
            "headers": headers,
        }
    )
    await send({"type": f"{kind}.response.body", "body": refusal.body})
