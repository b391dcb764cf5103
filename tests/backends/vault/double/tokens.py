"""Tokens and leases: api-docs/auth/token, api-docs/system/leases."""

from collections.abc import Callable
from typing import Any

from attrs import define, field

from tests.backends.vault.double.answers import Answer, Refused, denied, success


@define(eq=False)
class Token:
    id: str
    policies: tuple[str, ...]
    namespace: str
    created: float
    ttl: float | None
    renewable: bool = False
    max_ttl: float | None = None
    ends: float | None = None
    accessor: str = ""
    who: str = ""

    def __attrs_post_init__(self) -> None:
        self.ends = None if self.ttl is None else self.created + self.ttl


@define(eq=False)
class Lease:
    id: str
    token: str
    path: str
    ttl: float
    max_ttl: float
    created: float
    ends: float
    renewable: bool = True


@define(eq=False)
class Tokens:
    clock: Callable[[], float]
    held: dict[str, Token] = field(factory=dict)
    revoked: list[str] = field(factory=list)

    def add(self, token: Token) -> Token:
        self.held[token.id] = token
        return token

    def alive(self, token_id: str) -> Token | None:
        token = self.held.get(token_id)
        over = token is None or (token.ends is not None and self.clock() >= token.ends)
        return None if over else token

    def left(self, token: Token) -> int:
        return 0 if token.ends is None else int(token.ends - self.clock())

    def revoke(self, token_id: str) -> None:
        if self.held.pop(token_id, None) is not None:
            self.revoked.append(token_id)

    def renew(self, token: Token) -> Answer:
        """api-docs/auth/token#renew-a-token-self; a maximum life shortens the answer."""
        if not token.renewable or token.ttl is None:
            raise Refused(400, "lease is not renewable")
        ends = self.clock() + token.ttl
        if token.max_ttl is not None:
            ends = min(ends, token.created + token.max_ttl)
        token.ends = max(ends, token.ends or 0.0) if token.max_ttl is None else ends
        return success(auth=self.auth(token))

    def auth(self, token: Token) -> dict[str, Any]:
        """What a login answers: api-docs/auth/approle#login-with-approle."""
        return {
            "client_token": token.id,
            "accessor": token.accessor,
            "policies": list(token.policies),
            "token_policies": list(token.policies),
            "metadata": None,
            "lease_duration": self.left(token),
            "renewable": token.renewable,
            "entity_id": "",
            "token_type": "service",
            "orphan": True,
            "mfa_requirement": None,
            "num_uses": 0,
        }

    def lookup(self, token: Token) -> Answer:
        """api-docs/auth/token#lookup-a-token-self."""
        return success(
            {
                "id": token.id,
                "accessor": token.accessor,
                "policies": list(token.policies),
                "ttl": self.left(token),
                "creation_ttl": int(token.ttl or 0),
                "creation_time": int(token.created),
                "renewable": token.renewable,
                "type": "service",
                "orphan": True,
                "path": "auth/token/create",
            }
        )


def renew_lease(core: Any, body: dict[str, Any]) -> Answer:
    """api-docs/system/leases#renew-lease; the increment is advice."""
    lease = core.leases.get(body.get("lease_id", ""))
    if lease is None or core.clock() >= lease.ends:
        raise Refused(400, "lease not found")
    if core.tokens.alive(lease.token) is None:
        raise Refused(400, "lease not found")
    if not lease.renewable:
        raise Refused(400, "lease is not renewable")
    wanted = core.clock() + float(body.get("increment") or lease.ttl)
    lease.ends = min(wanted, lease.created + lease.max_ttl)
    left = int(lease.ends - core.clock())
    return Answer(
        200,
        {
            "request_id": "",
            "lease_id": lease.id,
            "renewable": lease.renewable,
            "lease_duration": left,
        },
    )


def needs_token(core: Any, token_id: str) -> Token:
    token: Token | None = core.tokens.alive(token_id)
    if token is None:
        raise denied()
    return token
