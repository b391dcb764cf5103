"""A double of Azure: a key vault and its login server, over HTTPS on loopback."""

from __future__ import annotations

import json
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import trustme
from attrs import define, field

from secretscope.backends.azure import AzureAccess, AzureAuth

DIRECTORY = "11111111-2222-3333-4444-555555555555"
CLIENT_SECRET = "the-secret-of-an-application"
TOKEN = "a-token-of-the-login-server"


@define
class Version:
    value: str
    enabled: bool = True


@define
class Azure:
    """What the vault holds, and what was asked of it and of the login server."""

    ca: Path
    port: int = 0
    secrets: dict[str, list[Version]] = field(factory=dict)
    deleted: set[str] = field(factory=set)
    asked: list[str] = field(factory=list)
    logins: list[dict[str, str]] = field(factory=list)
    fails: list[tuple[int, str, dict[str, str]]] = field(factory=list)
    """The status, the inner code and the headers of each failure to come."""
    resource: str = "https://vault.azure.net"
    client_secret: str = CLIENT_SECRET
    hides_deleted: bool = False
    delay: float = 0.0
    """Seconds that an answer takes, for benchmarks."""

    @property
    def url(self) -> str:
        return f"https://localhost:{self.port}"

    def access(self, auth: AzureAuth | None = None, **more: Any) -> AzureAccess:
        given: dict[str, Any] = {
            "url": self.url,
            "auth": auth or self.auth(),
            "ca_file": self.ca,
            "verify_resource": False,
            **more,
        }
        return AzureAccess(**given)

    def auth(self, **more: Any) -> AzureAuth:
        given: dict[str, Any] = {
            "method": "client_secret",
            "tenant_id": DIRECTORY,
            "client_id": "an-application",
            "client_secret": CLIENT_SECRET,
            "authority": self.url,
            **more,
        }
        return AzureAuth(**given)

    def hold(self, name: str, *values: str) -> None:
        self.secrets.setdefault(name.lower(), []).extend(map(Version, values))


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 2  # of a connection that nobody closes
    azure: Azure

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        if path.endswith("/openid-configuration"):
            base = f"{self.azure.url}/{DIRECTORY}"
            self._answer(
                200,
                {
                    "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
                    "token_endpoint": f"{base}/oauth2/v2.0/token",
                    "issuer": f"{base}/v2.0",
                },
            )
        elif path.startswith("/msi"):
            self._token(dict(self.headers))
        elif self._may_pass(f"GET {path}"):
            self._read(path)

    def do_POST(self) -> None:
        self._token({name: v[0] for name, v in parse_qs(self._body()).items()})

    def do_PUT(self) -> None:
        body = self._body()
        path = urlsplit(self.path).path
        if not self._may_pass(f"PUT {path}"):
            return
        name = path.rpartition("/")[2].lower()
        value = json.loads(body)["value"]
        if name in self.azure.deleted:
            self._fail(409, "ObjectIsDeletedButRecoverable")
        elif len(value.encode()) > 25_600:
            self._fail(400, "BadParameter")
        else:
            self.azure.hold(name, value)
            self._secret(name, len(self.azure.secrets[name]))

    def _read(self, path: str) -> None:
        kind, name, version = (*path.strip("/").split("/"), "")[:3]
        name = name.lower()
        versions = self.azure.secrets.get(name, [])
        number = int(version, 16) if version else len(versions)
        if kind == "deletedsecrets":
            if name in self.azure.deleted and not self.azure.hides_deleted:
                self._answer(
                    200, {"recoveryId": f"{self.azure.url}/deletedsecrets/{name}"}
                )
            else:
                self._fail(403 if self.azure.hides_deleted else 404, "SecretNotFound")
        elif name in self.azure.deleted or not 0 < number <= len(versions):
            self._fail(404, "SecretNotFound")
        elif not versions[number - 1].enabled:
            self._fail(403, "SecretDisabled")
        else:
            self._secret(name, number)

    def _secret(self, name: str, number: int) -> None:
        version = self.azure.secrets[name][number - 1]
        self._answer(
            200,
            {
                "value": version.value,
                "id": f"{self.azure.url}/secrets/{name}/{number:032x}",
                "attributes": {"enabled": version.enabled},
            },
        )

    def _may_pass(self, asked: str) -> bool:
        """Challenge whoever brings no token; fail where a failure was arranged."""
        azure = self.azure
        if self.headers.get("Authorization") != f"Bearer {TOKEN}":
            challenge = (
                f'Bearer authorization="{azure.url}/{DIRECTORY}", '
                f'resource="{azure.resource}"'
            )
            self._fail(401, "Unauthorized", {"WWW-Authenticate": challenge})
            return False
        azure.asked.append(asked)
        time.sleep(azure.delay)
        if azure.fails:
            self._fail(*azure.fails.pop(0))
            return False
        return True

    def _token(self, said: dict[str, str]) -> None:
        self.azure.logins.append(said)
        known = said.get("client_secret", self.azure.client_secret)
        if known != self.azure.client_secret:
            text = f"AADSTS7000215: Invalid client secret {known}"
            self._answer(401, {"error": "invalid_client", "error_description": text})
            return
        answer = {"access_token": TOKEN, "token_type": "Bearer", "resource": "x"}
        self._answer(200, {**answer, "expires_in": 3600, "expires_on": 4_000_000_000})

    def _fail(
        self, status: int, code: str, headers: dict[str, str] | None = None
    ) -> None:
        text = "trap-text-of-azure"
        inner = {"code": "Forbidden" if status == 403 else code, "message": text}
        body: dict[str, Any] = {"error": {**inner, "innererror": {"code": code}}}
        self._answer(status, body, headers)

    def _answer(
        self, status: int, body: dict[str, Any], headers: dict[str, str] | None = None
    ) -> None:
        payload = json.dumps(body).encode()
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(payload)))
        self.end_headers()
        self.wfile.write(payload)

    def _body(self) -> str:
        return self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()

    def log_message(self, *args: Any) -> None:
        """Keep quiet."""


@contextmanager
def serving(folder: Path) -> Iterator[Azure]:
    """Serve an empty vault on a free port, until the block ends."""
    ca = trustme.CA()
    ca.cert_pem.write_to_path(folder / "ca.pem")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert("localhost", "127.0.0.1").configure_cert(context)
    azure = Azure(ca=folder / "ca.pem")

    class Mine(Handler):
        pass

    Mine.azure = azure
    server = ThreadingHTTPServer(("127.0.0.1", 0), Mine)
    server.daemon_threads = False  # they are waited for, and close what they hold
    server.socket = context.wrap_socket(server.socket, server_side=True)
    azure.port = server.server_address[1]
    thread = threading.Thread(
        target=server.serve_forever, kwargs={"poll_interval": 0.01}
    )
    thread.start()
    try:
        yield azure
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
