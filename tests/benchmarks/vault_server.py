"""A double of Vault in a process of its own, so that it shares no interpreter."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from tests.backends.vault.double import serving

PAUSE = 0.005
"""Seconds that each answer takes: a server in the next rack."""


@contextmanager
def elsewhere() -> Iterator[tuple[str, str]]:
    """Start the server, and give its address and its root token."""
    command = [sys.executable, "-m", "tests.benchmarks.vault_server"]
    with subprocess.Popen(  # noqa: S603 - this very module
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        address, token = json.loads(process.stdout.readline())
        try:
            yield address, token
        finally:
            process.stdin.close()


def main() -> None:
    with serving() as double:
        double.listener.pause = PAUSE
        print(json.dumps([double.address, double.token]), flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
