"""Refresh ahead: what is needed stays fresh, what nobody reads goes cold."""

import threading

import anyio
import pytest

from secretscope import (
    DeletedSecretError,
    ExpiredError,
    MissingSecretError,
    NotWarmError,
    Secret,
    StoreUnavailableError,
)
from secretscope.protocols import Announcing, Forgetful, Keeping, Reporting, Snapshots
from secretscope.testing import ScriptedSource, settle
from secretscope.values import Rotation
from tests.cache.served import AHEAD, of, served


async def test_a_cache_has_every_talent() -> None:
    _, secrets, _ = of(ScriptedSource, {})
    for talent in (Keeping, Announcing, Reporting, Forgetful, Snapshots):
        assert isinstance(secrets, talent)


async def test_what_is_kept_is_refreshed_before_it_runs_out() -> None:
    source, secrets, clock = of(ScriptedSource, {"A": "first-value-01"}, ttl=300)
    told: list[Rotation] = []
    secrets.on_rotation(told.append)
    async with served(secrets):
        secrets.keep("A")
        await secrets.resolve("A")
        source.hold("A", "second-value-2")
        await clock.advance(300 * AHEAD - 1)
        assert secrets.peek("A") == "first-value-01"
        await clock.advance(2)
        assert secrets.peek("A") == "second-value-2"
        assert told == [Rotation("A", "1", "2", None, "the store")]
        await clock.advance(3600)
        assert secrets.peek("A") == "second-value-2"
    assert 20 <= source.asked("A") <= 24
    assert len(told) == 1


async def test_what_nobody_keeps_or_reads_goes_cold_and_a_later_change_is_told() -> (
    None
):
    source, secrets, clock = of(
        ScriptedSource, {"A": "idle-value-001"}, ttl=60, idle=200
    )
    told: list[Rotation] = []
    secrets.on_rotation(told.append)
    async with served(secrets):
        await secrets.resolve("A")
        await clock.advance(199)
        assert secrets.peek("A") == "idle-value-001"
        await clock.advance(198)
        assert secrets.peek("A") == "idle-value-001"
        await clock.advance(300)
        with pytest.raises(NotWarmError):
            secrets.peek("A")
        asked = source.asked()
        await clock.advance(3600)
        assert source.asked() == asked
        assert secrets.report() == []
        source.hold("A", "idle-value-002")
        assert await secrets.resolve("A") == "idle-value-002"
        assert [(r.old, r.new) for r in told] == [("1", "2")]


async def test_a_value_that_goes_cold_and_comes_back_the_same_is_no_rotation() -> None:
    source, secrets, clock = of(
        ScriptedSource, {"A": Secret("same-value-001", version="7")}, ttl=60, idle=0
    )
    told: list[Rotation] = []
    secrets.on_rotation(told.append)
    async with served(secrets):
        await secrets.resolve("A")
        await clock.advance(120)
        with pytest.raises(NotWarmError):
            secrets.peek("A")
        await secrets.resolve("A")
    assert source.asked("A") == 2
    assert told == []


async def test_what_was_fetched_before_it_is_served_is_watched_from_then_on() -> None:
    source, secrets, clock = of(ScriptedSource, {"A": "early-value-01"}, ttl=60)
    await secrets.resolve("A")
    secrets.keep("A")
    async with served(secrets):
        source.hold("A", "early-value-02")
        await clock.advance(60)
        assert secrets.peek("A") == "early-value-02"
    await clock.advance(60)  # nobody serves it any more
    assert source.asked() == 2
    with pytest.raises(ExpiredError):
        secrets.peek("A")


async def test_letting_go_counts_once_and_a_need_that_two_keep_stays_fresh() -> None:
    source, secrets, clock = of(ScriptedSource, {"A": "needed-value-1"}, ttl=60, idle=0)
    async with served(secrets):
        first, second = secrets.keep("A"), secrets.keep("A")
        await secrets.resolve("A")
        first()
        first()
        await clock.advance(600)
        assert secrets.peek("A") == "needed-value-1"
        second()
        await clock.advance(600)
        with pytest.raises(NotWarmError):
            secrets.peek("A")
        secrets.keep("B")()
        assert source.asked("B") == 0


async def test_keeping_what_is_on_its_way_out_refreshes_it() -> None:
    source, secrets, clock = of(ScriptedSource, {"A": "rescued-value1"}, ttl=60, idle=0)
    async with served(secrets):
        await secrets.resolve("A")
        await clock.advance(50)  # its refresh was passed over
        assert source.asked() == 1
        secrets.keep("A")
        await clock.advance(600)
        assert secrets.peek("A") == "rescued-value1"


async def test_a_missing_need_is_looked_for_again_and_again_less_often() -> None:
    source, secrets, clock = of(ScriptedSource, {}, negative_ttl=5)
    told: list[Rotation] = []
    secrets.on_rotation(told.append)
    async with served(secrets):
        let_go = secrets.keep("A")
        with pytest.raises(MissingSecretError):
            await secrets.resolve("A")
        await clock.advance(3600)
        with pytest.raises(MissingSecretError):  # it never is just cold
            secrets.peek("A")
        assert 15 <= source.asked() <= 20
        source.hold("A", "here-at-last-1")
        assert await secrets.resolve("A") == "here-at-last-1"  # an await asks anew
        assert [(r.old, r.new) for r in told] == [(None, "1")]
        source.drop("A")
        await clock.advance(300)
        let_go()
        await clock.advance(60)
        with pytest.raises(NotWarmError):
            secrets.peek("A")
        assert [(r.old, r.new) for r in told] == [(None, "1"), ("1", None)]


async def test_a_miss_that_nobody_needs_is_forgotten() -> None:
    _, secrets, clock = of(ScriptedSource, {}, negative_ttl=5)
    async with served(secrets):
        with pytest.raises(MissingSecretError):
            await secrets.resolve("A")
        let_go = secrets.keep("B")
        with pytest.raises(MissingSecretError):
            await secrets.resolve("B")
        secrets.keep("A")
        let_go()
        await clock.advance(7)
        assert [status.ref for status in secrets.report()] == ["A"]
        with pytest.raises(MissingSecretError):
            secrets.peek("A")


async def test_a_deleted_secret_is_gone_at_the_next_refresh() -> None:
    source, secrets, clock = of(ScriptedSource, {"A": "deleted-value1"}, ttl=60)
    told: list[Rotation] = []
    secrets.on_rotation(told.append)
    async with served(secrets):
        secrets.keep("A")
        await secrets.resolve("A")
        source.drop("A", DeletedSecretError("A", where="the store"))
        await clock.advance(60)
        with pytest.raises(DeletedSecretError):
            secrets.peek("A")
        [status] = secrets.report()
        assert (status.missing, status.version) == (True, None)
    assert [(r.old, r.new) for r in told] == [("1", None)]


async def test_no_reader_on_any_thread_sees_an_absent_or_torn_pair() -> None:
    source, secrets, _ = of(ScriptedSource, {"db": pair(0)}, ttl=None, refresh_gap=0)
    torn: list[object] = []
    stop = threading.Event()

    def read() -> None:
        while not stop.is_set():
            try:
                secret = secrets.peek_secret("db")
                user, password = secret.reveal("user"), secret.reveal("password")
                if user.rpartition("-")[2] != password.rpartition("-")[2]:
                    torn.append((user, password))
            except Exception as error:  # noqa: BLE001 - none may be raised
                torn.append(error)

    await secrets.resolve("db#user")
    threads = [threading.Thread(target=read) for _ in range(3)]
    for thread in threads:
        thread.start()
    for number in range(1, 200):
        source.hold("db", pair(number))
        await secrets.refresh("db")
    stop.set()
    for thread in threads:
        await anyio.to_thread.run_sync(thread.join)
    assert torn == []
    assert secrets.peek("db#user") == "user-199"


def pair(number: int) -> Secret:
    return Secret({"user": f"user-{number}", "password": f"password-{number}"})


async def test_two_values_under_one_version_are_still_told_apart() -> None:
    source, secrets, _ = of(
        ScriptedSource, {"A": Secret("versioned-one1", version="7")}, refresh_gap=0
    )
    told: list[Rotation] = []
    secrets.on_rotation(told.append)
    await secrets.resolve("A")
    source.hold("A", "versioned-two2", version="7")
    await secrets.refresh("A")
    await secrets.refresh("A")
    source.hold("A", "versioned-two2", version="8")
    await secrets.refresh("A")
    assert [(r.old, r.new) for r in told] == [("7", "7.2"), ("7.2", "8")]


async def test_a_write_is_read_at_once_also_beside_a_fetch_that_began_before_it() -> (
    None
):
    source, secrets, _ = of(ScriptedSource, {"A": "before-write-1"}, ttl=60)
    async with served(secrets):
        await secrets.resolve("A")
        source.hang()
        async with anyio.create_task_group() as group:
            group.start_soon(secrets.store, "A", "after-write-01")
            await settle()
            source.release()
        assert secrets.peek("A") == "after-write-01"
        source.fail(StoreUnavailableError("the store"), act="fetch", times=1)
        await secrets.store("A", "after-write-02")  # written, and not read back
        with pytest.raises(ExpiredError):
            secrets.peek("A")
        assert await secrets.resolve("A") == "after-write-02"
        source.fail(StoreUnavailableError("the store"), act="fetch", times=1)
        await secrets.store("B", "never-read-b01")
        assert await secrets.resolve("B") == "never-read-b01"
