"""Other frameworks' examples, each run as its reader would run it.

Each framework pins SDKs of its own, so each is tested in an environment of its own:
``tox -e pydantic-ai,langchain,openai-agents,litellm,mcp``.
"""

import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parent.parent.parent / "examples" / "frameworks"
LOOPS = {
    "langchain": ("asyncio",),
    "litellm": ("asyncio",),
    "mcp": ("asyncio", "trio"),
    "openai_agents": ("asyncio",),
    "pydantic_ai": ("asyncio",),
}
"""The frameworks, and the loops that they run on."""


@pytest.mark.parametrize(
    ("name", "loop"), [(name, loop) for name, loops in LOOPS.items() for loop in loops]
)
def test_the_example_runs(name: str, loop: str) -> None:
    done = subprocess.run(  # noqa: S603
        [sys.executable, EXAMPLES / f"{name}_tenants.py", loop],
        capture_output=True,
        check=False,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "acme hello" in done.stdout
    assert "globex hello" in done.stdout
    assert "-key-0" not in done.stdout + done.stderr
