"""Every Python block of the README and the docs runs."""

import os
import re
from pathlib import Path

import pytest

import secretscope.errors

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(r"^```python\n(.*?)^```", re.DOTALL | re.MULTILINE)
BLOCKS = [
    pytest.param(block, id=f"{page.stem}-{number}")
    for page in PAGES
    for number, block in enumerate(BLOCK.findall(page.read_text()))
]


@pytest.mark.parametrize("block", BLOCKS)
def test_the_block_runs(
    block: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    key = tmp_path / "secrets" / "tenants" / "acme" / "ECHO_API_KEY"
    key.parent.mkdir(parents=True)
    key.write_text("acme-echo-key-0001")
    key.chmod(0o400)
    exec(compile(block, "block", "exec"), {"__name__": "__main__"})  # noqa: S102


def test_every_error_has_its_paragraph() -> None:
    page = (ROOT / "docs" / "errors.md").read_text()
    assert [
        n for n in secretscope.errors.__all__ if f"## {n}{os.linesep}" not in page
    ] == []


def test_the_readme_shows_code_within_its_first_lines() -> None:
    assert "```python" in "\n".join((ROOT / "README.md").read_text().splitlines()[:25])
