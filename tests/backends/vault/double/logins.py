"""The auth methods: api-docs/auth."""

import hashlib
import ssl
import uuid
from typing import Any

from attrs import define, field

from tests.backends.vault.double import aws
from tests.backends.vault.double.answers import (
    NO_CONTENT,
    Answer,
    Refused,
    absent,
    denied,
    success,
)
from tests.backends.vault.double.tokens import Token


def admin(core: Any, seen: Any, path: str, space: str, token: Token) -> Answer:
    """Whatever is configured below ``auth/`` with a token that may."""
    if path == "auth/token/create":
        return created(core, seen, space)
    if path == "auth/token/revoke":
        core.tokens.revoke(seen.body["token"])
        return NO_CONTENT
    for name, method in core.namespaces[space].logins.items():
        inner = path.removeprefix(f"auth/{name}/")
        if inner != path:
            answer: Answer = method.configure(seen, inner)
            return answer
    raise Refused(404, f'no handler for route "{path}". route entry not found.')


def created(core: Any, seen: Any, space: str) -> Answer:
    """api-docs/auth/token#create-token."""
    body = seen.body
    token = issue(core, space, body, tuple(body.get("policies") or ("root",)))
    return success(auth=core.tokens.auth(token))


def issue(
    core: Any, space: str, rules: dict[str, Any], names: tuple[str, ...], who: str = ""
) -> Token:
    ttl = rules.get("token_ttl") or rules.get("ttl")
    most = rules.get("token_max_ttl") or rules.get("explicit_max_ttl")
    token = Token(
        f"hvs.{uuid.uuid4().hex}",
        names,
        space,
        core.clock(),
        None if ttl is None else seconds(ttl),
        renewable=bool(rules.get("renewable", True)) and ttl is not None,
        max_ttl=None if most is None else seconds(most),
        accessor=uuid.uuid4().hex,
        who=who,
    )
    added: Token = core.tokens.add(token)
    return added


def seconds(text: Any) -> float:
    return float(str(text).rstrip("s"))


@define(eq=False)
class Method:
    """Roles by name, and what a login must show."""

    core: Any
    name: str
    roles: dict[str, dict[str, Any]] = field(factory=dict)

    def configure(self, seen: Any, inner: str) -> Answer:
        role = inner.partition("/")[2]
        self.roles[role] = dict(seen.body)
        return NO_CONTENT

    def grant(self, space: str, role: dict[str, Any], who: str) -> Answer:
        names = tuple(role.get("token_policies") or ("default",))
        token = issue(self.core, space, role, names, who)
        return success(auth=self.core.tokens.auth(token))


@define(eq=False)
class AppRole(Method):
    """api-docs/auth/approle."""

    ids: dict[str, str] = field(factory=dict)
    secrets: dict[str, str] = field(factory=dict)

    def configure(self, seen: Any, inner: str) -> Answer:
        parts = inner.split("/")
        role = parts[1]
        if len(parts) == 2:
            self.roles[role] = dict(seen.body)
            self.ids.setdefault(role, str(uuid.uuid4()))
            return NO_CONTENT
        if role not in self.roles:
            raise absent()
        if parts[2] == "role-id":
            return success({"role_id": self.ids[role]})
        secret = str(uuid.uuid4())
        self.secrets[secret] = role
        return success({"secret_id": secret, "secret_id_accessor": "x"})

    def login(self, seen: Any, inner: str, space: str) -> Answer:
        role = next(
            (r for r, i in self.ids.items() if i == seen.body.get("role_id")), None
        )
        if role is None:
            raise Refused(400, "invalid role or secret ID")
        bound = self.roles[role].get("bind_secret_id", True)
        if bound and self.secrets.get(seen.body.get("secret_id", "")) != role:
            raise Refused(400, "invalid role or secret ID")
        return self.grant(space, self.roles[role], role)


@define(eq=False)
class Userpass(Method):
    """api-docs/auth/userpass."""

    def login(self, seen: Any, inner: str, space: str) -> Answer:
        user = self.roles.get(inner.partition("/")[2])
        if user is None or user["password"] != seen.body.get("password"):
            raise Refused(400, "invalid username or password")
        return self.grant(space, user, inner.partition("/")[2])


@define(eq=False)
class Jwt(Method):
    """api-docs/auth/jwt and api-docs/auth/kubernetes.

    A role's ``accepts`` lists the web tokens that are good: checking a signature is the
    server's affair, and no part of what is tested.
    """

    def login(self, seen: Any, inner: str, space: str) -> Answer:
        name = seen.body.get("role", "default")
        role = self.roles.get(name)
        if role is None:
            raise Refused(400, f'invalid role name "{name}"')
        if seen.body.get("jwt") not in role["accepts"]:
            raise denied()
        return self.grant(space, role, name)


@define(eq=False)
class Cert(Method):
    """api-docs/auth/cert: the certificate that the connection has shown."""

    def login(self, seen: Any, inner: str, space: str) -> Answer:
        for name, role in self.roles.items():
            known = hashlib.sha256(
                ssl.PEM_cert_to_DER_cert(role["certificate"])
            ).digest()
            shown = seen.client_certificate
            wanted = seen.body.get("name") in {None, name}
            if shown and wanted and hashlib.sha256(shown).digest() == known:
                return self.grant(space, role, name)
        raise Refused(400, "invalid certificate or no client certificate supplied")


@define(eq=False)
class Aws(Method):
    """api-docs/auth/aws: the signature is checked as AWS would."""

    def login(self, seen: Any, inner: str, space: str) -> Answer:
        role = self.roles.get(seen.body.get("role", ""))
        if role is None or not aws.is_signed(seen.body, role):
            raise Refused(400, "error making upstream request: received error code 403")
        return self.grant(space, role, seen.body["role"])


KINDS = {
    "approle": AppRole,
    "userpass": Userpass,
    "jwt": Jwt,
    "kubernetes": Jwt,
    "cert": Cert,
    "aws": Aws,
}
