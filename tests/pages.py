"""The pages of the docs, as what a reader copies from them: blocks, files and commands."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from attrs import frozen

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
_FENCE = re.compile(
    r"^```(?:\{code-block\} (?P<kind>\w+)\n:caption: (?P<name>\S+)\n|(?P<plain>\w+))\n"
    r"(?P<text>.*?)^```$",
    re.DOTALL | re.MULTILINE,
)


@frozen
class Block:
    """One fenced block.

    Attributes:
        kind: its language.
        text: what stands in it.
        name: the file that it is, by its caption; None for a snippet.
    """

    kind: str
    text: str
    name: str | None = None

    @property
    def is_test(self) -> bool:
        """Whether it is pytest's to run."""
        return bool(
            re.search(
                r"^(async def|def) test_\w*\(\w|^class Test", self.text, re.MULTILINE
            )
        )


@frozen
class Page:
    """One page, with its blocks in order."""

    path: Path
    blocks: list[Block]

    @property
    def files(self) -> Iterator[Block]:
        """The files that the page has its reader write."""
        return (block for block in self.blocks if block.name is not None)


def read(path: Path) -> Page:
    """Return the page of a file."""
    return Page(
        path,
        [
            Block(
                found["kind"] or found["plain"],
                found["text"].lstrip("\n"),
                found["name"],
            )
            for found in _FENCE.finditer(path.read_text())
        ],
    )


def commands(text: str) -> Iterator[tuple[str, str]]:
    """Yield each command of a console, with what it prints there."""
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        command, _, output = part.partition("\n")
        yield command, output
