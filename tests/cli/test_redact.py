"""`redact`: a filter."""

import subprocess
import sys
from pathlib import Path

from tests.cli.commands import (
    GITHUB,
    Run,
    pipe,
)


def test_redact_is_a_filter(folder: Path) -> None:
    done = pipe("redact", "--label", given=f"token {GITHUB}\nclean line\n".encode())
    assert done.stdout == b"token [REDACTED:github-pat]\nclean line\n"
    assert pipe("redact", given=b"").stdout == b""
    assert pipe("redact", given=b"\xff\xfe").stdout == b"\xff\xfe"


def test_redact_reads_files(run: Run, folder: Path) -> None:
    (folder / "a.log").write_text(f"a {GITHUB}\n")
    code, out, _ = run("redact", "a.log", "a.log")
    assert (code, out) == (0, "a [REDACTED]\na [REDACTED]\n")


def test_a_reader_that_leaves_early_is_no_error(folder: Path) -> None:
    (folder / "long.log").write_text("a line that is long enough\n" * 200_000)
    command = f"{sys.executable} -m secretscope redact long.log | head -n 1"
    done = subprocess.run(  # noqa: S602 - a pipe is what is tested
        command, shell=True, capture_output=True, check=True, timeout=60
    )
    assert done.stdout == b"a line that is long enough\n"
    assert done.stderr == b""
