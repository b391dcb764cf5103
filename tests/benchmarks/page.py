"""Writes tables of figures into a page of the documentation, in the place of the old ones.

A table of the page is known by its title, which stands in its first cell.
"""

from __future__ import annotations

import os
import platform
import re
import textwrap
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path

from tests.benchmarks.table import Row

PEERS = (
    "anyio", "trio", "dependency-injector", "loomflow", "dishka", "wireup", "fastapi",
    "hvac", "boto3", "google-cloud-secret-manager", "azure-keyvault-secrets", "hyperscan",
)  # fmt: skip
"""What ours is measured with, or beside."""

MEASURED = "Measured with "
"""How the paragraph begins that says what was measured with."""


def put_table(page: Path, title: str, found: dict[str, list[Row]]) -> None:
    """Replace the table of that title.

    Args:
        page: the page's file.
        title: what stands in the table's first cell.
        found: the rows by column: a loop, or ``figure``.
    """
    lines = [
        f"| {title} | {' | '.join(found)} | at most |",
        f"|---|{'---|' * (len(found) + 1)}",
    ]
    for row in zip(*found.values(), strict=True):
        label, _, limit = row[0]
        figures = " | ".join(said(figure) for _, figure, _ in row)
        lines.append(f"| {label.strip()} | {figures} | {said(limit)} |")
    _replace(page, _place(title), "\n".join(lines) + "\n")


def put_versions(page: Path) -> None:
    """Say what was measured with: Python, the machine's cores, the peers' versions."""
    peers = ", ".join(f"{name} {version(name)}" for name in PEERS)
    said = f"{MEASURED}CPython {platform.python_version()} on {os.cpu_count()} cores: {peers}."
    paragraph = re.compile(rf"^{MEASURED}(?:.+\n)+", re.MULTILINE)
    text = textwrap.fill(said, 96, break_on_hyphens=False)
    _replace(page, paragraph, text + "\n")


def said(figure: float | None) -> str:
    """Return a figure with three digits; nothing where there is none."""
    if figure is None:
        return ""
    if figure == int(figure) or abs(figure) >= 100:
        return f"{figure:,.0f}"
    return f"{figure:.1f}" if abs(figure) >= 10 else f"{figure:.2f}"


def look_for(page: Path, titles: Iterable[str]) -> None:
    """Stop before anything is measured where the page lacks a table."""
    text = page.read_text(encoding="utf-8")
    lacking = [title for title in titles if len(_place(title).findall(text)) != 1]
    if lacking:
        raise SystemExit(f"{page} has no single table for: {', '.join(lacking)}")


def _place(title: str) -> re.Pattern[str]:
    return re.compile(rf"^\| {re.escape(title)} \|.*\n(?:\|.*\n)+", re.MULTILINE)


def _replace(page: Path, place: re.Pattern[str], by: str) -> None:
    text, times = place.subn(lambda _: by, page.read_text(encoding="utf-8"))
    if times != 1:
        raise SystemExit(f"{page} has no single place for: {by.splitlines()[0]}")
    page.write_text(text, encoding="utf-8")
