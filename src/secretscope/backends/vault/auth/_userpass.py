"""A user name and a password.

https://developer.hashicorp.com/vault/api-docs/auth/userpass
"""

from __future__ import annotations

from typing import Any

from attrs import field, frozen

from secretscope.backends.vault._given import Given, given
from secretscope.backends.vault._login import Door, Grant
from secretscope.backends.vault._server import path_faults
from secretscope.backends.vault._tenants import fill
from secretscope.errors import ConfigurationError


def _password(value: Any) -> Given:  # noqa: ANN401
    return given(value, "vault.auth.password")


@frozen
class Userpass:
    """The userpass method.

    Attributes:
        username: the user; it becomes a part of the path.
        password: the password, or where it is read anew at each login.
        mount: where the method is enabled; ``ldap`` answers to the same request.
    """

    username: str
    password: Given = field(converter=_password)
    mount: str = "userpass"

    def __attrs_post_init__(self) -> None:
        sample = fill(self.username, "tenant") or "/"
        if path_faults(sample, "vault.auth.username") or "/" in sample:
            raise ConfigurationError(
                "vault.auth.username: expected letters, digits and _ . @ + = -"
            )

    async def login(self, door: Door) -> Grant:
        """Log in; the password is read anew."""
        body = {"password": await self.password.read("vault.auth.password")}
        path = f"{self.mount}/login/{self.username}"
        return await door.login(path, body, by="userpass")
