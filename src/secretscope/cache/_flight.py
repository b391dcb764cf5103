"""Single flight: any number of waiters, one load."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextvars import Context, copy_context

import anyio
from anyio.abc import TaskGroup, TaskStatus
from attrs import define, field

Load = Callable[[], Awaitable[None]]


@define(eq=False)
class _Flight:
    """One load that is under way."""

    scope: anyio.CancelScope = field(factory=anyio.CancelScope)
    done: anyio.Event = field(factory=anyio.Event)
    waiters: int = 0
    error: Exception | None = None
    landed: bool = False
    carried: bool = False


class Flights:
    """The loads under way, by key.

    While `serve` runs, loads run in its task group, in a context of its own: no
    waiter's deadline or tenant reaches them, and the last waiter to leave cancels.
    Elsewhere the first waiter carries the load, and the next takes over if it goes.
    """

    def __init__(self) -> None:
        self._flights: dict[str, _Flight] = {}
        self._group: TaskGroup | None = None
        self._context: Context = Context()

    async def serve(
        self, *, task_status: TaskStatus[None] = anyio.TASK_STATUS_IGNORED
    ) -> None:
        """Host loads until cancelled."""
        async with anyio.create_task_group() as group:
            self._group, self._context = group, copy_context()
            task_status.started()
            try:
                await anyio.sleep_forever()
            finally:
                self._group = None

    async def load(self, key: str, load: Load) -> None:
        """Wait for the load of this key, begun if it is not under way.

        Raises:
            Exception: A fresh one of the kind that the load raised.
        """
        while True:
            flight = self._flights.get(key)
            if flight is None:
                flight = self._flights[key] = _Flight()
                if self._group is None:
                    await self._carry(key, flight, load)
                else:
                    run = self._context.copy().run
                    run(self._group.start_soon, self._run, key, flight, load)
            await self._wait(key, flight)
            if flight.error is not None:
                raise again(flight.error)
            if flight.landed:
                return

    async def _wait(self, key: str, flight: _Flight) -> None:
        flight.waiters += 1
        try:
            await flight.done.wait()
        finally:
            flight.waiters -= 1
            abandoned = flight.waiters == 0 and not flight.carried
            if abandoned and not flight.done.is_set():
                self._drop(key, flight)
                flight.scope.cancel()

    async def _carry(self, key: str, flight: _Flight, load: Load) -> None:
        flight.carried = True
        async with anyio.create_task_group() as group:
            Context().run(group.start_soon, self._run, key, flight, load)

    async def _run(self, key: str, flight: _Flight, load: Load) -> None:
        try:
            with flight.scope:
                await load()
                flight.landed = True
        except Exception as error:  # noqa: BLE001 - told to those who wait
            flight.error = error
        finally:
            self._drop(key, flight)
            flight.done.set()

    def _drop(self, key: str, flight: _Flight) -> None:
        if self._flights.get(key) is flight:
            del self._flights[key]


def again(error: Exception) -> Exception:
    """Return an error of the same kind and facts, for one more who waited."""
    kind = type(error)
    fresh = kind.__new__(kind, *error.args)
    fresh.args = error.args
    fresh.__dict__.update(error.__dict__)
    return fresh
