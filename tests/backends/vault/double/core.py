"""The state of a server, and the way of a request through it."""

import itertools
import threading
import time
import uuid
from collections.abc import Mapping
from typing import Any

from attrs import define, field, frozen

from tests.backends.vault.double import answers, logins, policies, system
from tests.backends.vault.double.answers import Answer, Refused
from tests.backends.vault.double.database import Database
from tests.backends.vault.double.faults import Fault
from tests.backends.vault.double.kv import Kv1, Kv2
from tests.backends.vault.double.policies import Policy
from tests.backends.vault.double.tokens import Lease, Token, Tokens


class Hand:
    """A clock that is turned by hand; seconds."""

    def __init__(self, now: float = 1_000_000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


@frozen
class Seen:
    """A request as it arrived; `path` is below ``/v1/``."""

    method: str
    path: str
    query: Mapping[str, str]
    token: str
    namespace: str
    headers: Mapping[str, str]
    body: Mapping[str, Any]
    size: int
    client_certificate: bytes | None = None


@define(eq=False)
class Namespace:
    """A part of the server: api-docs/system/namespaces."""

    mounts: dict[str, Any] = field(factory=dict)
    logins: dict[str, Any] = field(factory=dict)
    policies: dict[str, Policy] = field(factory=dict)


@define(eq=False)
class Core:
    """Everything a server holds; one request at a time goes through it."""

    clock: Any = field(factory=lambda: Hand(time.time()))
    root: str = field(factory=lambda: f"hvs.{uuid.uuid4().hex}")
    sealed: bool = False
    initialised: bool = True
    standby: str | None = None
    namespaces: dict[str, Namespace] = field(factory=dict)
    tokens: Tokens = field(init=False)
    leases: dict[str, Lease] = field(factory=dict)
    wrapped: dict[str, Any] = field(factory=dict)
    seen: list[Seen] = field(factory=list)
    faults: list[Fault] = field(factory=list)
    counter: Any = field(factory=lambda: itertools.count(1))
    lock: Any = field(factory=threading.RLock)

    def __attrs_post_init__(self) -> None:
        self.tokens = Tokens(self.clock)
        self.tokens.add(Token(self.root, ("root",), "", self.clock(), None))
        self.namespaces[""] = Namespace()
        self.mount("", "secret", "kv", {"version": "2"})

    def mount(
        self, namespace: str, path: str, kind: str, options: dict[str, str] | None
    ) -> None:
        made: Any = Database(self)
        if kind == "kv":
            made = (Kv2 if (options or {}).get("version") == "2" else Kv1)(self.clock)
        self.namespaces[namespace].mounts[path] = made

    def fault_for(self, seen: Seen) -> Fault | None:
        """Take the next fault that is meant for this request off the script."""
        with self.lock:
            for fault in self.faults:
                if fault.path in seen.path and fault.method in {"", seen.method}:
                    fault.times -= 1
                    if fault.times == 0:
                        self.faults.remove(fault)
                    return fault
        return None

    def handle(self, seen: Seen) -> Answer:
        with self.lock:
            self.seen.append(seen)
            try:
                return self._wrap(seen, self._route(seen))
            except Refused as refused:
                return refused.answer

    def _route(self, seen: Seen) -> Answer:
        if seen.path == "sys/health":
            return system.health(self)
        if not self.initialised:
            raise Refused(501, "Vault is not initialized")
        if self.sealed:  # api-docs#http-status-codes (503)
            raise Refused(503, "Vault is sealed")
        if self.standby is not None:  # docs/concepts/ha#client-redirection
            return Answer(307, None, {"location": f"{self.standby}/v1/{seen.path}"})
        space, path = self._space(seen)
        public = self._public(seen, space, path)
        if public is not None:
            return public
        token = self.tokens.alive(seen.token)
        if token is None or not policies.reaches(token.namespace, space):
            raise answers.denied()
        return self._allowed(seen, space, path, token)

    def _space(self, seen: Seen) -> tuple[str, str]:
        """A namespace comes in the header, or before the path: docs/enterprise/namespaces."""
        space = seen.namespace.strip("/")
        if space not in self.namespaces:
            raise answers.no_handler(seen.path)
        path = seen.path
        for name in sorted(self.namespaces, key=len, reverse=True):
            if name and path.startswith(f"{name}/") and not space:
                return name, path[len(name) + 1 :]
        return space, path

    def _public(self, seen: Seen, space: str, path: str) -> Answer | None:
        """What needs no token: logins, and unwrapping (which is a token by itself)."""
        if path == "sys/wrapping/unwrap":
            return system.unwrap(self, seen)
        if path.startswith("auth/"):
            for name, method in self.namespaces[space].logins.items():
                inner = path.removeprefix(f"auth/{name}/")
                if inner != path and inner.split("/")[0] == "login":
                    answer: Answer = method.login(seen, inner, space)
                    return answer
        return None

    def _allowed(self, seen: Seen, space: str, path: str, token: Token) -> Answer:
        here = self.namespaces[space]
        if path.startswith("sys/internal/ui/mounts/"):
            return system.ui_mount(self, here, path, token)
        if path in system.OWN:
            return system.own(self, seen, path, token)
        full = f"{space}/{path}" if space != token.namespace else path
        relative = full.removeprefix(f"{token.namespace}/") if token.namespace else full
        rules = [
            self.namespaces[token.namespace].policies.get(p) for p in token.policies
        ]
        if not policies.allow(token.policies, rules, relative, seen.method):
            raise answers.denied()
        if path.startswith("sys/"):
            return system.admin(self, seen, path, space)
        if path.startswith("auth/"):
            return logins.admin(self, seen, path, space, token)
        for name in sorted(here.mounts, key=len, reverse=True):
            if path.startswith(f"{name}/"):
                inner = path[len(name) + 1 :]
                answer: Answer = here.mounts[name].handle(seen, inner, token, path)
                return answer
        raise answers.no_handler(path)

    def _wrap(self, seen: Seen, answer: Answer) -> Answer:
        """Response wrapping: docs/concepts/response-wrapping."""
        ttl = seen.headers.get("x-vault-wrap-ttl")
        if ttl is None or answer.status != 200:
            return answer
        token = f"hvs.wrap{uuid.uuid4().hex}"
        self.wrapped[token] = answer.body
        info = {"token": token, "ttl": int(ttl.rstrip("s")), "creation_path": seen.path}
        return Answer(200, answers.envelope(wrap_info=info))
