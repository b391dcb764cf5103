"""The command line as a whole: its starter, help, version, and what ends it."""

import importlib
import subprocess
import sys
from pathlib import Path

import pytest

from secretscope.cli import _main
from tests.cli.commands import (
    SHOP,
    Run,
)


def test_the_starter_runs_and_its_tests_pass(run: Run, folder: Path) -> None:
    code, out, _ = run("init", "my-app")
    assert code == 0
    assert "python -m app.main" in out
    place = folder / "my-app"
    script = "import pytest, sys; sys.path.remove(''); sys.exit(pytest.main(['-q']))"
    for module in (
        ("-m", "app.main"),
        ("-m", "pytest", "-q", "-p", "no:cacheprovider"),
        ("-c", script),  # as the script pytest does
    ):
        done = subprocess.run(  # noqa: S603
            [sys.executable, *module],
            cwd=place,
            capture_output=True,
            check=False,
            timeout=60,
        )
        assert done.returncode == 0, done.stdout + done.stderr


def test_nothing_that_is_there_is_touched(run: Run, folder: Path) -> None:
    (folder / "app").mkdir()
    (folder / "app" / "containers.py").write_text("mine")
    code, _, err = run("init", ".")
    assert code == 2
    assert "is there already" in err
    assert (folder / "app" / "containers.py").read_text() == "mine"


def test_the_version_is_shown(run: Run) -> None:
    code, out, _ = run("--version")
    assert code == 0
    assert out.startswith("secretscope ")


def test_help_names_every_command(run: Run) -> None:
    code, out, _ = run("--help")
    assert code == 0
    for name in ("audit", "check", "demo", "init", "map", "redact", "rotate", "scan"):
        assert f"\n  {name} " in out


def test_an_interrupt_is_told_in_a_word(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(target: str, configs: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("secretscope.cli._map.load", interrupted)
    code, _, err = run("map", *SHOP)
    assert code == 130
    assert "interrupted" in err


def without(absent: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise ModuleNotFoundError(name=absent)

    monkeypatch.setattr(importlib, "import_module", missing)


def test_what_is_missing_for_another_reason_keeps_its_traceback(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    without("secretscope.cli._gone", monkeypatch)
    with pytest.raises(ModuleNotFoundError):
        _main.main(["demo"])


def test_without_its_extra_the_command_line_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    without("click", monkeypatch)
    assert _main.main(["demo"]) == 2
    assert "pip install 'secretscope[cli]'" in capsys.readouterr().err
