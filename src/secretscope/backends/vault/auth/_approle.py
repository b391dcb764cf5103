"""AppRole: a role-id and a secret-id.

https://developer.hashicorp.com/vault/api-docs/auth/approle
"""

from __future__ import annotations

from typing import Any

from attrs import define, field

from secretscope.backends.vault._given import Given, given
from secretscope.backends.vault._login import Door, Grant
from secretscope.backends.vault._refusals import outage
from secretscope.errors import AccessDeniedError

_UNWRAP = "sys/wrapping/unwrap"


def _role(value: Any) -> Given:  # noqa: ANN401
    return given(value, "vault.auth.role_id")


def _secret(value: Any) -> Given | None:  # noqa: ANN401
    return None if value is None else given(value, "vault.auth.secret_id")


@define(eq=False)
class AppRole:
    """A role-id, and a secret-id where the role asks for one.

    Attributes:
        role_id: the role's, or where it is read at each login.
        secret_id: the secret-id, or where it is read at each login.
        wrapped: whether that is a wrapping token, which gives the secret-id once. What
            it gave is kept in memory until another wrapping token is found in its place.
        mount: where the method is enabled.
    """

    role_id: Given = field(converter=_role)
    secret_id: Given | None = field(default=None, converter=_secret)
    wrapped: bool = False
    mount: str = "approle"
    _unwrapped: tuple[str, str] | None = field(default=None, init=False, repr=False)

    async def login(self, door: Door) -> Grant:
        """Log in; both ids are read anew."""
        body = {"role_id": await self.role_id.read("vault.auth.role_id")}
        if self.secret_id is not None:
            body["secret_id"] = await self._secret(door, self.secret_id)
        return await door.login(f"{self.mount}/login", body, by="approle")

    async def _secret(self, door: Door, source: Given) -> str:
        found = await source.read("vault.auth.secret_id")
        if not self.wrapped:
            return found
        if self._unwrapped is None or self._unwrapped[0] != found:
            self._unwrapped = found, await _unwrap(door, found)
        return self._unwrapped[1]


async def _unwrap(door: Door, wrapping: str) -> str:
    """Return the wrapped secret-id.

    https://developer.hashicorp.com/vault/api-docs/system/wrapping-unwrap

    Raises:
        AccessDeniedError: The wrapping token was used already, or has run out: if
            nobody of yours did that, somebody has your secret-id.
    """
    reply = await door.ask("POST", _UNWRAP, token=wrapping)
    if reply.status in {400, 403, 404}:
        raise AccessDeniedError(
            door.name,
            reason="the wrapping token of the secret-id is used up or has run out; if "
            "this application did not unwrap it, somebody else has",
        )
    found = (reply.part("data") or {}).get("secret_id")
    if reply.status != 200 or not isinstance(found, str):
        raise outage(reply, store=door.name)
    return found
