"""How figures are taken, and how they are shown."""

from __future__ import annotations

import timeit
from collections.abc import Callable
from typing import Any

import anyio

Row = tuple[str, float, float | None]
"""What was measured, the figure, and the most that it should be; None is no aim."""

ROUNDS, CALLS = 100, 5_000


def ratio(ours: Callable[[], Any], peer: Callable[[], Any]) -> float:
    """Return the best of ours / the best of the peer, taken in turn: the rest is noise."""
    mine, others = [], []
    for _ in range(ROUNDS):
        mine.append(timeit.timeit(ours, number=CALLS))
        others.append(timeit.timeit(peer, number=CALLS))
    return min(mine) / min(others)


def show(
    title: str,
    rows: Callable[[], Any],
    loop: str | None = None,
) -> None:
    """Print a table; `rows` is run on the loop, if one is named."""
    print(f"{title:<62} figure  limit")
    found = rows() if loop is None else anyio.run(rows, backend=loop)
    for label, value, limit in found:
        most = "" if limit is None else f"{limit:7.2f}"
        over = "  over" if limit is not None and value > limit else ""
        print(f"  {label:<58} {value:8.2f}{most}{over}")
