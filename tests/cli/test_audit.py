"""`audit verify`: an edited log is told."""

import json
from pathlib import Path

import anyio
import pytest

from secretscope.agent import JsonlAuditLog
from tests.cli.commands import (
    Run,
)


def test_audit_verify_tells_an_edited_log(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = b"signing-key-for-tests"

    async def write() -> None:
        log = JsonlAuditLog(Path("audit.jsonl"), key=key)
        await log.write("run", prompt="hello")
        await log.write("done", output="there")

    anyio.run(write)
    monkeypatch.setenv("AUDIT_SIGNING_KEY", key.decode())
    code, out, _ = run("audit", "verify", "audit.jsonl")
    assert (code, out) == (0, "audit.jsonl: 2 entries, as they were written\n")
    edited = Path("audit.jsonl").read_text().replace("hello", "goodbye")
    Path("audit.jsonl").write_text(edited)
    code, out, err = run("audit", "verify", "audit.jsonl")
    assert code == 1
    assert "it was edited" in err
    code, out, _ = run("audit", "verify", "audit.jsonl", "--json")
    assert json.loads(out)["verified"] is False


def test_audit_verify_counts_what_it_should_find(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = b"signing-key-for-tests"
    anyio.run(JsonlAuditLog(Path("audit.jsonl"), key=key).write, "run")
    monkeypatch.setenv("AUDIT_SIGNING_KEY", key.decode())
    assert run("audit", "verify", "audit.jsonl", "--entries", "1")[0] == 0
    code, _, err = run("audit", "verify", "audit.jsonl", "--entries", "2")
    assert code == 1
    assert "1 entry, and not 2: the rest was cut off" in err
