"""A JSON web token: of Kubernetes, or of any issuer that the server trusts.

https://developer.hashicorp.com/vault/api-docs/auth/kubernetes
https://developer.hashicorp.com/vault/api-docs/auth/jwt
"""

from __future__ import annotations

from typing import Any

from attrs import field, frozen

from secretscope.backends.vault._given import File, Given, given
from secretscope.backends.vault._login import Door, Grant

SERVICE_ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount/token"
"""Where a pod finds its token:
https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/
"""


def _jwt(value: Any) -> Given:  # noqa: ANN401
    return given(value, "vault.auth.jwt")


@frozen
class Jwt:
    """The jwt method (also for tokens of OpenID Connect).

    Attributes:
        jwt: the web token, or where it is read anew at each login: issuers rotate it.
        role: which role is asked for; None is the method's default role.
        mount: where the method is enabled.
    """

    jwt: Given = field(converter=_jwt)
    role: str | None = None
    mount: str = "jwt"

    async def login(self, door: Door) -> Grant:
        """Log in; the web token is read anew."""
        return await _login(door, self.jwt, self.role, self.mount, by="jwt")


@frozen
class Kubernetes:
    """The kubernetes method, with the pod's service account.

    Attributes:
        role: which role is asked for.
        jwt: the service account's token, or where it is read anew at each login.
        mount: where the method is enabled.
    """

    role: str
    jwt: Given = field(default=File(SERVICE_ACCOUNT), converter=_jwt)
    mount: str = "kubernetes"

    async def login(self, door: Door) -> Grant:
        """Log in; the service account's token is read anew: the kubelet rotates it."""
        return await _login(door, self.jwt, self.role, self.mount, by="kubernetes")


async def _login(
    door: Door, jwt: Given, role: str | None, mount: str, *, by: str
) -> Grant:
    body = {"jwt": await jwt.read("vault.auth.jwt")}
    if role is not None:
        body["role"] = role
    return await door.login(f"{mount}/login", body, by=by)
