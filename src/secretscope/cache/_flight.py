"""Single flight: any number of waiters, one load."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextvars import Context
from typing import Generic, TypeVar

import anyio
from anyio.abc import TaskGroup
from attrs import define, field

from secretscope.cache._engine import Engine
from secretscope.errors import ScopeClosedError, again

A = TypeVar("A")
Load = Callable[[Sequence[str]], Awaitable[Mapping[str, "A | Exception"]]]
"""Asks for all of these keys at once; each gets its answer or its own error."""


@define(eq=False)
class _Flight(Generic[A]):
    """One load that is under way, of one key or of many at once.

    Attributes:
        number: flights are counted, to tell which began after a moment.
        waiters: who waits; the last to leave cancels what nobody else wants.
        wanted: somebody wants it who does not wait.
        carried: the first waiter runs it, since nobody hosts it.
        refused: it was ended from outside.
    """

    keys: tuple[str, ...]
    number: int
    scope: anyio.CancelScope = field(factory=anyio.CancelScope)
    done: anyio.Event = field(factory=anyio.Event)
    answers: Mapping[str, A | Exception] | None = None
    waiters: int = 0
    wanted: bool = False
    carried: bool = False
    refused: bool = False


class Flights(Generic[A]):
    """The loads under way, by key.

    While an engine is hosted, loads run in its task group, in a context of its own: no
    waiter's deadline or tenant reaches them, and the last waiter to leave cancels.
    Elsewhere the first waiter carries the load, and the next takes over if it goes.

    Args:
        engine: hosts them.
        name: what errors call the store.
    """

    def __init__(self, engine: Engine, name: str) -> None:
        self._engine = engine
        self._name = name
        self._flights: dict[str, _Flight[A]] = {}
        self._abandoned: set[_Flight[A]] = set()
        self._begun = 0

    def __len__(self) -> int:
        return len(self._flights)

    def __contains__(self, key: str) -> bool:
        return key in self._flights

    async def load(
        self, keys: Sequence[str], load: Load[A], *, fresh: bool = False
    ) -> dict[str, A | Exception]:
        """Wait for the loads of these keys, begun where none is under way.

        Args:
            keys: which.
            load: what asks.
            fresh: whether only a load will do that begins from now on.

        Returns:
            For each key its answer, or a fresh error of the kind that was raised.

        Raises:
            ScopeClosedError: The store was closed meanwhile.
        """
        since = self._begun if fresh else 0
        found: dict[str, A | Exception] = {}
        while missing := [key for key in keys if key not in found]:
            for flight in await self._fly(missing, load):
                if flight.refused:
                    raise ScopeClosedError(self._name)
                if flight.answers is not None and flight.number > since:
                    found.update(_own(flight.answers, missing))
        return found

    async def one(self, key: str, load: Load[A]) -> A | Exception:
        """Wait for one key's load, as `load` does; most find it under way."""
        flight = self._flights.get(key)
        if flight is not None:
            flight.waiters += 1
            try:
                await flight.done.wait()
            finally:
                self._leave(flight)
            if flight.refused:
                raise ScopeClosedError(self._name)
            if flight.answers is not None:
                answer = flight.answers[key]
                return again(answer) if isinstance(answer, Exception) else answer
        return (await self.load([key], load))[key]

    def start(
        self, keys: Sequence[str], load: Load[A], done: Callable[[], None]
    ) -> None:
        """Begin a load that nobody waits for, if it is hosted.

        A load under way is wanted from now on, and serves for its keys.

        Args:
            keys: which.
            load: what asks.
            done: called when it is over, however it ended.
        """
        new: list[str] = []
        for key in keys:
            flight = self._flights.get(key)
            if flight is None:
                new.append(key)
            else:
                flight.wanted = True
        group = self._engine.group
        if not new or group is None:
            done()
            return
        flight = self._begin(new)
        flight.wanted = True
        self._host(group, flight, load, done)

    def number(self, key: str) -> int | None:
        """Return which load of the key is under way: they are counted."""
        flight = self._flights.get(key)
        return None if flight is None else flight.number

    def abandon(self, key: str) -> None:
        """Let a load of the key that is under way count for those alone who wait for it.

        It ends, if nobody does; who asks from now on begins another.
        """
        flight = self._flights.pop(key, None)
        if flight is None:
            return
        if flight.waiters or len(flight.keys) > 1:
            self._abandoned.add(flight)
            flight.wanted &= len(flight.keys) > 1
        else:
            flight.scope.cancel()

    def close(self) -> None:
        """End every load; whoever waits learns that the store was closed."""
        for flight in self._abandoned.union(self._flights.values()):
            flight.refused = True
            self._drop(flight)
            flight.scope.cancel()

    async def _fly(self, keys: Sequence[str], load: Load[A]) -> list[_Flight[A]]:
        """Wait for one flight a key, begun where need be."""
        new = [key for key in keys if key not in self._flights]
        begun = self._begin(new) if new else None
        flights = list(
            {id(f): f for f in (self._flights[key] for key in keys)}.values()
        )
        if begun is not None:
            group = self._engine.group
            if group is None:
                begun.carried = True
            else:
                self._host(group, begun, load, None)
        for flight in flights:
            flight.waiters += 1
        try:
            if begun is not None and begun.carried:
                await self._carry(begun, load)
            for flight in flights:
                await flight.done.wait()
        finally:
            for flight in flights:
                self._leave(flight)
        return flights

    def _begin(self, keys: Sequence[str]) -> _Flight[A]:
        self._begun += 1
        flight: _Flight[A] = _Flight(tuple(keys), self._begun)
        for key in keys:
            self._flights[key] = flight
        return flight

    def _leave(self, flight: _Flight[A]) -> None:
        flight.waiters -= 1
        if flight.waiters or flight.wanted or flight.carried or flight.done.is_set():
            return
        self._drop(flight)
        flight.scope.cancel()

    def _host(
        self,
        group: TaskGroup,
        flight: _Flight[A],
        load: Load[A],
        done: Callable[[], None] | None,
    ) -> None:
        run = self._engine.context.copy().run
        run(group.start_soon, self._run, flight, load, done)

    async def _carry(self, flight: _Flight[A], load: Load[A]) -> None:
        async with anyio.create_task_group() as group:
            Context().run(group.start_soon, self._run, flight, load, None)

    async def _run(
        self, flight: _Flight[A], load: Load[A], done: Callable[[], None] | None
    ) -> None:
        try:
            with flight.scope:
                flight.answers = await load(flight.keys)
        except Exception as error:  # noqa: BLE001 - told to those who wait
            flight.answers = dict.fromkeys(flight.keys, error)
        finally:
            self._drop(flight)
            flight.done.set()
            if done is not None:
                done()

    def _drop(self, flight: _Flight[A]) -> None:
        self._abandoned.discard(flight)
        for key in flight.keys:
            if self._flights.get(key) is flight:
                del self._flights[key]


def _own(
    answers: Mapping[str, A | Exception], keys: Sequence[str]
) -> Iterator[tuple[str, A | Exception]]:
    """Yield the answers to these keys, each error as one of the waiter's own."""
    for key in keys:
        answer = answers.get(key)
        if isinstance(answer, Exception):
            yield key, again(answer)
        elif answer is not None:
            yield key, answer
