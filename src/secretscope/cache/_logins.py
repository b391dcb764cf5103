"""Logging in anew: once for all who were denied."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence

from secretscope.cache._clock import Clock
from secretscope.cache._failures import Trouble
from secretscope.cache._flight import Flights
from secretscope.cache._policy import Policy
from secretscope.errors import again

_LOG = logging.getLogger("secretscope")


class Logins:
    """Counts the logins of one source.

    Args:
        name: what errors call the store.
        flights: makes one login of many.
        policy: its `refresh_gap` is the least time between two logins.
        clock: gives the time.
        chance: gives a number from 0 to 1.
    """

    def __init__(
        self,
        name: str,
        flights: Flights[bool],
        policy: Policy,
        clock: Clock,
        chance: Callable[[], float],
    ) -> None:
        self._name = name
        self._flights = flights
        self._policy = policy
        self._clock = clock
        self._chance = chance
        self._at: float | None = None
        self._trouble: Trouble | None = None
        self.number = 0

    async def renew(self, seen: int, login: Callable[[], Awaitable[None]]) -> bool:
        """Log in anew, unless somebody has since.

        Args:
            seen: the `number` at which what was denied had been asked.
            login: does it.

        Returns:
            Whether it is worth asking again; not where the denial came right after a
            login, and so is the store's word on the secret.

        Raises:
            AccessDeniedError: The login was refused, too.
            StoreError: The store failed.
        """
        if seen != self.number:
            return True
        now = self._clock()
        if self._at is not None and now - self._at < self._policy.refresh_gap:
            return False
        if self._trouble is not None and now < self._trouble.retry_at:
            raise again(self._trouble.error)

        async def load(keys: Sequence[str]) -> Mapping[str, bool]:
            await login()
            self._at = self._clock()
            self.number += 1
            self._trouble = None
            _LOG.info("%s: logged in anew", self._name)
            return {"login": True}

        answer = (await self._flights.load(["login"], load))["login"]
        if isinstance(answer, Exception):
            self._failed(answer)
            raise answer
        return True

    def _failed(self, error: Exception) -> None:
        now = self._clock()
        if self._trouble is None:
            self._trouble = Trouble(error, 3)
        if now >= self._trouble.retry_at:  # once for all who waited
            self._trouble.failed(error, now, self._policy, self._chance)
