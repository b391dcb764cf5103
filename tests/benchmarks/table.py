"""How figures are taken, and how they are shown."""

from __future__ import annotations

import timeit
from collections.abc import Callable, Iterable
from typing import Any

import anyio
from attrs import frozen

Row = tuple[str, float, float | None]
"""What was measured, the figure, and the most that it should be; None is no aim."""

ROUNDS, CALLS = 100, 5_000


@frozen
class Table:
    """A table of figures.

    Attributes:
        title: what it is called, also on the page of the documentation.
        rows: measures; a coroutine function where loops are named.
        loops: the event loops that it is measured on; none for what needs none.
    """

    title: str
    rows: Callable[[], Any]
    loops: tuple[str, ...] = ()

    def measure(self) -> dict[str, list[Row]]:
        """Return the rows of each loop, each printed as soon as it is there."""
        if not self.loops:
            return {"figure": show(self.title, self.rows)}
        return {
            loop: show(f"{self.title} on {loop}", self.rows, loop)
            for loop in self.loops
        }


def ratio(ours: Callable[[], Any], peer: Callable[[], Any]) -> float:
    """Return the best of ours / the best of the peer, taken in turn: the rest is noise."""
    mine, others = [], []
    for _ in range(ROUNDS):
        mine.append(timeit.timeit(ours, number=CALLS))
        others.append(timeit.timeit(peer, number=CALLS))
    return min(mine) / min(others)


def show(title: str, rows: Callable[[], Any], loop: str | None = None) -> list[Row]:
    """Print a table, and return it; `rows` is run on the loop, if one is named."""
    print(f"{title:<62} figure  limit", flush=True)
    found: Iterable[Row] = rows() if loop is None else anyio.run(rows, backend=loop)
    shown = []
    for row in found:
        label, value, limit = row
        most = "" if limit is None else f"{limit:7.2f}"
        over = "  over" if limit is not None and value > limit else ""
        print(f"  {label:<58} {value:8.2f}{most}{over}", flush=True)
        shown.append(row)
    return shown
