"""What `import secretscope` costs beyond what it is built on, and what it leaves out."""

from __future__ import annotations

import subprocess
import sys

from tests.benchmarks.table import Row

BASE = (
    "import dependency_injector.containers, dependency_injector.providers, attrs, anyio"
)
EXTRAS = "anthropic openai hyperscan httpx2 boto3 google.cloud azure keyring watchfiles"
PROGRAM = f"""
import sys, time
{BASE}, anyio.to_thread, anyio.abc, anyio.lowlevel
start = time.perf_counter()
import secretscope
print(time.perf_counter() - start)
print(sum(name in sys.modules for name in "{EXTRAS}".split()))
"""


def rows() -> list[Row]:
    took, extras = [], 0
    for _ in range(7):
        command = [sys.executable, "-c", PROGRAM]
        said = subprocess.run(  # noqa: S603 - our own program
            command, capture_output=True, text=True, check=True
        )
        seconds, loaded = said.stdout.split()
        took.append(float(seconds))
        extras = int(loaded)
    return [
        ("milliseconds beyond dependency-injector, attrs, anyio", min(took) * 1e3, 80),
        ("extras imported", extras, 0),
    ]
