"""What a terminal shows, wide or narrow, and what a pipe gets of the same."""

import io
import json
import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.commands import Run

SHOP = ("shop:Shop", "--config", "shop.yml")
GITHUB = "ghp_" + "a1B2c3D4e5F6" * 3


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Give a function that makes a terminal of what is written to, so wide."""

    def made(columns: int) -> None:
        monkeypatch.setenv("TERM", "xterm")
        monkeypatch.delenv("NO_COLOR", raising=False)
        monkeypatch.setenv("COLUMNS", str(columns))
        for stream in (sys.stdout, sys.stderr):
            monkeypatch.setattr(stream, "isatty", lambda: True)

    return made


def test_a_wide_terminal_gets_a_table_and_a_pipe_gets_it_unfolded(
    run: Run, folder: Path, terminal: Callable[[int], None]
) -> None:
    piped = run("check", *SHOP, "--tenant", "acme")[1]
    assert piped.splitlines()[2].endswith(
        "tenants/acme/ANTHROPIC_API_KEY  yes    -        0 s  -"
    )
    assert "\033" not in piped
    terminal(120)
    code, out, err = run("check", *SHOP, "--tenant", "acme")
    assert code == 0
    assert "\033[32myes" in out
    assert "STORE, LOCATION" in out
    assert "asking the stores" in err
    plain = re.sub(r"\033\[\d+m", "", out)
    assert max(map(len, plain.splitlines())) <= 120


def test_a_narrow_terminal_gets_a_block_for_each_need(
    run: Run,
    folder: Path,
    terminal: Callable[[int], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    terminal(40)
    monkeypatch.setenv("NO_COLOR", "1")
    _, out, _ = run("check", *SHOP, "--tenant", "globex")
    assert "DB_PASSWORD" in out
    assert "advice" in out
    assert "\033[3" not in out
    plain = out.replace("\033[1m", "").replace("\033[2m", "").replace("\033[0m", "")
    assert all(len(line) <= 40 for line in plain.splitlines()[:-1])
    assert "tenants/globex/ANTHRO" in plain


def test_progress_is_shown_beside_what_a_pipe_gets(
    run: Run,
    folder: Path,
    terminal: Callable[[int], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (folder / "a.log").write_text(f"a {GITHUB}\n")
    terminal(80)
    assert "scanning" in run("scan", "a.log")[2]
    monkeypatch.setattr(sys.stdout, "isatty", lambda: False)
    _, out, err = run("redact", "a.log")
    assert out == "a [REDACTED]\n"
    assert "masking" in err


def test_who_sits_at_a_terminal_is_told_that_input_is_waited_for(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for command in ("scan", "redact"):
        typed = io.TextIOWrapper(_Typed(b"nothing\n"))
        monkeypatch.setattr(typed, "isatty", lambda: True, raising=False)
        monkeypatch.setattr("sys.stdin", typed)
        assert "Ctrl-D ends it" in run(command)[2]


class _Typed(io.BytesIO):
    def fileno(self) -> int:
        return 0


def test_letters_that_a_terminal_cannot_show_are_replaced(
    monkeypatch: pytest.MonkeyPatch, run: Run
) -> None:
    written = io.BytesIO()
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(written, encoding="ascii"))
    assert run("demo")[0] == 0
    sys.stdout.flush()
    assert b"? serve all tenants at once" in written.getvalue()


def test_the_demo_is_plain_facts_for_scripts(run: Run) -> None:
    code, out, _ = run("demo", "--json")
    assert code == 0
    facts = json.loads(out)
    assert [each["loop"] for each in facts["runs"]] == ["asyncio", "trio"]
    steps = facts["runs"][0]["steps"]
    assert {"name": "warm", "text": "1/1 AUDIT_SIGNING_KEY"} in steps[0]["shown"]
    assert {fact["name"] for step in steps for fact in step["shown"]} >= {
        "ok",
        "refused",
    }
    assert "demo-key" not in out


def test_lines_that_are_masked_are_objects_for_scripts(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "a.log").write_bytes(f"a {GITHUB}\nb\xff".encode("latin-1"))
    _, out, _ = run("redact", "a.log", "a.log", "--json")
    first, second, *_ = map(json.loads, out.splitlines())
    assert first == {"file": "a.log", "line": 1, "text": "a [REDACTED]"}
    assert second == {"file": "a.log", "line": 2, "text": "b\N{REPLACEMENT CHARACTER}"}
    assert len(out.splitlines()) == 4
    (folder / "b.log").write_text("whole\n")
    assert len(run("redact", "b.log", "--json")[1].splitlines()) == 1


def test_what_init_wrote_is_named_for_scripts(run: Run, folder: Path) -> None:
    code, out, _ = run("init", "my-app", "--json")
    assert code == 0
    assert "my-app/app/containers.py" in json.loads(out)["written"]


def test_init_in_this_folder_needs_no_way_to_it(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "here").mkdir()
    monkeypatch.chdir(folder / "here")
    assert "cd " not in run("init")[1]


def test_a_shell_completes_commands_and_options(
    monkeypatch: pytest.MonkeyPatch, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("_SECRETSCOPE_COMPLETE", "bash_complete")
    monkeypatch.setenv("COMP_WORDS", "secretscope check --ten")
    monkeypatch.setenv("COMP_CWORD", "2")
    with pytest.raises(SystemExit):
        run()
    assert "plain,--tenant" in capsys.readouterr().out
