"""A hold on one base: it is kept fresh until the hold lets go."""

from __future__ import annotations

from typing import Protocol


class Keeps(Protocol):
    """Keeps bases fresh, and counts who wants that."""

    def let_go(self, base: str) -> None:
        """Learn that one fewer wants this."""
        ...


class Hold:
    """Lets go of one base that is kept fresh, once; small, since there may be many.

    Args:
        keeper: keeps it.
        base: which.
    """

    __slots__ = ("_base", "_keeper")

    def __init__(self, keeper: Keeps, base: str) -> None:
        self._keeper = keeper
        self._base: str | None = base

    def __call__(self) -> None:
        base, self._base = self._base, None
        if base is not None:
            self._keeper.let_go(base)
