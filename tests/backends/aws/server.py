"""AWS on loopback: moto's server behind a door that counts, refuses, fails and hangs.

Where moto is laxer than AWS, the door is as strict as AWS: batches are of 20 at most,
one refused parameter refuses its whole group, and what is current follows its label.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from threading import Event, Lock, Thread
from typing import Any
from urllib.parse import parse_qs

import anyio.to_thread
import boto3
from attrs import define, field
from moto.moto_api._internal.models import moto_api_backend
from moto.moto_server.werkzeug_app import (
    DomainDispatcherApplication,
    MotoRequestHandler,
    create_backend_app,
)
from moto.secretsmanager.models import FakeSecret, secretsmanager_backends
from werkzeug.serving import make_server

from secretscope.backends.aws import AwsAccess

REGION = "eu-west-1"
KEY = {"access_key_id": "AKIALOOPBACK", "secret_access_key": "loopback-secret-key-01"}
Request = dict[str, Any]


@define
class Failure:
    """What the next requests of an operation get instead of an answer."""

    code: str
    message: str = ""
    status: int = 400
    times: int = 1
    headers: dict[str, str] = field(factory=dict)
    xml: bool = False


def access_at(host: str, port: int) -> AwsAccess:
    """Return access to another server on loopback, that may not answer."""
    said: dict[str, Any] = {"connect_timeout": 0.5, "read_timeout": 0.5, **KEY}
    return AwsAccess(region=REGION, endpoint_url=f"http://{host}:{port}", **said)


class Aws:
    """The server: each request goes through `__call__`."""

    def __init__(self) -> None:
        self._moto = DomainDispatcherApplication(create_backend_app)
        self._one = Lock()
        self._clients: dict[str, Any] = {}
        self._scene = 0
        self._server = make_server(
            "127.0.0.1", 0, self, threaded=True, request_handler=MotoRequestHandler
        )
        self.address = ("127.0.0.1", self._server.server_port)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self.reset()

    def reset(self) -> None:
        """Hold nothing, and hear no one who still asks for an earlier test.

        A cancelled request goes on in its thread, and may arrive late.
        """
        self._scene += 1
        self.key = {**KEY, "access_key_id": f"{KEY['access_key_id']}{self._scene}X"}
        moto_api_backend.reset()
        self.asked: list[tuple[str, Request]] = []
        self.failures: dict[str, Failure] = {}
        self.denied: set[str] = set()
        self.extra: list[Request] = []
        self.lost: set[str] = set()
        self.hanging: set[str] = set()
        self.let_go = Event()

    @contextmanager
    def serving(self) -> Iterator[Aws]:
        thread = Thread(target=self._server.serve_forever, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self.let_go.set()
            for client in self._clients.values():
                client.close()
            self._server.shutdown()
            self._server.server_close()
            thread.join()

    def access(self, **more: Any) -> AwsAccess:
        said: dict[str, Any] = {"region": REGION, "endpoint_url": self.url, **self.key}
        return AwsAccess(**{**said, **more})

    def client(self, service: str) -> Any:
        """Return boto3's own client, to set a scene with; it is made once."""
        if service not in self._clients:
            session: Any = boto3.Session(KEY["access_key_id"], "x", None, REGION)
            self._clients[service] = session.client(service, endpoint_url=self.url)
        return self._clients[service]

    async def do(
        self, operation: str, *, service: str = "secretsmanager", **request: Any
    ) -> Any:
        """Ask with boto3's own client, off the loop."""
        return await anyio.to_thread.run_sync(
            lambda: getattr(self.client(service), operation)(**request)
        )

    def operations(self) -> list[str]:
        return [operation for operation, _ in self.asked]

    def __call__(
        self, environ: dict[str, Any], start: Callable[..., Any]
    ) -> Iterable[bytes]:
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        operation, request = _parsed(environ, body)
        if self._is_late(environ):
            return _fail(start, Failure("Late", status=503))
        self.asked.append((operation, request))
        if operation in self.hanging:
            self.let_go.wait(10)
        failure = self.failures.get(operation)
        if failure is not None and failure.times > 0:
            failure.times -= 1
            return _fail(start, failure)
        refused = self._refused(operation, request)
        if refused is not None:
            return _fail(start, refused)
        if operation == "BatchGetSecretValue":
            asked = request["SecretIdList"]
            kept = {
                **request,
                "SecretIdList": [i for i in asked if i not in self.denied],
            }
            body = json.dumps(kept).encode()
        status, headers, answer = self._answer(environ, body)
        if operation == "BatchGetSecretValue" and status.startswith("200"):
            answer = self._with_denials(json.loads(answer), request["SecretIdList"])
            headers = [(k, v) for k, v in headers if k.lower() != "content-length"]
        start(status, headers)
        return [answer]

    def _is_late(self, environ: dict[str, Any]) -> bool:
        asks = re.search(rf"{KEY['access_key_id']}\d+X", environ["HTTP_AUTHORIZATION"])
        return asks is not None and asks[0] != self.key["access_key_id"]

    def _answer(
        self, environ: dict[str, Any], body: bytes
    ) -> tuple[str, list[tuple[str, str]], bytes]:
        said: list[Any] = []
        environ = {
            **environ,
            "wsgi.input": io.BytesIO(body),
            "CONTENT_LENGTH": str(len(body)),
        }
        with self._one:
            answer = b"".join(self._moto(environ, lambda *what: said.extend(what)))
            _follow_labels()
        return said[0], said[1], answer

    def _refused(self, operation: str, request: Request) -> Failure | None:
        ids = request.get("SecretIdList", ())
        if len(ids) > 20 or len(request.get("Names", ())) > 10:
            return Failure("ValidationException", f"too many: {ids}")
        named = {
            request.get("SecretId"),
            request.get("Name"),
            *request.get("Names", ()),
        }
        if named & self.denied:
            what = f"is not authorized to perform: {_action(operation)} on resource: x"
            return Failure(
                "AccessDeniedException", f"User: arn:aws:iam::1:user/x {what}"
            )
        if operation == "PutParameter" and not request.get("Overwrite"):
            assert request["Type"], "AWS asks for a type where it makes a parameter"
        return None

    def _with_denials(self, answer: dict[str, Any], ids: list[str]) -> bytes:
        answer["Errors"] += [
            {"SecretId": i, "ErrorCode": "AccessDeniedException", "Message": "no"}
            for i in ids
            if i in self.denied
        ]
        kept = [one for one in answer["SecretValues"] if one["Name"] not in self.lost]
        answer["SecretValues"] = kept + self.extra
        return json.dumps(answer).encode()


def _parsed(environ: dict[str, Any], body: bytes) -> tuple[str, Request]:
    target = environ.get("HTTP_X_AMZ_TARGET")
    if target is not None:
        return target.rpartition(".")[2], json.loads(body or b"{}")
    form = {name: values[0] for name, values in parse_qs(body.decode()).items()}
    return form.get("Action", ""), form


def _fail(start: Callable[..., Any], failure: Failure) -> Iterable[bytes]:
    kind = "application/x-amz-json-1.1"
    answer = json.dumps({"__type": failure.code, "message": failure.message})
    if failure.xml:
        kind = "text/xml"
        answer = (
            f"<ErrorResponse><Error><Code>{failure.code}</Code>"
            f"<Message>{failure.message}</Message></Error></ErrorResponse>"
        )
    elif failure.code == "(garbage)":
        answer = "<html>this is no JSON"
    headers = [("Content-Type", kind), ("Content-Length", str(len(answer)))]
    start(f"{failure.status} Said", [*headers, *failure.headers.items()])
    return [answer.encode()]


def _action(operation: str) -> str:
    service = "ssm" if "Parameter" in operation else "secretsmanager"
    return f"{service}:{operation}"


def _follow_labels() -> None:
    """Let what moto takes for current be what has the label, as it is at AWS."""
    for account in secretsmanager_backends.values():
        for backend in account.values():
            for secret in dict.values(backend.secrets):
                for number, version in secret.versions.items():
                    current = "AWSCURRENT" in version["version_stages"]
                    if current and isinstance(secret, FakeSecret):
                        secret.default_version_id = number
