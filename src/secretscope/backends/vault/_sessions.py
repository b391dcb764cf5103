"""All the sessions of one cluster: each identity its own, no token shared."""

from __future__ import annotations

from collections.abc import Callable, Hashable

import anyio
from anyio.abc import TaskStatus
from attrs import define, field

from secretscope.backends.vault._session import Session
from secretscope.backends.vault._transport import Sleep

_LOOK = 5.0
"""Seconds between two looks at whose token must be renewed."""
_AT_ONCE = 16


@define(eq=False)
class _Lent:
    session: Session
    holders: int = 0


@define(eq=False)
class Sessions:
    """Opens a session for each identity, and closes it when its last holder goes.

    Args:
        sleep: how the time between two looks is spent.
    """

    sleep: Sleep = anyio.sleep
    _lent: dict[Hashable, _Lent] = field(factory=dict[Hashable, _Lent])

    def take(self, identity: Hashable, make: Callable[[], Session]) -> Session:
        """Return the identity's session, made if there is none."""
        lent = self._lent.get(identity)
        if lent is None:
            lent = self._lent[identity] = _Lent(make())
        lent.holders += 1
        return lent.session

    async def give_back(self, identity: Hashable) -> None:
        """Close the session if nobody else holds it; its token is revoked if ours."""
        lent = self._lent[identity]
        lent.holders -= 1
        if not lent.holders:
            del self._lent[identity]
            await lent.session.aclose()

    async def keep(
        self, *, task_status: TaskStatus[None] = anyio.TASK_STATUS_IGNORED
    ) -> None:
        """Renew tokens at two thirds of their lives, until cancelled."""
        task_status.started()
        while True:
            await self.sleep(_LOOK)
            await self.renew_due()

    async def renew_due(self) -> None:
        """Renew every token whose time has come."""
        limiter = anyio.CapacityLimiter(_AT_ONCE)

        async def one(session: Session) -> None:
            async with limiter:
                await session.keep()

        async with anyio.create_task_group() as group:
            for lent in tuple(self._lent.values()):
                group.start_soon(one, lent.session)
