"""A double of Google Cloud Secret Manager: its gRPC service, in memory, on loopback."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, NoReturn

import google_crc32c
import grpc
from attrs import define, field
from google.cloud.secretmanager_v1.types import resources, service
from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.duration_pb2 import Duration
from google.rpc.error_details_pb2 import ErrorInfo, RetryInfo
from google.rpc.status_pb2 import Status
from grpc_status import rpc_status

from secretscope.backends.gcp import GcpAccess

SERVICE = "google.cloud.secretmanager.v1.SecretManagerService"
NUMBER = "1234567890"
"""The project's number, by which answers call it."""


@define
class Version:
    data: bytes
    state: str = "ENABLED"
    garbled: bool = False


@define
class Cloud:
    """What the project holds, and what was asked of it."""

    port: int = 0
    secrets: dict[str, list[Version]] = field(factory=dict)
    aliases: dict[str, int] = field(factory=dict)
    asked: list[str] = field(factory=list)
    fails: list[tuple[str, str]] = field(factory=list)
    """The code and the text of each failure to come, the next one first."""
    delay: float = 0.0
    """Seconds that an answer takes, for benchmarks."""
    retry_after: float | None = None
    rival: Callable[[str], None] | None = None
    """Called with a secret's name before it is made."""

    def access(self, **more: Any) -> GcpAccess:
        given: dict[str, Any] = {
            "project": "my-project",
            "endpoint": f"127.0.0.1:{self.port}",
            "insecure": True,
            "create": True,
            **more,
        }
        return GcpAccess(**given)

    def hold(
        self, name: str, *values: str | bytes, parent: str = "projects/my-project"
    ) -> None:
        kept = self.secrets.setdefault(f"{parent}/secrets/{name}", [])
        kept += [Version(v.encode() if isinstance(v, str) else v) for v in values]


class Servicer:
    """The three calls that the store makes."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud

    def access(self, request: Any, context: Any) -> Any:
        cloud = self._note(request.name, context)
        secret, _, wanted = request.name.partition("/versions/")
        versions = cloud.secrets.get(secret)
        if not versions:
            _abort(
                context, "NOT_FOUND", f"Secret [{secret}] not found or has no versions."
            )
        number = len(versions) if wanted == "latest" else cloud.aliases.get(wanted, 0)
        number = int(wanted) if wanted.isdecimal() else number
        name = f"{secret}/versions/{number}".replace("my-project", NUMBER)
        if not 0 < number <= len(versions):
            _abort(context, "NOT_FOUND", f"Secret Version [{name}] not found.")
        version = versions[number - 1]
        if version.state != "ENABLED":
            text = f"Secret Version [{name}] is in {version.state} state."
            _abort(context, "FAILED_PRECONDITION", text)
        checksum = google_crc32c.value(version.data) + version.garbled
        payload = resources.SecretPayload(data=version.data, data_crc32c=checksum)
        return service.AccessSecretVersionResponse(name=name, payload=payload)

    def add(self, request: Any, context: Any) -> Any:
        cloud = self._note(f"add {request.parent}", context)
        versions = cloud.secrets.get(request.parent)
        if versions is None:
            _abort(context, "NOT_FOUND", f"Secret [{request.parent}] not found.")
        data = request.payload.data
        if not data or request.payload.data_crc32c != google_crc32c.value(data):
            _abort(context, "INVALID_ARGUMENT", "Secret Payload cannot be empty.")
        versions.append(Version(data))
        name = f"{request.parent}/versions/{len(versions)}"
        return resources.SecretVersion(name=name)

    def create(self, request: Any, context: Any) -> Any:
        cloud = self._note(f"create {request.parent}", context)
        name = f"{request.parent}/secrets/{request.secret_id}"
        automatic = "automatic" in request.secret.replication
        if automatic == ("/locations/" in request.parent):
            _abort(
                context, "INVALID_ARGUMENT", "Replication does not fit the location."
            )
        if cloud.rival is not None:
            cloud.rival(name)
        if name in cloud.secrets:
            _abort(context, "ALREADY_EXISTS", f"Secret [{name}] already exists.")
        cloud.secrets[name] = []
        return resources.Secret(name=name)

    def _note(self, asked: str, context: Any) -> Cloud:
        self._cloud.asked.append(asked)
        time.sleep(self._cloud.delay)
        if self._cloud.fails:
            _abort(context, *self._cloud.fails.pop(0), wait=self._cloud.retry_after)
        return self._cloud


def _abort(context: Any, code: str, text: str, wait: float | None = None) -> NoReturn:
    status = Status(code=grpc.StatusCode[code].value[0], message=text)
    if wait is not None:
        delay = Duration()
        delay.FromMilliseconds(int(wait * 1000))
        for detail in (ErrorInfo(reason="QUOTA"), RetryInfo(retry_delay=delay)):
            packed = AnyMessage()
            packed.Pack(detail)
            status.details.append(packed)
    context.abort_with_status(rpc_status.to_status(status))
    raise AssertionError(text)


def _handlers(servicer: Servicer) -> grpc.GenericRpcHandler:
    def unary(act: Any, request: Any, response: Any) -> Any:
        return grpc.unary_unary_rpc_method_handler(
            act,
            request_deserializer=request.deserialize,
            response_serializer=response.serialize,
        )

    return grpc.method_handlers_generic_handler(
        SERVICE,
        {
            "AccessSecretVersion": unary(
                servicer.access,
                service.AccessSecretVersionRequest,
                service.AccessSecretVersionResponse,
            ),
            "AddSecretVersion": unary(
                servicer.add, service.AddSecretVersionRequest, resources.SecretVersion
            ),
            "CreateSecret": unary(
                servicer.create, service.CreateSecretRequest, resources.Secret
            ),
        },
    )


@contextmanager
def serving() -> Iterator[Cloud]:
    """Serve an empty project on a free port, until the block ends."""
    cloud = Cloud()
    with ThreadPoolExecutor(32) as threads:
        server = grpc.server(threads)
        server.add_generic_rpc_handlers((_handlers(Servicer(cloud)),))
        cloud.port = server.add_insecure_port("127.0.0.1:0")
        server.start()
        try:
            yield cloud
        finally:
            server.stop(grace=None).wait()
