"""The doubles that are shipped: a clock turned by hand, and sources on a script."""

import anyio
import pytest

from secretscope import (
    AccessDeniedError,
    CachedSecrets,
    DeletedSecretError,
    MissingSecretError,
    Policy,
    Secret,
    StoreUnavailableError,
)
from secretscope.protocols import (
    AuthenticatedSource,
    BatchSource,
    LeasingSource,
    Source,
    WatchingSource,
    WritableSource,
)
from secretscope.testing import (
    Call,
    HandClock,
    ScriptedBatches,
    ScriptedLeases,
    ScriptedLogins,
    ScriptedSource,
    ScriptedWatch,
    settle,
)


async def test_sleepers_wake_in_order_as_the_clock_is_turned() -> None:
    clock = HandClock(100)
    woken: list[tuple[str, float]] = []

    async def sleeper(name: str, seconds: float) -> None:
        await clock.sleep(seconds)
        woken.append((name, clock()))

    async with anyio.create_task_group() as group:
        group.start_soon(sleeper, "late", 5)
        group.start_soon(sleeper, "early", 2)
        group.start_soon(sleeper, "never", 50)
        group.start_soon(sleeper, "now", 0)
        await clock.advance(1)
        assert woken == [("now", 100)]
        await clock.advance(9)
        assert woken == [("now", 100), ("early", 102), ("late", 105)]
        assert clock() == 110
        group.cancel_scope.cancel()
    await clock.advance(100)
    assert len(woken) == 3


async def test_what_a_sleeper_begins_happens_at_its_time() -> None:
    clock = HandClock(0)
    ticks: list[float] = []

    async def tick() -> None:
        while True:
            await clock.sleep(10)
            ticks.append(clock())

    async with anyio.create_task_group() as group:
        group.start_soon(tick)
        await clock.advance(35)
        group.cancel_scope.cancel()
    assert ticks == [10, 20, 30]


async def test_a_scripted_source_answers_and_notes_every_request() -> None:
    clock = HandClock(7)
    source = ScriptedSource({"A": "scripted-value1"}, clock=clock)
    assert isinstance(source, Source)
    assert isinstance(source, WritableSource)
    assert (await source.fetch("A")).reveal() == "scripted-value1"
    source.hold("A", "scripted-value2", version="2", expires_at=60)
    secret = await source.fetch("A")
    assert (secret.version, secret.expires_at) == ("2", 60)
    source.deny("A")
    with pytest.raises(AccessDeniedError):
        await source.fetch("A")
    source.drop("B", DeletedSecretError("B", where="the store"))
    with pytest.raises(DeletedSecretError):
        await source.fetch("B")
    with pytest.raises(MissingSecretError):
        await source.fetch("C")
    await source.put("C", "put-value-0001")
    assert source.calls[-1] == Call("put", ("C",), 7)
    assert (source.asked(), source.asked("A"), source.asked(act="put")) == (6, 3, 1)
    assert "scripted-value" not in repr(source.calls)


async def test_it_fails_so_many_times_and_only_where_it_is_told_to() -> None:
    source = ScriptedSource({"A": "failing-value-1", "B": "failing-value-2"})
    source.fail(StoreUnavailableError("the store"), on="A", act="fetch", times=2)
    await source.fetch("B")
    await source.put("A", "failing-value-3")
    for _ in range(2):
        with pytest.raises(StoreUnavailableError):
            await source.fetch("A")
    await source.fetch("A")
    source.fail(StoreUnavailableError("the store"))
    for location in ("A", "B"):
        with pytest.raises(StoreUnavailableError):
            await source.fetch(location)
    source.mend()
    await source.fetch("A")


async def test_it_hangs_until_it_is_released() -> None:
    source = ScriptedSource({"A": "hanging-value-1"})
    found: list[Secret] = []

    async def fetch() -> None:
        found.append(await source.fetch("A"))

    source.hang()
    async with anyio.create_task_group() as group:
        group.start_soon(fetch)
        await settle()
        assert found == []
        source.release()
    assert len(found) == 1
    source.release()


async def test_each_further_talent_is_a_class_to_inherit_from() -> None:
    clock = HandClock()

    class All(ScriptedWatch, ScriptedLogins, ScriptedLeases, ScriptedBatches):
        leased = frozenset({"db"})

    source = All({"A": "all-talents-0001", "db": "a role"}, clock=clock)
    for talent in (BatchSource, LeasingSource, AuthenticatedSource, WatchingSource):
        assert isinstance(source, talent)
    found = await source.fetch_many(["A", "db", "C"])
    assert isinstance(found["C"], MissingSecretError)
    lease = await source.fetch("db")
    assert (lease.reveal("user"), lease.expires_at) == ("user-2-of-db", clock() + 60)
    clock.now += 30
    assert (await source.renew("db", lease)).expires_at == clock() + 60
    await source.revoke(lease)
    with pytest.raises(MissingSecretError):
        await source.renew("db", lease)
    source.alive = False
    with pytest.raises(AccessDeniedError):
        await source.fetch("A")
    await source.login()
    await source.fetch("A")


async def test_a_watch_ends_with_the_error_that_is_told() -> None:
    source = ScriptedWatch({"A": "watch-double-01"})
    changes = source.watch()
    heard: list[str] = []

    async def listen() -> None:
        with pytest.raises(StoreUnavailableError):
            while True:
                heard.append(await anext(changes))

    async with anyio.create_task_group() as group:
        group.start_soon(listen)
        await settle()
        source.tell("A")
        source.tell(StoreUnavailableError("the store"))
    assert heard == ["A"]
    assert source.watched == 0


async def test_they_turn_a_cache_by_hand() -> None:
    clock = HandClock()
    source = ScriptedSource({"A": "turned-by-hand1"}, clock=clock)
    secrets = CachedSecrets(source, Policy(ttl=60), clock=clock)
    async with anyio.create_task_group() as group:
        await group.start(secrets.serve)
        secrets.keep("A")
        await secrets.resolve("A")
        source.hold("A", "turned-by-hand2")
        await clock.advance(60)
        assert secrets.peek("A") == "turned-by-hand2"
        group.cancel_scope.cancel()
