"""A warm-up over AWS beside the loop that one would write; what importing costs.

The server is moto on loopback in a process of its own, and answers each request 10 ms
late, as a network would: what is measured is the number of requests and their order.
"""

from __future__ import annotations

import os
import subprocess
import sys
import timeit
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import boto3
from botocore.config import Config

from secretscope.backends.aws import AwsAccess, AwsSecrets
from secretscope.backends.aws_parameters import AwsParameters
from secretscope.cache import CachedSecrets
from tests.benchmarks.table import Row

REGION, KEY, SECRET = "eu-west-1", "AKIALOOPBACK", "loopback-secret-key-01"
NAMES = [f"KEY_{number}" for number in range(200)]
SERVER = """
import sys, time
from werkzeug.serving import make_server
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
moto = DomainDispatcherApplication(create_backend_app)
def late(environ, start):
    time.sleep(0.01)
    return moto(environ, start)
server = make_server("127.0.0.1", 0, late, threaded=True)
print(server.server_port, flush=True)
server.serve_forever()
"""
PROGRAM = """
import sys, time, secretscope
start = time.perf_counter()
import {module}
print(time.perf_counter() - start)
"""


async def rows() -> list[Row]:
    with _server() as url:
        return [*await _warm_up(url), *_imports()]


@contextmanager
def _server() -> Iterator[str]:
    process = subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-c", SERVER],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={**os.environ, "AWS_EC2_METADATA_DISABLED": "true"},
    )
    assert process.stdout is not None
    try:
        yield f"http://127.0.0.1:{int(process.stdout.readline())}"
    finally:
        process.terminate()
        process.wait()
        process.stdout.close()


async def _warm_up(url: str) -> list[Row]:
    access = AwsAccess(
        region=REGION,
        endpoint_url=url,
        access_key_id=KEY,
        secret_access_key=SECRET,
    )
    found: list[Row] = []
    ours: list[tuple[str, type[Any], str]] = [
        ("Secrets Manager", AwsSecrets, "secretsmanager"),
        ("Parameter Store", AwsParameters, "ssm"),
    ]
    for title, kind, service in ours:
        client = _client(service, url)
        _fill(client, service)
        naive = min(timeit.repeat(lambda: _loop(client, service), number=1, repeat=3))
        joint = min(
            timeit.repeat(lambda: _batches(client, service), number=1, repeat=3)
        )
        client.close()
        took = min([await _timed(kind(access)) for _ in range(5)])
        label = f"warm-up of 200 from {title} / boto3, "
        found.append((f"{label}one by one", took / naive, 0.1))
        found.append((f"{label}in batches", took / joint, 1.0))
    return found


def _client(service: str, url: str) -> Any:
    session: Any = boto3.Session(KEY, SECRET, None, REGION)
    config = Config(retries={"total_max_attempts": 1, "mode": "standard"})
    return session.client(service, endpoint_url=url, config=config)


def _fill(client: Any, service: str) -> None:
    for name in NAMES:
        if service == "ssm":
            client.put_parameter(
                Name=name, Value=f"bench-value-{name}", Type="SecureString"
            )
        else:
            client.create_secret(Name=name, SecretString=f"bench-value-{name}")


def _loop(client: Any, service: str) -> None:
    for name in NAMES:
        if service == "ssm":
            client.get_parameter(Name=name, WithDecryption=True)
        else:
            client.get_secret_value(SecretId=name)


def _batches(client: Any, service: str) -> None:
    size = 10 if service == "ssm" else 20
    for at in range(0, len(NAMES), size):
        if service == "ssm":
            client.get_parameters(Names=NAMES[at : at + size], WithDecryption=True)
        else:
            client.batch_get_secret_value(SecretIdList=NAMES[at : at + size])


async def _timed(secrets: CachedSecrets) -> float:
    await secrets.open()
    start = timeit.default_timer()
    found = await secrets.resolve_many(NAMES)
    took = timeit.default_timer() - start
    await secrets.aclose()
    assert found == {name: f"bench-value-{name}" for name in NAMES}
    return took


def _imports() -> list[Row]:
    sdk = _import("boto3")
    stores = ("secretscope.backends.aws", "secretscope.backends.aws_parameters")
    took = [(f"import of {store} / of boto3", _import(store) / sdk) for store in stores]
    return [
        ("milliseconds to import boto3", sdk * 1e3, None),
        *((label, figure, 0.25) for label, figure in took),
    ]


def _import(module: str) -> float:
    program = PROGRAM.format(module=module)
    command = [sys.executable, "-c", program]
    took: list[float] = []
    for _ in range(7):
        said = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603 - our own program
        took.append(float(said.stdout))
    return min(took)
