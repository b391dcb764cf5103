"""A server for each test: a real one where there is one, else the double.

A real one is found by SECRETSCOPE_TEST_VAULT_ADDR and SECRETSCOPE_TEST_VAULT_TOKEN (one
that may do everything), or as the program `bao` or `vault` on PATH, started in dev mode.
Tests that need faults on a script or a clock turned by hand ask for `double`.
"""

import os
import shutil
import socket
import subprocess
import time
import uuid
from collections.abc import Iterator

import pytest

from secretscope.backends.vault import AppRole
from tests.backends.vault.admin import Admin
from tests.backends.vault.double import Double, serving
from tests.backends.vault.roles import role


@pytest.fixture(autouse=True)
def bare_vault_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    for name in tuple(os.environ):
        if name.startswith(("VAULT_", "BAO_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))


@pytest.fixture(scope="session")
def real_server() -> Iterator[Admin | None]:
    address = os.environ.get("SECRETSCOPE_TEST_VAULT_ADDR")
    program = shutil.which("bao") or shutil.which("vault")
    if address:
        yield Admin(address, os.environ["SECRETSCOPE_TEST_VAULT_TOKEN"])
    elif program:
        yield from _started(program)
    else:
        yield None


def _started(program: str) -> Iterator[Admin]:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    token = f"root-{uuid.uuid4().hex}"
    with subprocess.Popen(  # noqa: S603 - a program that the operator put on PATH
        [
            program, "server", "-dev", f"-dev-root-token-id={token}",
            f"-dev-listen-address=127.0.0.1:{port}", "-dev-no-store-token",
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:  # fmt: skip
        admin = Admin(f"http://127.0.0.1:{port}", token)
        try:
            _wait_for(admin)
            yield admin
        finally:
            process.terminate()


def _wait_for(admin: Admin) -> None:
    for _ in range(100):
        try:
            admin.ask("GET", "sys/health")
        except OSError:
            time.sleep(0.1)
        else:
            return


@pytest.fixture
def double() -> Iterator[Double]:
    with serving() as server:
        yield server


@pytest.fixture
def admin(real_server: Admin | None, request: pytest.FixtureRequest) -> Admin:
    if real_server is not None:
        return real_server
    double: Double = request.getfixturevalue("double")
    return Admin(double.address, double.token)


@pytest.fixture
def double_admin(double: Double) -> Admin:
    return Admin(double.address, double.token)


@pytest.fixture
def approle(double: Double, double_admin: Admin) -> AppRole:
    """Return the login of a role whose tokens live for a minute."""
    return role(double, double_admin, token_ttl="60s")


@pytest.fixture
def mount(admin: Admin) -> str:
    return admin.mount(2)


@pytest.fixture
def mount1(admin: Admin) -> str:
    return admin.mount(1)
