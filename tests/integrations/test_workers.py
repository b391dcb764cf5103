"""Servers as they are run: processes of their own, started by their commands."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path

import pytest

from tests.integrations.web_load import listening
from tests.integrations.workers_app import TENANTS

# a server's command takes the socket that it was handed, by its number
ROOT = Path(__file__).parents[2]
APP = "tests.integrations.workers_app"
GUNICORN = ["gunicorn", "--bind", "fd://{fd}", "--log-level", "warning"]
UVICORN = ["uvicorn", "--fd", "{fd}", "--factory", "--log-level", "warning"]
HYPERCORN = ["hypercorn", "--bind", "fd://{fd}", "--workers", "2"]

COMMANDS = {
    "gunicorn, Flask": [*GUNICORN, "-w", "2", f"{APP}:flask()"],
    "gunicorn, Flask, threads, preloaded": [
        *(*GUNICORN, "-w", "2", "--threads", "3"),
        *("--preload", f"{APP}:late()"),
    ],
    "gunicorn, Django": [*GUNICORN, "-w", "2", "--preload", f"{APP}:django_wsgi()"],
    "uvicorn, Django": [*UVICORN, f"{APP}:django_asgi"],
    "uvicorn, two workers": [*UVICORN, "--workers", "2", f"{APP}:fastapi"],
    "hypercorn, two workers": [*HYPERCORN, f"{APP}:fastapi()"],
    "hypercorn, two workers on trio": [*HYPERCORN, "-k", "trio", f"{APP}:fastapi()"],
}


@contextmanager
def served(command: list[str], log: Path) -> Generator[int]:
    """Run a server until the block ends; yield its port."""
    sock, port = listening()
    with sock, log.open("w") as out:
        fd = sock.fileno()
        process = subprocess.Popen(  # noqa: S603 - the servers under test
            [sys.executable, "-m", *(each.format(fd=fd) for each in command)],
            cwd=ROOT,
            stdout=out,
            stderr=out,
            pass_fds=[fd],
            start_new_session=True,
        )
        try:
            yield port
            process.send_signal(signal.SIGTERM)
            process.wait(10)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def ask(port: int, tenant: str) -> tuple[int, str]:
    connection = HTTPConnection("127.0.0.1", port, timeout=50)
    try:
        connection.request("GET", "/", headers={"x-tenant": tenant})
        answer = connection.getresponse()
        return answer.status, answer.read().decode().strip('"\n')
    finally:
        connection.close()


@pytest.mark.timeout(60)
@pytest.mark.parametrize("command", COMMANDS.values(), ids=list(COMMANDS))
def test_each_process_serves_each_tenant_with_its_own_key(
    command: list[str], tmp_path: Path
) -> None:
    log = tmp_path / "log"
    with served(command, log) as port, ThreadPoolExecutor(4) as pool:
        names = list(TENANTS) * 8
        answers = list(pool.map(ask, [port] * len(names), names))
        for name, (status, text) in zip(names, answers, strict=True):
            pid, key = text.split()
            assert (status, key) == (200, f"key-of/{name}/{pid}")
        assert ask(port, "acme/..") == (400, "Bad Request")
        assert ask(port, "nobody") == (404, "Not Found")
    assert "Traceback" not in log.read_text()


@pytest.mark.timeout(60)
def test_a_lifetime_that_was_opened_before_a_fork_serves_nobody_and_says_why(
    tmp_path: Path,
) -> None:
    log = tmp_path / "log"
    with served([*GUNICORN, "--preload", f"{APP}:flask()"], log) as port:
        assert ask(port, "acme")[0] == 500
    assert "at the first request" in log.read_text()
