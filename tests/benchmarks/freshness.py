"""Freshness beside a task for each: waiters, entries, reads while refreshing, rotation."""

from __future__ import annotations

import gc
import timeit
import tracemalloc
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from time import perf_counter, process_time
from typing import Any

import anyio
import anyio.lowlevel
from dependency_injector import containers, providers

from secretscope import (
    Agent,
    AgentFactory,
    CachedSecrets,
    Policy,
    ScopedSecrets,
    Secret,
    SecretsBackend,
    Tuning,
    lifetime,
)
from secretscope.cache._wheel import Wheel
from tests.benchmarks.table import Row

WAITERS, ENTRIES, PEERS, AGENTS = 10_000, 100_000, 20_000, 10_000
PAUSE = 0.005


class Store:
    """A store that answers at once, or when its gate opens."""

    def __init__(self) -> None:
        self.value = "benchmark-value-1"
        self.asked = 0
        self.gate: anyio.Event | None = None

    async def fetch(self, location: str) -> Secret:
        self.asked += 1
        await anyio.lowlevel.checkpoint()
        if self.gate is not None:
            await self.gate.wait()
        return Secret(self.value)

    async def fetch_many(self, locations: Sequence[str]) -> Mapping[str, Any]:
        await anyio.lowlevel.checkpoint()
        return {location: Secret(self.value) for location in locations}


async def rows() -> list[Row]:
    return [
        *await waiters(),
        scheduling(),
        *await expiries(),
        await idle(),
        await while_refreshing(),
        *await rotation(),
    ]


# --- one cold ref ------------------------------------------------------------------------


async def waiters() -> list[Row]:
    ours: list[float] = []
    bare: list[float] = []
    asked = 0
    for _ in range(5):
        store = Store()
        secrets = CachedSecrets(store)
        async with anyio.create_task_group() as group:
            await group.start(secrets.serve)
            store.gate = anyio.Event()
            ours.append(await _crowd(partial(secrets.resolve, "A"), store.gate))
            group.cancel_scope.cancel()
        asked = max(asked, store.asked)
        event = anyio.Event()
        bare.append(await _crowd(event.wait, event))
    return [
        (f"{WAITERS:,} waiters on a cold ref: requests", asked, 1),
        ("... cost a waiter / waiting for a bare Event", min(ours) / min(bare), 2.0),
    ]


async def _crowd(wait: Callable[[], Awaitable[object]], gate: anyio.Event) -> float:
    async def one() -> None:
        await wait()

    began = perf_counter()
    async with anyio.create_task_group() as group:
        for _ in range(WAITERS):
            group.start_soon(one)
        await anyio.lowlevel.checkpoint()
        await anyio.lowlevel.checkpoint()
        gate.set()
    return perf_counter() - began


# --- 100,000 entries ---------------------------------------------------------------------


class _Due:
    __slots__ = ("due",)

    def __init__(self) -> None:
        self.due: float | None = None


def scheduling() -> Row:
    """What the wheel needs, beside entries and the times that they have anyway."""
    things = [_Due() for _ in range(ENTRIES)]
    times = [1000 + number * 300 / ENTRIES for number in range(ENTRIES)]
    wheel: Wheel[_Due] = Wheel()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    for thing, due in zip(things, times, strict=True):
        wheel.add(thing, due)
    size = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    return f"{ENTRIES:,} entries: bytes of scheduling each", size / ENTRIES, 12


async def expiries() -> list[Row]:
    """Watch each entry from the start to its end; nobody needs it, none is refreshed."""
    secrets = CachedSecrets(Store(), Policy(ttl=8.0, idle=0, concurrency=64))
    await secrets.resolve_many([f"R{number}" for number in range(ENTRIES)])
    entries = secrets._shelf.entries
    async with anyio.create_task_group() as group:
        began = process_time()
        await group.start(secrets.serve)
        ours, stall = await _spent(lambda: not entries, began)
        group.cancel_scope.cancel()
    left = dict.fromkeys(range(PEERS), "value")

    async def own(number: int) -> None:
        await anyio.sleep(3)
        del left[number]

    async with anyio.create_task_group() as group:
        began = process_time()
        for number in range(PEERS):
            group.start_soon(own, number)
        peer, stalled = await _spent(lambda: not left, began)
    return [
        ("... CPU an expiry / a task each", ours / ENTRIES / (peer / PEERS), 0.2),
        ("... CPU an expiry, microseconds", ours / ENTRIES * 1e6, None),
        ("... longest stall while all run out, CPU ms", stall * 1e3, 25),
        (f"... of {PEERS:,} tasks, one each", stalled * 1e3, None),
    ]


async def _spent(over: Callable[[], bool], began: float) -> tuple[float, float]:
    """Return the CPU seconds until it is over, and the most between two turns.

    A stall is told in CPU seconds: the machine's other work is not ours.
    """
    gc.collect()
    gc.freeze()
    start = perf_counter()
    longest = 0.0
    await anyio.sleep(PAUSE)  # who was just begun takes its first turn
    while not over():
        before = process_time()
        await anyio.sleep(PAUSE)
        longest = max(longest, process_time() - before)
    spent, took = process_time() - began, perf_counter() - start
    gc.unfreeze()
    return spent - took * await _looking(), longest


async def _looking() -> float:
    """Return the CPU seconds a second that the looking itself takes."""
    began, until = process_time(), perf_counter() + 1
    while perf_counter() < until:  # noqa: ASYNC110 - the looking is what is measured
        await anyio.sleep(PAUSE)
    return process_time() - began


async def idle() -> Row:
    secrets = CachedSecrets(Store(), Policy(ttl=3600, concurrency=64))
    async with anyio.create_task_group() as group:
        await group.start(secrets.serve)
        await secrets.resolve_many([f"R{number}" for number in range(ENTRIES)])
        gc.collect()
        began = process_time()
        await anyio.sleep(3)
        spent = process_time() - began
        group.cancel_scope.cancel()
    return f"{ENTRIES:,} entries at rest: CPU, % of one core", spent / 3 * 100, 0.5


# --- readers -----------------------------------------------------------------------------


def container(store: CachedSecrets) -> Any:
    class App(containers.DeclarativeContainer):
        backend = SecretsBackend(providers.Object(store))
        secrets = ScopedSecrets(backend)
        tuning = providers.Factory(Tuning, secrets=secrets)
        agent = AgentFactory(Agent, "x", model="echo", tuning=tuning)

    return App()


async def while_refreshing() -> Row:
    store = Store()
    app = container(CachedSecrets(store, Policy(refresh_gap=0)))
    rest: list[float] = []
    busy: list[float] = []
    async with lifetime(app) as secrets:
        read = partial(app.secrets().lookup_sync, "ECHO_API_KEY")
        for _ in range(50):
            rest.append(timeit.timeit(read, number=5000))
            store.gate = anyio.Event()
            async with anyio.create_task_group() as group:
                group.start_soon(secrets.refresh, "ECHO_API_KEY")
                for _ in range(5):
                    await anyio.lowlevel.checkpoint()
                busy.append(timeit.timeit(read, number=5000))
                store.gate.set()
    return "warm read while it is refreshed / at rest", min(busy) / min(rest), 1.1


async def rotation() -> list[Row]:
    """From the rotation to the last of all agents that has read the new key.

    Each agent waits for its next attempt, which comes when the rotation is done.
    """
    store = Store()
    app = container(CachedSecrets(store, Policy(refresh_gap=0)))
    async with lifetime(app) as secrets:
        attempt = anyio.Event()
        stale = 0

        async def work(agent: Any) -> None:
            nonlocal stale
            reader = agent._tuning.secrets
            await attempt.wait()
            stale += reader.lookup_sync("ECHO_API_KEY") == "benchmark-value-1"

        async with anyio.create_task_group() as group:
            for _ in range(AGENTS):
                group.start_soon(work, app.agent())
            await anyio.sleep(0.1)
            store.value = "benchmark-value-2"
            began = perf_counter()
            await secrets.rotate("ECHO_API_KEY")
            attempt.set()
        took = perf_counter() - began
    return [
        (f"rotation to the last of {AGENTS:,} live agents, ms", took * 1e3, None),
        ("... that read the old key", stale, 0),
    ]
