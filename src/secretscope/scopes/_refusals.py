"""Who is turned away at once in an outage, for the audit trail: told, and then counted."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable

_MINUTE = 60.0
"""Seconds within which the same is told once, and counted from then on."""
_MOST = 1024
"""Of so many tenants and stores this is remembered at once; then all is told."""

Refused = Callable[["str | None", "Iterable[str]", str], None]
"""Told of a refusal: whose, which refs, and a few words."""


class Refusals:
    """Tells of the first refusal in a minute, and then how many more there were.

    An outage refuses thousands of reads: an audit trail that held each of them would
    lose what else happens. Called on the lifetime's loop.

    Args:
        refused: told of each.
        spawn: runs an async function in the background.
        sleep: waits for some seconds.
    """

    def __init__(
        self,
        refused: Refused,
        spawn: Callable[[Callable[[], Awaitable[None]]], None],
        sleep: Callable[[float], Awaitable[None]],
    ) -> None:
        self._refused = refused
        self._spawn = spawn
        self._sleep = sleep
        self._more: dict[tuple[str | None, str], int] = {}
        self._waiting = False

    def tenant(self, name: str, error: Exception) -> None:
        """A tenant's opening failed at once: it had failed too often in a row."""
        self._add(
            name, (), f"{type(error).__name__}, at once: it keeps failing to open"
        )

    def store(self, tenant: str | None, ref: str, store: str) -> None:
        """A read failed at once: its whole store is known to have an outage.

        The first of a minute tells whose it was; all tenants' count as one store's.
        """
        told = f"StoreUnavailableError, at once: {store} has an outage"
        self._add(None, (ref,), told, whose=tenant)

    def close(self) -> None:
        """Tell how many more there were of each."""
        told, self._more = self._more, {}
        for (tenant, words), more in told.items():
            if more:
                self._refused(tenant, (), f"{words}; {more} more")

    def _add(
        self,
        tenant: str | None,
        refs: Iterable[str],
        words: str,
        *,
        whose: str | None = None,
    ) -> None:
        key = tenant, words
        if key in self._more:
            self._more[key] += 1
            return
        if len(self._more) >= _MOST:
            self.close()
        self._more[key] = 0
        self._refused(whose or tenant, refs, words)
        if not self._waiting:
            self._waiting = True
            self._spawn(self._later)

    async def _later(self) -> None:
        await self._sleep(_MINUTE)
        self._waiting = False
        self.close()
