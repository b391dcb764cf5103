"""Ends: a close while a fetch hangs, and cancellation wherever something waits."""

import anyio
import pytest

from secretscope import (
    CachedSecrets,
    NotWarmError,
    Policy,
    ScopeClosedError,
    StoreUnavailableError,
)
from secretscope.testing import (
    HandClock,
    ScriptedBatches,
    ScriptedLeases,
    ScriptedLogins,
    ScriptedSource,
    settle,
)
from tests.cache.served import cached, of, served
from tests.checkpoints import cancel_everywhere


@pytest.mark.parametrize("hosted", [True, False])
async def test_closing_while_a_fetch_hangs_tells_who_waits(*, hosted: bool) -> None:
    source, secrets, _ = of(ScriptedSource, {"A": "closed-value-01"})
    source.hang()
    told: list[str] = []

    async def read() -> None:
        with pytest.raises(ScopeClosedError) as caught:
            await secrets.resolve("A")
        told.append(caught.value.scope)

    async with anyio.create_task_group() as group:
        if hosted:
            await group.start(secrets.serve)
        group.start_soon(read)
        group.start_soon(read)
        await settle()
        await secrets.aclose()
        await settle()
        assert told == ["the store", "the store"]
        group.cancel_scope.cancel()
    source.release()
    with pytest.raises(NotWarmError):
        secrets.peek("A")
    assert await secrets.resolve("A") == "closed-value-01"


async def test_when_the_host_goes_who_waits_carries_on() -> None:
    source, secrets, _ = of(ScriptedSource, {"A": "carried-value-1"})
    found: list[str] = []

    async def read() -> None:
        found.append(await secrets.resolve("A"))

    async with anyio.create_task_group() as group:
        async with served(secrets):
            source.hang()
            group.start_soon(read)
            await settle()
        await settle()
        source.release()
    assert found == ["carried-value-1"]


class Rich(ScriptedLogins, ScriptedLeases, ScriptedBatches):
    """Has every talent."""

    leased = frozenset({"db"})


@pytest.mark.parametrize("hosted", [True, False])
async def test_a_read_that_is_cancelled_anywhere_harms_no_later_one(
    *, hosted: bool
) -> None:
    clock = HandClock()
    made: list[tuple[Rich, CachedSecrets]] = []

    async def work() -> None:
        source = Rich({"db": "a role", "A": "cancelled-val01"}, clock=clock)
        secrets = cached(source, clock, refresh_gap=0)
        made.append((source, secrets))
        async with anyio.create_task_group() as group:
            if hosted:
                await group.start(secrets.serve)
            source.alive = False
            await secrets.resolve_many(["A", "db"])
            source.alive = False
            await secrets.resolve("db#user")
            await secrets.store("A", "cancelled-val02")
            await secrets.refresh("A")
            await secrets.aclose()
            group.cancel_scope.cancel()

    async def after() -> None:
        source, secrets = made[-1]
        source.alive = True
        assert len(secrets._keeper.flights) == 0
        assert await secrets.resolve("A") in ("cancelled-val01", "cancelled-val02")
        assert await secrets.resolve("db#user")
        await secrets.aclose()
        assert f"db/{source.made}" in source.revoked

    assert await cancel_everywhere(work, after) > 5


async def test_an_engine_that_is_cancelled_anywhere_leaves_no_task() -> None:
    clock = HandClock()

    async def work() -> None:
        source = Rich({"db": "a role", "A": "cancelled-val03"}, clock=clock)
        secrets = cached(source, clock, ttl=60)
        async with served(secrets):
            secrets.keep("A")
            await secrets.resolve_many(["A", "db"])
            await clock.advance(50)
            source.fail(StoreUnavailableError("the store"), times=1)
            await clock.advance(5)

    async def after() -> None:
        await settle()
        assert clock._waiting == []

    assert await cancel_everywhere(work, after) > 5


async def test_a_source_that_fails_to_close_is_told() -> None:
    class Stuck(ScriptedSource):
        async def aclose(self) -> None:
            raise StoreUnavailableError("the store")

        async def open(self) -> None:
            pass

    secrets = CachedSecrets(Stuck(), Policy())
    await secrets.open()
    with pytest.raises(StoreUnavailableError):
        await secrets.aclose()
