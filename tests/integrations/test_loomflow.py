"""loomflow: its example runs on both loops, and its audit log is masked."""

import runpy
import sys
import warnings
from pathlib import Path

import pytest
from loomflow import InMemoryAuditLog

from secretscope import redact
from secretscope.integrations.loomflow import RedactedAuditLog

EXAMPLES = Path(__file__).parent.parent.parent / "examples" / "frameworks"
TOKEN = "ghp_" + "a1B2c3D4e5F6" * 3


@pytest.fixture(autouse=True)
def blockbuster() -> None:
    """Let the SDK read its files as its first client is made."""


@pytest.mark.parametrize("loop", ["asyncio", "trio"])
def test_the_example_runs(
    loop: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = EXAMPLES / "loomflow_tenants.py"
    monkeypatch.setattr(sys, "argv", [str(path), loop])
    monkeypatch.syspath_prepend(str(EXAMPLES))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # loomflow's own
        runpy.run_path(str(path), run_name="__main__")
    shown = capsys.readouterr().out
    assert "globex hello there" in shown
    assert redact(shown) == shown


async def test_what_is_appended_is_masked_and_still_verifies() -> None:
    inner = InMemoryAuditLog(secret="a-signing-secret")
    log = RedactedAuditLog(inner)
    await log.append(
        session_id="s", actor="a", action="tool", payload={"args": [TOKEN], "n": 1}
    )
    (entry,) = await log.all_entries()
    assert entry.payload == {"args": ["[REDACTED]"], "n": 1}
    assert (await log.verify()).ok
