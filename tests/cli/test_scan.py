"""`scan`: which shape stands where."""

import errno
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.commands import (
    GITHUB,
    Run,
)


def test_scan_says_which_shape_stands_where(run: Run, folder: Path) -> None:
    (folder / "src").mkdir()
    (folder / "src" / "a.py").write_text(f"clean = 1\nkey = '{GITHUB}'\n")
    (folder / "src" / "b.py").write_text("nothing = None\n")
    (folder / "src" / ".git").mkdir()
    (folder / "src" / ".git" / "c").write_text(GITHUB)
    code, out, err = run("scan", "src")
    assert code == 1
    assert "src/a.py:2:8" in out
    assert "github-pat" in out
    assert GITHUB not in out
    assert "1 credential in 1 file" in err


def test_scan_in_json_of_standard_input(folder: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "secretscope", "scan", "--json"],
        input=f"x\n  {GITHUB} {GITHUB}".encode(),
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 1
    hits = json.loads(done.stdout)
    assert [(hit["line"], hit["column"]) for hit in hits] == [(2, 3), (2, 44)]
    assert {hit["masked"] for hit in hits} == {"[REDACTED] [REDACTED]"}


def test_scan_reads_standard_input_where_nothing_is_named(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = io.TextIOWrapper(io.BytesIO(f"key {GITHUB}".encode()))
    monkeypatch.setattr("sys.stdin", given)
    code, out, _ = run("scan")
    assert code == 1
    assert "-:1:5" in out


def test_scan_takes_each_file_once_and_follows_no_link_to_a_folder(
    run: Run, folder: Path
) -> None:
    (folder / "src").mkdir()
    (folder / "src" / "a.py").write_text(f"key = '{GITHUB}'\n")
    (folder / "src" / "loop").symlink_to(folder / "src")
    code, _, err = run("scan", "src", "src/a.py", str(folder / "src"))
    assert code == 1
    assert "1 credential in 1 file" in err


def test_scan_goes_on_past_a_folder_that_it_may_not_list(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "src" / "closed").mkdir(parents=True)
    (folder / "src" / "open.py").write_text(f"key = '{GITHUB}'\n")
    listed = Path.iterdir

    def refuse(path: Path) -> object:
        if path.name == "closed":
            raise PermissionError(errno.EACCES, "Permission denied")
        return listed(path)

    monkeypatch.setattr(Path, "iterdir", refuse)
    code, _, err = run("scan", "src")
    assert code == 1
    assert "secretscope: src/closed: " in err
    assert "1 credential in 1 file" in err


def test_scan_says_which_file_it_could_not_read(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "clean.txt").write_text("nothing here\n")
    (folder / "gone.txt").write_text("nothing here\n")
    opened = Path.open

    def refuse(path: Path, *args: str, **more: object) -> object:
        if path.name == "gone.txt":
            raise PermissionError(errno.EACCES, "Permission denied")
        return opened(path, *args, **more)  # type: ignore[call-overload]

    monkeypatch.setattr(Path, "open", refuse)
    monkeypatch.setattr(Path, "stat", _no_longer_there(Path.stat))
    code, _, err = run("scan", "clean.txt", "gone.txt")
    assert code == 2
    assert "secretscope: gone.txt: Permission denied" in err


def _no_longer_there(stat: Callable[..., os.stat_result]) -> Callable[..., object]:
    """Return a stat for which a file is there to be listed, and no longer after that."""
    seen: set[str] = set()

    def once(path: Path, **more: bool) -> os.stat_result:
        if path.name == "clean.txt" and path.name in seen:
            raise FileNotFoundError(errno.ENOENT, "No such file or directory")
        seen.add(path.name)
        return stat(path, **more)

    return once


def test_scan_passes_over_what_is_no_file(run: Run, folder: Path) -> None:
    (folder / "pipes").mkdir()
    os.mkfifo(folder / "pipes" / "a")
    assert run("scan", "pipes")[0] == 0


def test_scan_of_clean_files_is_fine(run: Run, folder: Path) -> None:
    (folder / "clean.txt").write_text("nothing here\n")
    code, out, err = run("scan", "clean.txt")
    assert (code, out) == (0, "")
    assert "no credentials found" in err
    assert run("scan", "clean.txt", "--json")[1] == "[]\n"
