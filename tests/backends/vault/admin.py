"""An operator's hands: whatever a test needs set up, over the HTTP API."""

import json
import time
import uuid
from http.client import HTTPConnection, HTTPSConnection
from typing import Any
from urllib.parse import urlsplit

from attrs import frozen


@frozen
class Admin:
    """Speaks to any server, the double or a real one, with a token that may all."""

    address: str
    token: str
    namespace: str = ""

    def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        wrap: str | None = None,
    ) -> dict[str, Any]:
        parts = urlsplit(self.address)
        kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        headers = {"X-Vault-Token": self.token}
        if self.namespace:
            headers["X-Vault-Namespace"] = self.namespace
        if wrap:
            headers["X-Vault-Wrap-TTL"] = wrap
        connection = kind(parts.netloc, timeout=10)
        try:
            payload = None if body is None else json.dumps(body)
            connection.request(method, f"/v1/{path}", payload, headers)
            answer = connection.getresponse()
            text = answer.read()
        finally:
            connection.close()
        assert answer.status < 300, (method, path, answer.status, text)
        return json.loads(text) if text else {}

    def mount(self, version: int = 2, name: str | None = None) -> str:
        name = name or f"kv-{uuid.uuid4().hex[:8]}"
        options = {"version": str(version)}
        self.ask("POST", f"sys/mounts/{name}", {"type": "kv", "options": options})
        if version == 2:
            self._wait_for(f"{name}/config")
        return name

    def _wait_for(self, path: str) -> None:
        """Wait until a new engine is ready: version 2 answers 400 until it is."""
        for _ in range(50):
            try:
                self.ask("GET", path)
            except AssertionError:
                time.sleep(0.1)
            else:
                return

    def has_namespaces(self) -> bool:
        """Tell whether the server is divided: OpenBao and Vault Enterprise are."""
        try:
            self.ask("PUT", "sys/namespaces/probe", {})
        except AssertionError:
            return False
        self.ask("DELETE", "sys/namespaces/probe")
        return True

    def login(self, kind: str, name: str | None = None) -> str:
        name = name or f"{kind}-{uuid.uuid4().hex[:8]}"
        self.ask("POST", f"sys/auth/{name}", {"type": kind})
        return name

    def policy(self, rules: dict[str, list[str]]) -> str:
        name = f"p-{uuid.uuid4().hex[:8]}"
        document = {"path": {p: {"capabilities": c} for p, c in rules.items()}}
        self.ask("PUT", f"sys/policies/acl/{name}", {"policy": json.dumps(document)})
        return name

    def write(self, mount: str, path: str, **data: Any) -> int:
        answer = self.ask("POST", f"{mount}/data/{path}", {"data": data})
        return int(answer["data"]["version"])

    def new_token(self, *policies: str, **options: Any) -> str:
        body = {"policies": list(policies), **options}
        answer = self.ask("POST", "auth/token/create", body)
        return str(answer["auth"]["client_token"])

    def approle(self, mount: str, role: str, *policies: str, **options: Any) -> str:
        """Make a role, and return its role-id."""
        body = {"token_policies": list(policies), **options}
        self.ask("POST", f"auth/{mount}/role/{role}", body)
        answer = self.ask("GET", f"auth/{mount}/role/{role}/role-id")
        return str(answer["data"]["role_id"])

    def secret_id(self, mount: str, role: str, *, wrap: str | None = None) -> str:
        """Return a new secret-id, or the wrapping token of one."""
        answer = self.ask("POST", f"auth/{mount}/role/{role}/secret-id", {}, wrap=wrap)
        if wrap:
            return str(answer["wrap_info"]["token"])
        return str(answer["data"]["secret_id"])
