"""How many loads of one tenant run at once: the others wait, and nobody else does."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import anyio
from attrs import define, field


@define(eq=False)
class _Turn:
    semaphore: anyio.Semaphore
    locations: list[str] = field(factory=list[str])


class Turns:
    """Bounds the loads of each tenant; it keeps nothing of one that loads nothing.

    Args:
        most: how many run at once, a tenant.
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self._turns: dict[object, _Turn] = {}

    @asynccontextmanager
    async def of(self, tenant: object, location: str) -> AsyncGenerator[None]:
        """Wait for one of the tenant's turns, and take it for this block."""
        turn = self._turns.get(tenant)
        if turn is None:
            turn = self._turns[tenant] = _Turn(anyio.Semaphore(self.most))
        turn.locations.append(location)
        try:
            async with turn.semaphore:
                yield
        finally:
            turn.locations.remove(location)
            if not turn.locations:
                del self._turns[tenant]

    def loading(self, tenant: object) -> list[str]:
        """Return what is being loaded for a tenant, or waits for its turn."""
        turn = self._turns.get(tenant)
        return [] if turn is None else list(turn.locations)

    def __len__(self) -> int:
        return len(self._turns)
