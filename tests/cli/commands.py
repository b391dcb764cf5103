"""What the commands' tests share: a shop's container, a token, and a pipe."""

import subprocess
import sys
from collections.abc import Callable

SHOP = ("shop:Shop", "--config", "shop.yml")
GITHUB = "ghp_" + "a1B2c3D4e5F6" * 3

Run = Callable[..., tuple[int, str, str]]
"""Runs a command line; gives its exit code, its output, and what it complained of."""


def pipe(*argv: str, given: bytes) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(  # noqa: S603
        [sys.executable, "-m", "secretscope", *argv],
        input=given,
        capture_output=True,
        check=True,
        timeout=60,
    )
