"""What a login is: a door to knock at, and the token that comes back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol, runtime_checkable

from attrs import field, frozen

from secretscope.backends.vault._refusals import outage
from secretscope.backends.vault._reply import Ask, Reply, seconds
from secretscope.backends.vault._server import path_faults
from secretscope.backends.vault._transport import Transport
from secretscope.errors import (
    AccessDeniedError,
    ConfigurationError,
    StoreUnavailableError,
)


@frozen
class Grant:
    """A token, and how long it lives.

    Attributes:
        token: the token itself.
        ttl: seconds that it lives from now; None is for ever, or unknown.
        renewable: whether the server will prolong it.
        ours: whether we made it, and so revoke it at the end.
    """

    token: str = field(repr=False)
    ttl: float | None
    renewable: bool
    ours: bool = True


@frozen
class Door:
    """A cluster, and the namespace in which we log in."""

    transport: Transport
    namespace: str | None = None

    @property
    def name(self) -> str:
        """What errors call it."""
        return self.transport.name

    async def ask(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        token: str | None = None,
    ) -> Reply:
        """Return the answer, whatever its status."""
        return await self.transport.send(
            Ask(method, path, token=token, namespace=self.namespace, body=body)
        )

    async def login(self, path: str, body: Mapping[str, Any], *, by: str) -> Grant:
        """Log in, and return the token.

        Args:
            path: below ``auth/``.
            body: what is shown.
            by: what errors call the method.

        Raises:
            ConfigurationError: The path leads elsewhere.
            AccessDeniedError: What was shown is not taken.
            StoreUnavailableError: An outage, 429, or an answer without a token.
        """
        faults = path_faults(path, "vault.auth.mount")
        if faults:
            raise ConfigurationError(*faults)
        reply = await self.ask("POST", f"auth/{path}", body)
        if reply.status in {400, 401, 403, 404}:
            raise AccessDeniedError(
                self.name,
                reason=f"the {by} login at auth/{path} was refused "
                f"with status {reply.status}",
            )
        grant = grant_of(reply)
        if grant is None:
            raise self.outage(reply)
        return grant

    def outage(self, reply: Reply) -> StoreUnavailableError:
        """Return the error for an answer that says nothing about our rights."""
        return outage(reply, store=self.name)


@runtime_checkable
class Auth(Protocol):
    """A way to log in."""

    async def login(self, door: Door) -> Grant:
        """Log in, with what is read anew from where it is kept.

        Raises:
            AccessDeniedError: What was shown is not taken.
            StoreUnavailableError: An outage, 429, or a file that can't be read.
        """
        ...


def grant_of(reply: Reply) -> Grant | None:
    """Return the token that an answer holds; None where it holds none.

    https://developer.hashicorp.com/vault/api-docs/auth/approle#login-with-approle
    """
    auth = reply.part("auth") if reply.status == 200 else None
    token = auth.get("client_token") if auth else None
    if auth is None or not isinstance(token, str) or not token:
        return None
    return Grant(
        token,
        seconds(auth.get("lease_duration")),
        auth.get("renewable") is True,
    )
