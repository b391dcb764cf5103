"""Stores: a warm-up of 200 refs beside a loop over the same client, and what is noticed."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import anyio
import anyio.to_thread
from dependency_injector import containers, providers
from dotenv import dotenv_values
from keyring.backend import KeyringBackend

from secretscope import SecretsBackend, lifetime, needs
from secretscope.backends.azure import AzureSecrets
from secretscope.backends.azure._vaults import Vaults
from secretscope.backends.dotenv import DotenvSecrets
from secretscope.backends.files import FileSecrets
from secretscope.backends.gcp import GcpSecrets
from secretscope.backends.gcp._clients import Clients
from secretscope.backends.keyring import KeyringSecrets
from tests.backends.azure.server import serving as serving_azure
from tests.backends.gcp.server import serving as serving_gcp
from tests.benchmarks.table import Row

REFS = [f"REF_{number:03d}" for number in range(200)]
SWAPS = 20
NETWORKED = ("gcp", "azure")
DELAY = 0.005
"""Seconds that a double takes to answer, as a store in the same region does."""
MODULES = ("files", "dotenv", "keyring", "gcp", "azure")
PROGRAM = """
import sys, time
import secretscope
start = time.perf_counter()
import secretscope.backends.{0}
print(time.perf_counter() - start)
"""


def imports() -> list[Row]:
    return [(f"import {name}: milliseconds", _import(name), None) for name in MODULES]


def _import(name: str) -> float:
    took = []
    for _ in range(3):
        command = [sys.executable, "-c", PROGRAM.format(name)]
        said = subprocess.run(  # noqa: S603 - our own program
            command, capture_output=True, text=True, check=True
        )
        took.append(float(said.stdout))
    return min(took) * 1e3


async def rows() -> list[Row]:
    found: list[Row] = [
        (
            "a ..data swap until a reader sees it: ms, the slowest of 20",
            await swaps(),
            1000,
        )
    ]
    for name, pair in PAIRS.items():
        with pair() as (make, naive):
            took = await _warm(make)
            ratio = took / await _loop(naive)
        if name in NETWORKED:
            label = f"{name}: warm-up of 200 / a loop over the client, 5 ms away"
            found.append((label, ratio, 1))
        else:
            found.append((f"{name}: warm-up of 200 in ms", took * 1e3, None))
    return found


async def _warm(make: Callable[[], Any]) -> float:
    best = []
    for _ in range(3):
        secrets = make()
        await secrets.resolve_many(REFS[:1])  # connected, and the SDK imported
        start = time.perf_counter()
        answers = await secrets.resolve_many(REFS)
        best.append(time.perf_counter() - start)
        assert all(isinstance(value, str) for value in answers.values())
        await secrets.aclose()
    return min(best)


async def _loop(naive: Callable[[], Callable[[str], object]]) -> float:
    best = []

    def run() -> None:
        read = naive()
        read(REFS[0])
        start = time.perf_counter()
        for ref in REFS:
            read(ref)
        best.append(time.perf_counter() - start)

    for _ in range(3):
        await anyio.to_thread.run_sync(run)
    return min(best)


Pair = tuple[Callable[[], Any], Callable[[], Callable[[str], object]]]


@contextmanager
def gcp() -> Iterator[Pair]:
    with serving_gcp() as cloud:
        cloud.delay = DELAY
        for ref in REFS:
            cloud.hold(ref, f"value-of-{ref}")
        clients = Clients(cloud.access())

        def naive() -> Callable[[str], object]:
            client = clients.client(None)
            path = "projects/my-project/secrets/{0}/versions/latest"
            return lambda ref: client.access_secret_version(name=path.format(ref))

        yield lambda: GcpSecrets(cloud.access()), naive
        clients.close()


@contextmanager
def azure() -> Iterator[Pair]:
    with tempfile.TemporaryDirectory() as folder, serving_azure(Path(folder)) as cloud:
        cloud.delay = DELAY
        for ref in REFS:
            cloud.hold(ref.replace("_", "-"), f"value-of-{ref}")
        vaults = Vaults(cloud.access())

        def naive() -> Callable[[str], object]:
            client = vaults.client(cloud.url)
            return lambda ref: client.get_secret(ref.replace("_", "-"))

        yield lambda: AzureSecrets(cloud.access()), naive
        vaults.close()


@contextmanager
def files() -> Iterator[Pair]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for ref in REFS:
            (folder / ref).write_text(f"value-of-{ref}")
            (folder / ref).chmod(0o400)
            os.utime(folder / ref, (1, 1))
        yield (
            lambda: FileSecrets(folder),
            lambda: lambda ref: (folder / ref).read_text(),
        )


@contextmanager
def dotenv() -> Iterator[Pair]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, ".env")
        path.write_text("".join(f"{ref}=value-of-{ref}\n" for ref in REFS))
        path.chmod(0o400)
        os.utime(path, (1, 1))
        yield (
            lambda: DotenvSecrets(path),
            lambda: lambda ref: dotenv_values(path)[ref],
        )


@contextmanager
def keyring() -> Iterator[Pair]:
    class Ring(KeyringBackend):
        priority = -1

        def get_password(self, service: str, username: str) -> str:
            return f"value-of-{username}"

        def set_password(self, service: str, username: str, password: str) -> None:
            raise NotImplementedError

    ring = Ring()  # type: ignore[no-untyped-call]  # keyring has few types
    yield (
        lambda: KeyringSecrets("bench", backend=ring),
        lambda: lambda ref: ring.get_password("bench", ref),
    )


PAIRS: dict[str, Callable[[], Any]] = {
    "gcp": gcp,
    "azure": azure,
    "files": files,
    "dotenv": dotenv,
    "keyring": keyring,
}


def _mount(root: Path, number: int) -> None:
    data = root / f"..{number}"
    data.mkdir()
    (data / "KEY").write_text(f"value-number-{number}")
    (data / "KEY").chmod(0o400)
    (root / "..new").symlink_to(data.name)
    (root / "..new").replace(root / "..data")


async def swaps() -> float:
    """Return the milliseconds from a swap until a reader sees it, at the slowest."""

    class App(containers.DeclarativeContainer):
        config: Any = providers.Configuration()
        backend = SecretsBackend(config.secrets)
        key = needs(providers.Object("needs KEY"), "KEY")

    slowest = 0.0
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        _mount(root, 0)
        (root / "KEY").symlink_to("..data/KEY")
        app = App()
        app.config.from_dict(
            {"secrets": {"backend": "files", "files": {"directory": name}}}
        )
        async with lifetime(app) as secrets:
            for number in range(1, SWAPS + 1):
                await anyio.sleep(0.05)
                start = time.perf_counter()
                await anyio.to_thread.run_sync(_mount, root, number)
                while secrets.lookup_sync("KEY") != f"value-number-{number}":  # noqa: ASYNC110 - a reader, as it is
                    await anyio.sleep(0.001)
                slowest = max(slowest, time.perf_counter() - start)
    return slowest * 1e3
