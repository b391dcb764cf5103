"""Every Python block of the README and the docs runs, and consoles say what they print."""

import doctest
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest

import secretscope.errors
from tests.pages import PAGES, ROOT, Block, Page, commands, read

READ = [read(path) for path in PAGES]
BLOCKS = [
    pytest.param(page, block, id=f"{page.path.stem}-{number}")
    for page in READ
    for number, block in enumerate(
        block for block in page.blocks if block.kind == "python"
    )
]
CONSOLES = [
    pytest.param(page, id=page.path.stem)
    for page in READ
    if any(block.kind == "console" for block in page.blocks)
]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Give the reader's folder: there they write files, and import from it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    for tenant, name in product(("acme", "globex"), ("ECHO_API_KEY", "MAIL_PASSWORD")):
        key = tmp_path / "secrets" / "tenants" / tenant / name
        key.parent.mkdir(parents=True, exist_ok=True)
        key.write_text(f"{tenant}-{name.lower()}-0001")
        key.chmod(0o400)
    before, environment = set(sys.modules), dict(os.environ)
    yield tmp_path
    os.environ.clear()
    os.environ.update(environment)
    for name in set(sys.modules) - before:
        if str(tmp_path) in str(getattr(sys.modules[name], "__file__", "")):
            del sys.modules[name]


@pytest.mark.parametrize(("page", "block"), BLOCKS)
def test_the_block_runs(page: Page, block: Block, folder: Path) -> None:
    for each in page.files:
        (folder / str(each.name)).write_text(each.text)
    if block.is_test:
        file = folder / (block.name or "test_block.py")
        file.write_text(block.text)
        run([sys.executable, "-m", "pytest", "-q", str(file)], folder)
    else:
        exec(compile(block.text, "block", "exec"), {"__name__": "__main__"})  # noqa: S102


@pytest.mark.timeout(120)  # a dozen new processes
@pytest.mark.parametrize("page", CONSOLES)
def test_the_consoles_of_the_page_say_what_their_commands_print(
    page: Page, tmp_path: Path
) -> None:
    for block in page.blocks:
        if block.name is not None:
            (tmp_path / block.name).write_text(block.text)
        if block.kind == "console":
            for command, expected in commands(block.text):
                printed = run(["sh", "-c", command], tmp_path, succeeds=not expected)
                assert alike(expected, printed), f"$ {command}\n{printed}"


def run(command: list[str], folder: Path, *, succeeds: bool = True) -> str:
    """Run a command as its reader would, with secretscope installed."""
    script = folder / ".bin" / "secretscope"
    script.parent.mkdir(exist_ok=True)
    script.write_text(f'#!/bin/sh\nexec {sys.executable} -m secretscope "$@"\n')
    script.chmod(0o755)
    ran = subprocess.run(  # noqa: S603 - the page's own commands
        command,
        cwd=folder,
        env={
            "PATH": f"{script.parent}:{Path(sys.executable).parent}:{os.environ['PATH']}",
            "PYTHONPATH": f"{ROOT / 'src'}:{folder}",
            "PYTEST_ADDOPTS": "-p no:secretscope -p no:cacheprovider -p no:asyncio -p no:randomly",
            "PYTEST_PLUGINS": "secretscope.testing.plugin",
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert ran.returncode == 0 or not succeeds, ran.stdout
    return ran.stdout


def alike(expected: str, printed: str) -> bool:
    """Compare as doctest does; ``...`` stands for anything, space for any space."""
    flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    return doctest.OutputChecker().check_output(expected, printed, flags)


def test_no_block_is_hidden_in_a_list() -> None:
    pages = {path.name: path.read_text() for path in PAGES}
    indented = re.compile(r"^ +```(python|console|\{code-block\})", re.MULTILINE)
    assert [name for name, text in pages.items() if indented.search(text)] == []


def test_every_error_has_its_paragraph() -> None:
    page = (ROOT / "docs" / "errors.md").read_text()
    assert [
        n for n in secretscope.errors.__all__ if f"## {n}{os.linesep}" not in page
    ] == []


def test_the_readme_shows_code_within_its_first_lines() -> None:
    assert "```python" in "\n".join((ROOT / "README.md").read_text().splitlines()[:25])
