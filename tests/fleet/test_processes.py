"""Real processes, a real redis-server, and each process's own way to everything cut."""

from __future__ import annotations

import json
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path

import anyio
import pytest
from anyio.abc import Process
from anyio.streams.text import TextReceiveStream
from attrs import define, field

from tests.fleet.hands import KEY
from tests.fleet.http_store import HttpStore, serving
from tests.fleet.proxy import Proxy, proxied
from tests.fleet.redis_server import RedisServer

ROOT = Path(__file__).parents[2]
BUS_ALONE = 600.0
"""Seconds that a value is good where only the bus can tell of a rotation in time."""


@define(eq=False)
class Member:
    """One process, with its own ways to the store and to Redis."""

    process: Process
    store: Proxy
    redis: Proxy
    events: list[dict[str, object]] = field(factory=list)
    _more: anyio.Event = field(factory=anyio.Event)

    async def listen(self) -> None:
        rest = ""
        assert self.process.stdout is not None
        with suppress(anyio.ClosedResourceError):  # it was ended
            async for text in TextReceiveStream(self.process.stdout):
                *lines, rest = (rest + text).split("\n")
                self.events += [json.loads(line) for line in lines]
                self._more.set()
                self._more = anyio.Event()

    async def until(self, event: str, **facts: object) -> dict[str, object]:
        """Wait for an event that has come since the last one that was waited for."""
        wanted = {"event": event, **facts}
        with anyio.move_on_after(20):
            while True:
                for at, known in enumerate(self.events):
                    if known.items() >= wanted.items():
                        del self.events[: at + 1]
                        return known
                await self._more.wait()
        pytest.fail(f"{wanted} did not come, but {self.events}")

    async def say(self, line: str) -> None:
        assert self.process.stdin is not None
        await self.process.stdin.send(f"{line}\n".encode())

    async def reads(self, value: str) -> None:
        await self.say("read")
        await self.until("read", value=value)

    async def reads_in_the_end(self, **wanted: object) -> None:
        """Read again and again until that is read."""
        seen: list[dict[str, object]] = []
        with anyio.move_on_after(20):
            while True:
                await self.say("read")
                read = await self.until("read")
                if read.items() >= wanted.items():
                    return
                seen = [*seen[-1:], read]
                await anyio.sleep(0.05)
        pytest.fail(f"{wanted} was not read, but {seen}")


@asynccontextmanager
async def member(
    loop: str,
    store: HttpStore,
    redis: RedisServer,
    ttl: float,
    max_stale: float = 60,
) -> AsyncIterator[Member]:
    async with (
        proxied(store.port) as to_store,
        proxied(redis.port) as to_redis,
        anyio.create_task_group() as group,
    ):
        ports = (str(to_store.port), str(to_redis.port))
        numbers = (*ports, str(ttl), str(max_stale))
        process = await anyio.open_process(
            [sys.executable, "-m", "tests.fleet.worker", loop, *numbers],
            cwd=ROOT,
            stderr=None,
        )
        async with process:
            made = Member(process, to_store, to_redis)
            group.start_soon(made.listen)
            try:
                await made.until("link", up=True, joins=1)
                yield made
            finally:
                process.terminate()


@define(eq=False)
class Fleet:
    """Three processes of which the first is told by hand when a key has rotated.

    Of the other two, one has the bus alone to tell it, and one looks every other second.
    """

    store: HttpStore
    redis: RedisServer
    first: Member
    second: Member
    fresh: Member
    version: int = 1

    @property
    def members(self) -> tuple[Member, Member, Member]:
        return self.first, self.second, self.fresh

    @property
    def new(self) -> str:
        return f"v{self.version}"

    def write(self) -> None:
        self.version += 1
        self.store.write("t/acme/KEY", f"acme-key-{self.version}")

    async def rotate(self) -> None:
        self.write()
        await self.first.say("refresh")
        await self.first.until("rotated", new=self.new)


async def the_bus_tells(fleet: Fleet) -> None:
    await fleet.rotate()
    for each in (fleet.second, fleet.fresh):
        await each.until("rotated", new=fleet.new)
        await each.reads(f"acme-key-{fleet.version}")


async def cut_off_from_redis_freshness_bounds_it(fleet: Fleet) -> None:
    await fleet.fresh.redis.cut()
    await fleet.fresh.until("link", up=False)
    await fleet.rotate()
    for each in (fleet.second, fleet.fresh):
        await each.until("rotated", new=fleet.new)
    fleet.fresh.redis.mend()
    await fleet.fresh.until("link", up=True)


async def cut_off_from_redis_the_way_back_bounds_it(fleet: Fleet) -> None:
    await fleet.second.redis.cut()
    await fleet.second.until("link", up=False)
    before = fleet.version
    await fleet.rotate()
    await fleet.second.reads(f"acme-key-{before}")
    fleet.second.redis.mend()
    await fleet.second.until("rotated", new=fleet.new)


async def cut_off_from_the_store_it_reads_on_and_looks_again(fleet: Fleet) -> None:
    await fleet.second.store.cut()
    before = fleet.version
    await fleet.rotate()
    await fleet.second.reads(f"acme-key-{before}")
    fleet.second.store.mend()
    await fleet.second.until("rotated", new=fleet.new)


async def cut_off_from_both_it_reads_on_and_comes_back(fleet: Fleet) -> None:
    await fleet.second.store.cut()
    await fleet.second.redis.cut()
    await fleet.second.until("link", up=False)
    before = fleet.version
    await fleet.rotate()
    await fleet.second.reads(f"acme-key-{before}")
    fleet.second.redis.mend()
    await fleet.second.until("link", up=True)
    fleet.second.store.mend()
    await fleet.second.until("rotated", new=fleet.new)


async def redis_itself_is_gone_and_comes_back_without_a_memory(fleet: Fleet) -> None:
    fleet.redis.stop()
    for each in fleet.members:
        await each.until("link", up=False)
    fleet.write()
    await fleet.fresh.until("rotated", new=fleet.new)
    fleet.redis.start()
    await fleet.fresh.until("link", up=True)
    for each in (fleet.first, fleet.second):
        await each.until("rotated", new=fleet.new)
        await each.reads(f"acme-key-{fleet.version}")


async def a_tenant_leaves(fleet: Fleet) -> None:
    for each in fleet.members:  # who is cut off would miss it
        await each.say("join")
        await each.until("joined")
    await fleet.second.say("forget acme")
    for each in fleet.members:
        await each.until("forgotten", tenant="acme")


@pytest.mark.timeout(90)
async def test_processes_that_are_cut_off_in_every_way(
    anyio_backend: str, redis: RedisServer
) -> None:
    store = HttpStore()
    store.write("FLEET_KEY", KEY)
    store.write("t/acme/KEY", "acme-key-1")
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(serving(store))
        first, second, fresh = [
            await stack.enter_async_context(member(anyio_backend, store, redis, ttl))
            for ttl in (BUS_ALONE, BUS_ALONE, 2.0)
        ]
        fleet = Fleet(store, redis, first, second, fresh)
        for part in (
            the_bus_tells,
            cut_off_from_redis_freshness_bounds_it,
            cut_off_from_redis_the_way_back_bounds_it,
            cut_off_from_the_store_it_reads_on_and_looks_again,
            cut_off_from_both_it_reads_on_and_comes_back,
            redis_itself_is_gone_and_comes_back_without_a_memory,
            a_tenant_leaves,
        ):
            await part(fleet)


@pytest.mark.timeout(90)
@pytest.mark.parametrize("bus_too", [False, True], ids=["the store", "both"])
async def test_a_process_cut_off_for_longer_than_a_value_is_good_reads_an_error(
    anyio_backend: str,
    redis: RedisServer,
    bus_too: bool,  # noqa: FBT001
) -> None:
    store = HttpStore()
    store.write("FLEET_KEY", KEY)
    store.write("t/acme/KEY", "acme-key-1")
    async with (
        serving(store),
        member(anyio_backend, store, redis, 0.5, max_stale=0.5) as process,
    ):
        await process.reads("acme-key-1")
        await process.store.cut()
        if bus_too:
            await process.redis.cut()
        store.write("t/acme/KEY", "acme-key-2")
        await process.reads_in_the_end(error="ExpiredError")
        process.redis.mend()
        process.store.mend()
        await process.reads_in_the_end(value="acme-key-2")
