"""What tests hand in: a clock that they turn, and processes over one store of theirs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from random import Random

import anyio
from anyio.lowlevel import checkpoint
from attrs import define, evolve, field

from secretscope import (
    DictSecrets,
    MissingSecretError,
    NotWarmError,
    StoreUnavailableError,
)
from secretscope.fleet import Fleet, FleetOptions, MemoryBus, MemoryChannel
from secretscope.values import Rotation, SecretStatus

KEY = "a-key-of-thirty-two-random-bytes"
OPTIONS = FleetOptions(key_ref="FLEET_KEY")
Place = tuple[str | None, str]


async def settle() -> None:
    """Let every task run until it waits for something that is not there."""
    for _ in range(40):
        await checkpoint()


class HandClock:
    """Time goes on when a test says so, and not otherwise."""

    def __init__(self) -> None:
        self.now = 1000.0
        self._sleepers: list[tuple[float, anyio.Event]] = []

    def monotonic(self) -> float:
        return self.now

    def wall(self) -> float:
        return 1_700_000_000 + self.now

    async def wait(self, woken: anyio.Event, seconds: float | None) -> None:
        if seconds is not None and seconds <= 0:
            await checkpoint()
            return
        due = float("inf") if seconds is None else self.now + seconds
        sleeper = (due, anyio.Event())
        self._sleepers.append(sleeper)
        try:
            async with anyio.create_task_group() as group:
                group.start_soon(self._relay, woken, sleeper[1])
                await sleeper[1].wait()
                group.cancel_scope.cancel()
        finally:
            self._sleepers.remove(sleeper)

    @staticmethod
    async def _relay(source: anyio.Event, sink: anyio.Event) -> None:
        await source.wait()
        sink.set()

    async def turn(self, seconds: float, step: float = 0.25) -> None:
        """Let time go on, in steps, so that what becomes due meanwhile happens."""
        end = self.now + seconds
        await settle()
        while self.now < end:
            self.now = min(end, self.now + step)
            for due, event in tuple(self._sleepers):
                if due <= self.now:
                    event.set()
            await settle()


@define
class Store:
    """What all processes ask: versions by place, and each question with its time."""

    versions: dict[Place, str | None] = field(factory=dict)
    up: bool = True
    lag: dict[Place, int] = field(factory=dict)
    asked: list[tuple[float, Place]] = field(factory=list)


class Keys(DictSecrets):
    """The application's own secrets, and how often they were fetched anew."""

    refreshed = 0
    lost = False

    def peek(self, ref: str) -> str:
        if self.lost:
            raise NotWarmError(ref, where="the store")
        return super().peek(ref)

    async def refresh(self, ref: str, *, bad: str | None = None) -> None:
        await checkpoint()
        self.refreshed += 1
        if self.lost:
            raise StoreUnavailableError("the store", ref=ref)


@define(eq=False, slots=False)
class Process:
    """One process's secrets, as a lifetime gives them (`Holder`)."""

    store: Store
    clock: HandClock
    application: Keys = field(factory=lambda: Keys({"FLEET_KEY": KEY}), kw_only=True)
    has: dict[Place, SecretStatus] = field(factory=dict, init=False)
    forgotten: list[str] = field(factory=list, init=False)
    fetched: dict[Place, float] = field(factory=dict, init=False)
    listeners: list[Callable[[Rotation], None]] = field(factory=list, init=False)
    forgets: list[Callable[[str], None]] = field(factory=list, init=False)
    versioned: bool = True

    @property
    def holding(self) -> Process:
        return self

    def fetch(self, tenant: str | None, ref: str) -> None:
        place = (tenant, ref)
        self.store.asked.append((self.clock.now, place))
        if not self.store.up:
            raise StoreUnavailableError("the store", ref=ref)
        version = self.store.versions.get(place)
        if version is None:
            self.has.pop(place, None)
            raise MissingSecretError(ref, where="the store")
        if self.store.lag.get(place, 0) > 0:  # a replica that has not heard yet
            self.store.lag[place] -= 1
            version = self.has[place].version or version
        old = self.has.get(place)
        counted = not self.versioned
        new = str(len(self.store.asked)) if counted else version
        self.has[place] = SecretStatus(
            ref=ref, store="Store", tenant=tenant, version=new, counted=counted
        )
        self.fetched[place] = self.clock.now
        if old is not None and old.version != new:
            rotation = Rotation(
                ref, old.version, new, tenant=tenant, store="Store", counted=counted
            )
            for listener in tuple(self.listeners):
                listener(rotation)

    def version(self, tenant: str | None, ref: str) -> str | None:
        return self.has[tenant, ref].version

    def on_rotation(self, listener: Callable[[Rotation], None]) -> Callable[[], None]:
        self.listeners.append(listener)
        return lambda: self.listeners.remove(listener)

    def on_forget(self, listener: Callable[[str], None]) -> Callable[[], None]:
        self.forgets.append(listener)
        return lambda: self.forgets.remove(listener)

    def open_tenants(self) -> Iterator[str]:
        yield from {tenant: None for tenant, _ in self.has if tenant is not None}

    def held(
        self, tenant: str | None, ref: str | None = None, *, store: str = ""
    ) -> Sequence[SecretStatus]:
        return [
            evolve(status, age=self.clock.now - self.fetched[place])
            for place, status in self.has.items()
            if place[0] == tenant and ref in {None, place[1]}
        ]

    async def recheck(self, ref: str, *, tenant: str | None, store: str) -> None:
        await checkpoint()
        self.fetch(tenant, ref)

    async def forget(self, tenant: str) -> None:
        self.forgotten.append(tenant)
        for place in [place for place in self.has if place[0] == tenant]:
            del self.has[place]
        for listener in tuple(self.forgets):
            listener(tenant)


@define(eq=False)
class Machines:
    """Processes over one store and one bus, with one clock."""

    clock: HandClock = field(factory=HandClock)
    store: Store = field(factory=Store)
    bus: MemoryBus = field(factory=MemoryBus)
    processes: list[Process] = field(factory=list)
    channels: list[MemoryChannel] = field(factory=list)

    def member(self, options: FleetOptions = OPTIONS) -> tuple[Process, Fleet]:
        process = Process(self.store, self.clock)
        channel = self.bus.channel()
        self.processes.append(process)
        self.channels.append(channel)
        random = Random(len(self.processes))
        return process, Fleet(
            process, channel, options, clock=self.clock, random=random
        )

    def write(self, tenant: str | None, ref: str, version: str | None) -> None:
        self.store.versions[tenant, ref] = version
