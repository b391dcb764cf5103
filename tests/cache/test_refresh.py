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
from secretscope.testing import ScriptedBatches, ScriptedSource, settle
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


async def test_copies_are_called_back_to_see_whether_anybody_reads() -> None:
    _, secrets, clock = of(ScriptedSource, {"A": "copied-value-1"}, ttl=300, idle=100)
    recalled: list[bool] = []
    async with served(secrets):
        await secrets.resolve("A")
        assert not secrets.expires("A")  # a copy is out from now on
        stop = secrets.subscribe(lambda base: recalled.append(secrets.expires(base)))
        await clock.advance(300 * AHEAD + 1)
        assert recalled == [True, True]  # called back, and refreshed
        secrets.peek("A")
        assert not secrets.expires("A")  # it is read: a copy may be held again
        stop()
        await clock.advance(600)
        with pytest.raises(NotWarmError):
            secrets.peek("A")


async def test_copies_are_called_back_before_the_end() -> None:
    source, secrets, clock = of(ScriptedSource, {"A": "ending-value-1"}, ttl=None)
    source.hold("A", "ending-value-1", expires_at=clock() + 100)
    held: dict[str, str] = {}

    def follow(base: str) -> None:
        held.pop(base, None)
        if not secrets.expires(base):
            held[base] = secrets.peek(base)

    secrets.subscribe(follow)
    async with served(secrets):
        secrets.keep("A")
        await secrets.resolve("A")
        assert held == {"A": "ending-value-1"}
        await clock.advance(95)
        assert held == {"A": "ending-value-1"}
        await clock.advance(4)
        assert held == {}
        assert secrets.peek("A") == "ending-value-1"
        await clock.advance(1)
        with pytest.raises(ExpiredError):
            secrets.peek("A")


async def test_values_with_a_short_life_are_never_copied() -> None:
    _, secrets, _ = of(ScriptedSource, {"A": "short-value-01"}, ttl=3)
    async with served(secrets):
        await secrets.resolve("A")
        assert secrets.expires("A")


async def test_a_value_without_an_end_may_be_copied_and_is_never_asked_again() -> None:
    source, secrets, clock = of(ScriptedSource, {"A": "lasting-value1"}, ttl=None)
    async with served(secrets):
        await secrets.resolve("A")
        assert not secrets.expires("A")
        await clock.advance(10**6)
        assert secrets.peek("A") == "lasting-value1"
    assert source.asked() == 1


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


async def test_refreshes_go_out_in_batches_where_the_source_can() -> None:
    held = {f"R{n}": f"batched-value-{n:03}" for n in range(250)}
    source, secrets, clock = of(ScriptedBatches, held, ttl=300)
    async with served(secrets):
        for ref in held:
            secrets.keep(ref)
        await secrets.resolve_many(list(held))
        assert source.asked(act="fetch_many") == 3
        await clock.advance(300 * AHEAD + 1)
        assert source.asked(act="fetch_many") == 6
        assert source.asked(act="fetch") == 0
        assert {status.refreshes for status in secrets.report()} == {1}


async def test_so_many_refreshes_run_at_once_and_no_more() -> None:
    held = {f"R{n}": f"many-values-{n:04}" for n in range(20)}
    source, secrets, clock = of(
        ScriptedSource, held, ttl=300, concurrency=4, timeout=1000
    )
    async with served(secrets):
        for ref in held:
            secrets.keep(ref)
        await secrets.resolve_many(list(held))
        source.hang()
        await clock.advance(300 * AHEAD + 1)
        assert source.asked() == 24
        source.release()
        await settle()
        assert source.asked() == 40


async def test_parts_share_one_scheduler_and_need_no_task_of_their_own() -> None:
    _, secrets, clock = of(Parts, {"A": "whole-value-01"}, ttl=60)
    part = secrets.namespaced("acme")
    own = secrets.for_tenant("globex")
    assert own is not None
    async with anyio.create_task_group() as group:
        await group.start(secrets.serve)
        async with anyio.create_task_group() as parts:  # ends by itself
            await parts.start(part.serve)
            await parts.start(own.serve)
        for cache in (secrets, part, own):
            cache.keep("A")
            await cache.resolve("A")
        await clock.advance(60)
        for cache in (secrets, part, own):
            assert cache.report()[0].refreshes == 1
        assert {s.tenant for s in own.report()} == {"globex"}
        group.cancel_scope.cancel()


class Parts(ScriptedSource):
    def namespaced(self, name: str) -> ScriptedSource:
        return ScriptedSource({"A": f"part-of-{name}-01"}, clock=self.clock)

    def for_tenant(self, tenant: str) -> ScriptedSource | None:
        return ScriptedSource({"A": f"value-of-{tenant}"}, clock=self.clock)


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


async def test_a_listener_that_raises_hurts_nobody(
    caplog: pytest.LogCaptureFixture,
) -> None:
    source, secrets, _ = of(ScriptedSource, {"A": "first-heard-01"}, refresh_gap=0)
    heard: list[object] = []

    def breaks(told: object) -> None:
        raise ValueError("first-heard-01")

    secrets.subscribe(breaks)
    secrets.on_rotation(breaks)
    secrets.subscribe(heard.append)
    stop = secrets.on_rotation(heard.append)
    await secrets.resolve("A")
    source.hold("A", "second-heard-2")
    await secrets.refresh("A")
    assert heard == ["A", "A", Rotation("A", "1", "2", None, "the store")]
    assert "ValueError" in caplog.text
    assert "first-heard" not in caplog.text
    stop()


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


async def test_forgetting_ends_what_is_asked_for_in_the_background() -> None:
    source, secrets, clock = of(ScriptedSource, {"A": "forgotten-0001"}, ttl=60)
    async with served(secrets):
        secrets.keep("A")
        await secrets.resolve("A")
        source.hang()
        await clock.advance(60 * AHEAD + 1)
        assert source.asked() == 2
        secrets.forget("A")
        secrets.forget("B")
        source.release()
        await settle()
        assert secrets.report() == []
        with pytest.raises(NotWarmError):
            secrets.peek("A")
        assert await secrets.resolve("A") == "forgotten-0001"


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


async def test_a_source_that_hands_out_what_has_run_out_is_not_asked_without_end() -> (
    None
):
    source, secrets, clock = of(ScriptedSource, {}, ttl=None)
    source.hold("A", "ended-value-01", expires_at=clock() + 30)
    async with served(secrets):
        secrets.keep("A")
        await secrets.resolve("A")
        await clock.advance(600)
        assert source.asked() < 30
        with pytest.raises(ExpiredError):
            secrets.peek("A")
        with pytest.raises(ExpiredError):
            await secrets.resolve("A")
        source.hold("A", "fresh-value-02", expires_at=clock() + 6000)
        await clock.advance(120)
        assert secrets.peek("A") == "fresh-value-02"


async def test_a_refresh_that_comes_too_soon_is_done_once_it_may_be() -> None:
    source, secrets, clock = of(ScriptedSource, {"A": "too-soon-val-1"}, ttl=None)
    async with served(secrets):
        await secrets.resolve("A")
        source.hold("A", "too-soon-val-2")
        await clock.advance(5)
        await secrets.refresh("A", bad="another-value-1")
        for _ in range(3):
            await secrets.refresh("A")
        assert secrets.peek("A") == "too-soon-val-1"
        await clock.advance(6)
        assert secrets.peek("A") == "too-soon-val-2"
        assert source.asked() == 2
        await clock.advance(60)
        assert source.asked() == 2
