"""All the sessions of one cluster: each identity its own, no token shared."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Hashable, Sequence

import anyio
from anyio.abc import TaskStatus
from attrs import define, field

from secretscope.backends.vault._session import Session, several
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
        lent = self._lent.get(identity)
        if lent is None:  # everything was closed before
            return
        lent.holders -= 1
        if not lent.holders:
            del self._lent[identity]
            await lent.session.aclose()

    async def aclose(self) -> None:
        """Close every session that somebody did not give back."""
        left, self._lent = list(self._lent.values()), {}
        failures: list[Exception] = []

        async def close(session: Session) -> None:
            try:
                await session.aclose()
            except Exception as failure:  # noqa: BLE001 - the others are closed, too
                failures.append(failure)

        await _each([lent.session for lent in left], close)
        if failures:
            raise failures[0] if len(failures) == 1 else several(failures)

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
        await _each([lent.session for lent in self._lent.values()], Session.keep)


async def _each(
    sessions: Sequence[Session], act: Callable[[Session], Awaitable[None]]
) -> None:
    """Do something with each session, so many at once."""
    waiting = list(sessions)

    async def work() -> None:
        while waiting:
            await act(waiting.pop())

    async with anyio.create_task_group() as group:
        for _ in range(min(_AT_ONCE, len(waiting))):
            group.start_soon(work)
