"""One piece of work for any number of callers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Hashable

import anyio
from attrs import define, field

from secretscope.errors import again

Work = Callable[[], Awaitable[None]]


@define(eq=False)
class _Flight:
    done: anyio.Event = field(factory=anyio.Event)
    error: Exception | None = None
    landed: bool = False


@define(eq=False)
class Once:
    """Does a piece of work once for all who ask while it is under way.

    The first caller does it; if that one is cancelled, the next takes over.
    """

    _flights: dict[Hashable, _Flight] = field(factory=dict[Hashable, _Flight])

    async def run(self, key: Hashable, work: Work) -> None:
        """Wait until the work of this key is done.

        Raises:
            Exception: What the work raised, afresh for each caller.
        """
        while (flight := self._flights.get(key)) is not None:
            await flight.done.wait()
            if flight.error is not None:
                raise again(flight.error)
            if flight.landed:
                return
        await self._lead(key, work)

    async def _lead(self, key: Hashable, work: Work) -> None:
        flight = self._flights[key] = _Flight()
        try:
            await work()
            flight.landed = True
        except Exception as error:
            flight.error = again(error)
            raise
        finally:
            del self._flights[key]
            flight.done.set()
