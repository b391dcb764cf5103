"""Failure without loss: what is stale, what is gone, and how often a store is asked."""

import logging
from collections import Counter

import anyio
import pytest

from secretscope import (
    AccessDeniedError,
    CachedSecrets,
    DeletedSecretError,
    DestroyedSecretError,
    ExpiredError,
    MalformedSecretError,
    MissingSecretError,
    NotWarmError,
    Policy,
    Secret,
    StoreTimeoutError,
    StoreUnavailableError,
)
from secretscope.cache import Observer, Request, observe
from secretscope.testing import (
    HandClock,
    ScriptedBatches,
    ScriptedSource,
    settle,
)
from secretscope.values import Rotation
from tests.cache.served import AHEAD, MIDDLE, of, served

DOWN = StoreUnavailableError("the store", reason="503, sealed")
OUTAGES = [
    DOWN,
    StoreTimeoutError("the store", seconds=1),
    ConnectionResetError("reset"),
    OSError("no route"),
]


@pytest.mark.parametrize("error", OUTAGES, ids=lambda error: type(error).__name__)
async def test_an_outage_is_read_through_for_max_stale_and_then_is_an_error(
    error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    source, secrets, clock = of(
        ScriptedSource, {"A": "stale-value-01"}, ttl=60, max_stale=600
    )
    caplog.set_level(logging.INFO)
    async with served(secrets):
        secrets.keep("A")
        await secrets.resolve("A")
        source.fail(error)
        await clock.advance(59)
        [status] = secrets.report()
        assert not status.stale
        assert status.error is not None
        await clock.advance(500)
        assert secrets.peek("A") == await secrets.resolve("A") == "stale-value-01"
        [status] = secrets.report()
        assert status.stale
        assert status.left == 60 + 600 - 559
        await clock.advance(101)
        with pytest.raises(ExpiredError):
            secrets.peek("A")
        with pytest.raises(type(error)):
            await secrets.resolve("A")
        source.mend()
        await clock.advance(61)
        assert secrets.peek("A") == "stale-value-01"
        assert secrets.report()[0].error is None
    told = [record.message for record in caplog.records]
    assert any("is read as it is for" in line for line in told)
    assert any("is fetched again, after" in line for line in told)
    assert "stale-value" not in caplog.text
    assert len(told) < 30


async def test_an_outage_is_read_through_where_nobody_serves() -> None:
    source, secrets, clock = of(
        ScriptedSource, {"A": "unserved-stale1"}, ttl=60, max_stale=600
    )
    await secrets.resolve("A")
    clock.now += 100
    with pytest.raises(ExpiredError):
        secrets.peek("A")  # nobody knows of the outage yet
    source.fail(DOWN)
    assert await secrets.resolve("A") == "unserved-stale1"
    assert secrets.peek("A") == "unserved-stale1"
    assert await secrets.resolve_many(["A"]) == {"A": "unserved-stale1"}
    for _ in range(100):
        await secrets.resolve("A")
    assert source.asked() < 10
    clock.now += 560
    with pytest.raises(StoreUnavailableError):
        await secrets.resolve("A")


async def test_a_value_that_its_store_ends_is_never_read_past_that_end() -> None:
    source, secrets, clock = of(ScriptedSource, {}, ttl=60, max_stale=600)
    source.hold("A", "bounded-value1", expires_at=clock() + 100)
    async with served(secrets):
        secrets.keep("A")
        await secrets.resolve("A")
        source.fail(DOWN)
        await clock.advance(99)
        assert secrets.peek("A") == "bounded-value1"
        await clock.advance(1)
        with pytest.raises(ExpiredError):
            secrets.peek("A")


@pytest.mark.parametrize(
    "error",
    [
        MissingSecretError("A", where="the store"),
        DeletedSecretError("A", where="the store"),
        DestroyedSecretError("A", where="the store"),
    ],
    ids=lambda error: type(error).__name__,
)
async def test_what_is_gone_is_never_stale_and_says_how(
    error: MissingSecretError,
) -> None:
    source, secrets, clock = of(ScriptedSource, {"A": "gone-value-001"}, ttl=60)
    await secrets.resolve("A")
    clock.now += 60
    source.drop("A", error)
    with pytest.raises(type(error)):
        await secrets.resolve("A")
    source.fail(DOWN)
    with pytest.raises(type(error)) as caught:
        secrets.peek("A")
    assert type(caught.value) is type(error)
    with pytest.raises(type(error), match="A#x"):
        secrets.peek("A#x")


async def test_a_denial_ends_what_was_read_and_is_told_as_a_rotation() -> None:
    source, secrets, clock = of(
        ScriptedSource, {"A": "denied-value01", "B": "denied-value02"}, ttl=60
    )
    told: list[Rotation] = []
    secrets.on_rotation(told.append)
    async with served(secrets):
        secrets.keep("A")
        await secrets.resolve("A")
        await secrets.resolve("B")
        source.deny("A")
        source.deny("B")
        await clock.advance(60)
        for ref in ("A", "B"):
            with pytest.raises(NotWarmError):
                secrets.peek(ref)
            with pytest.raises(AccessDeniedError):
                await secrets.resolve(ref)
        source.hold("A", "denied-value01")
        await clock.advance(120)
        assert secrets.peek("A") == "denied-value01"  # it is kept, and was tried again
    changes = [(rotation.ref, rotation.old, rotation.new) for rotation in told]
    assert sorted(changes[:2]) == [("A", "1", None), ("B", "1", None)]
    assert changes[2:] == [("A", None, "2")]


async def test_a_denial_of_what_was_never_read_is_only_an_error() -> None:
    source, secrets, _ = of(ScriptedSource, {"A": "never-read-0001"})
    source.deny("A")
    with pytest.raises(AccessDeniedError):
        await secrets.resolve("A")
    [status] = secrets.report()
    assert (status.ref, status.age) == ("A", None)
    assert "refused" in str(status.error)


async def test_a_broken_answer_changes_nothing_until_the_end_of_what_was_read() -> None:
    source, secrets, clock = of(ScriptedSource, {"A": "whole-value-001"}, ttl=60)
    async with served(secrets):
        secrets.keep("A")
        await secrets.resolve("A")
        source.hold("A", Secret({"a": b"bytes"}))  # type: ignore[dict-item]
        await clock.advance(59)
        assert secrets.peek("A") == "whole-value-001"
        await clock.advance(1)
        with pytest.raises(ExpiredError):
            secrets.peek("A")
        with pytest.raises(MalformedSecretError):
            await secrets.resolve("A")
        source.hold("A", "whole-value-002")
        await clock.advance(61)
        assert secrets.peek("A") == "whole-value-002"


async def test_a_kept_need_that_never_could_be_fetched_is_tried_again() -> None:
    source, secrets, clock = of(ScriptedSource, {"A": "late-value-001"}, ttl=60)
    async with served(secrets):
        secrets.keep("A")
        source.fail(DOWN, times=3)
        with pytest.raises(StoreUnavailableError):
            await secrets.resolve("A")
        with pytest.raises(NotWarmError):
            secrets.peek("A")
        await clock.advance(30)
        assert secrets.peek("A") == "late-value-001"
        source.fail(DOWN)
        with pytest.raises(StoreUnavailableError):
            await secrets.resolve("B")
        let_go = secrets.keep("C")
        with pytest.raises(StoreUnavailableError):
            await secrets.resolve("C")
        let_go()
        assert {s.ref for s in secrets.report() if s.age is not None} == {"A"}


async def test_an_outage_never_makes_a_negative_entry() -> None:
    source, secrets, clock = of(ScriptedSource, {}, negative_ttl=5)
    source.fail(DOWN)
    with pytest.raises(StoreUnavailableError):
        await secrets.resolve("A")
    with pytest.raises(NotWarmError):
        secrets.peek("A")
    source.mend()
    with pytest.raises(MissingSecretError):
        await secrets.resolve("A")
    source.fail(DOWN)
    clock.now += 4.9
    with pytest.raises(MissingSecretError):
        await secrets.resolve("A")
    clock.now += 0.1
    with pytest.raises(StoreUnavailableError):
        await secrets.resolve("A")
    with pytest.raises(NotWarmError):
        secrets.peek("A")


async def test_the_stores_own_retry_after_is_honoured_and_capped() -> None:
    source, secrets, clock = of(
        ScriptedSource, {"A": "limited-value1"}, backoff={"first": 1, "most": 60}
    )
    source.fail(StoreUnavailableError("the store", reason="429", retry_after=20))
    with pytest.raises(StoreUnavailableError):
        await secrets.resolve("A")
    clock.now += 19.9
    with pytest.raises(StoreUnavailableError):
        await secrets.resolve("A")
    found = await secrets.resolve_many(["A"])
    assert isinstance(found["A"], StoreUnavailableError)
    assert source.asked() == 1
    source.mend()
    source.fail(StoreUnavailableError("the store", reason="429", retry_after=10**6))
    clock.now += 0.1
    with pytest.raises(StoreUnavailableError):
        await secrets.resolve("A")
    source.mend()
    clock.now += 59.9
    with pytest.raises(StoreUnavailableError):
        await secrets.resolve("A")
    clock.now += 0.1
    assert await secrets.resolve("A") == "limited-value1"
    assert source.asked() == 3


async def test_background_retries_honour_retry_after_too() -> None:
    source, secrets, clock = of(ScriptedSource, {"A": "limited-value2"}, ttl=60)
    async with served(secrets):
        secrets.keep("A")
        await secrets.resolve("A")
        source.fail(StoreUnavailableError("the store", retry_after=45), times=1)
        await clock.advance(60 * AHEAD + 2)
        assert source.asked() == 2
        await clock.advance(42)
        assert source.asked() == 2
        await clock.advance(3)
        assert source.asked() == 3


@pytest.mark.parametrize("chance", [0.0, MIDDLE, 1.0])
async def test_attempts_a_minute_are_bounded_however_often_it_is_asked_for(
    chance: float,
) -> None:
    clock = HandClock()
    source = ScriptedSource({}, clock=clock)
    secrets = CachedSecrets(
        source, Policy(attempts=20), clock=clock, chance=lambda: chance
    )
    source.fail(DOWN)
    async with served(secrets):
        secrets.keep("A")
        for _ in range(300):  # two minutes of hammering
            for _ in range(4):
                with pytest.raises(StoreUnavailableError):
                    await secrets.resolve("A")
            await clock.advance(0.4)
    minutes = Counter(int((call.at - 1000) // 60) for call in source.calls)
    assert all(count <= 21 for count in minutes.values())


async def test_a_store_that_fails_for_several_is_asked_by_one_at_a_time() -> None:
    held = {f"R{n}": f"circuit-value-{n:03}" for n in range(200)}
    source, secrets, clock = of(ScriptedSource, held, attempts=20, concurrency=4)
    source.fail(DOWN)
    shared = 0
    for number in range(200):
        with pytest.raises(StoreUnavailableError) as caught:
            await secrets.resolve(f"R{number}")
        shared += not caught.value.asked
        clock.now += 0.5
    assert source.asked() < 30
    assert shared > 170
    assert secrets.health() == "the store has an outage"
    source.mend()
    clock.now += 120
    assert (await secrets.resolve_many(list(held)))["R7"] == "circuit-value-007"
    assert secrets.health() == "ok"


async def test_who_comes_while_the_store_is_tried_waits_for_what_that_finds() -> None:
    held = {f"R{n}": f"probe-value-{n:05}" for n in range(6)}
    source, secrets, clock = of(ScriptedSource, held)
    source.fail(DOWN)
    for ref in ("R0", "R1", "R2"):
        with pytest.raises(StoreUnavailableError):
            await secrets.resolve(ref)
    found: list[object] = []

    async def read(ref: str) -> None:
        try:
            found.append(await secrets.resolve(ref))
        except StoreUnavailableError as error:
            found.append(error.asked)

    async def both() -> list[str]:
        """Return what two find of whom one is the next to try."""
        clock.now += 120
        source.hang()
        found.clear()
        before = source.asked()
        async with anyio.create_task_group() as group:
            group.start_soon(read, "R3")
            group.start_soon(read, "R4")
            await settle()
            assert source.asked() == before + 1
            source.release()
        return sorted(map(str, found))

    assert await both() == ["False", "True"]
    source.mend()
    assert await both() == ["probe-value-00003", "probe-value-00004"]


async def test_a_probe_that_is_given_up_lets_the_next_one_try() -> None:
    source, secrets, clock = of(ScriptedSource, {"R4": "next-probe-001"})
    source.fail(DOWN)
    for ref in ("R0", "R1", "R2"):
        with pytest.raises(StoreUnavailableError):
            await secrets.resolve(ref)
    source.mend()
    clock.now += 120
    source.hang()
    async with served(secrets):
        with anyio.move_on_after(0):
            await secrets.resolve("R3")
        source.release()
        await settle()
        assert await secrets.resolve("R4") == "next-probe-001"


async def test_one_secret_that_fails_is_not_the_stores_outage() -> None:
    source, secrets, clock = of(ScriptedSource, {"A": "healthy-value1"})
    source.fail(DOWN, on="B")
    for _ in range(100):
        with pytest.raises(StoreUnavailableError):
            await secrets.resolve("B")
        clock.now += 1
    assert await secrets.resolve("A") == "healthy-value1"
    assert secrets.health() == "ok"


async def test_a_batch_that_fails_is_the_stores_outage_and_answers_are_not() -> None:
    held = {f"R{n}": f"batch-health-{n:04}" for n in range(5)}
    source, secrets, clock = of(ScriptedBatches, held)
    source.fail(DOWN, times=1)
    found = await secrets.resolve_many(list(held))
    assert {type(answer) for answer in found.values()} == {StoreUnavailableError}
    found = await secrets.resolve_many(list(held))  # the store has a pause
    assert {getattr(answer, "asked", None) for answer in found.values()} == {False}
    assert source.asked() == 1
    clock.now += 120
    assert (await secrets.resolve_many(["R1", "R2"]))["R1"] == "batch-health-0001"


async def test_a_batch_that_is_given_up_lets_the_next_one_try() -> None:
    held = {f"R{n}": f"batch-probe-{n:05}" for n in range(5)}
    source, secrets, clock = of(ScriptedBatches, held)
    source.fail(DOWN, times=1)
    await secrets.resolve_many(list(held))
    clock.now += 120
    source.hang()
    with anyio.move_on_after(0):
        await secrets.resolve_many(["R1", "R2"])
    source.release()
    assert (await secrets.resolve_many(["R1", "R2"]))["R2"] == "batch-probe-00002"


async def test_a_batch_may_have_gaps() -> None:
    held = {f"R{n}": f"partial-value{n:03}" for n in range(25)}
    source, secrets, _ = of(ScriptedBatches, held)
    source.drop("R3")
    source.deny("R4")
    found = await secrets.resolve_many([*held, "R5#x", "R3#x"])
    assert isinstance(found.pop("R3"), MissingSecretError)
    assert isinstance(found.pop("R4"), AccessDeniedError)
    assert isinstance(found.pop("R5#x"), MalformedSecretError)
    assert isinstance(found.pop("R3#x"), MissingSecretError)
    assert found == {r: v for r, v in held.items() if r not in ("R3", "R4")}
    assert source.asked() == 1
    assert await secrets.resolve_many(["R1", "R2"]) == {
        "R1": held["R1"],
        "R2": held["R2"],
    }


async def test_a_timeout_is_by_the_clock_that_was_handed_in() -> None:
    source, secrets, clock = of(ScriptedSource, {"A": "hanging-value1"}, timeout=10)
    source.hang()
    failed: list[str] = []

    async def read() -> None:
        with pytest.raises(StoreTimeoutError) as caught:
            await secrets.resolve("A")
        failed.append(str(caught.value))

    async with served(secrets), anyio.create_task_group() as group:
        group.start_soon(read)
        await clock.advance(9.9)
        assert failed == []
        await clock.advance(0.2)
        assert len(failed) == 1


async def test_a_refresh_that_hangs_past_the_end_leaves_the_value_for_max_stale() -> (
    None
):
    source, secrets, clock = of(
        ScriptedSource, {"A": "slow-store-001"}, ttl=30, timeout=60, max_stale=100
    )
    async with served(secrets):
        secrets.keep("A")
        await secrets.resolve("A")
        source.hang()
        await clock.advance(70)
        assert secrets.peek("A") == "slow-store-001"
        assert await secrets.resolve("A") == "slow-store-001"  # it waits for nobody
        assert secrets.report()[0].stale


async def test_an_outage_of_what_nobody_keeps_is_told_by_the_next_await() -> None:
    source, secrets, clock = of(
        ScriptedSource, {"A": "unkept-stale01"}, ttl=60, idle=0, max_stale=600
    )
    async with served(secrets):
        await secrets.resolve("A")
        source.fail(DOWN)
        secrets.peek("A")
        await clock.advance(30)
        with pytest.raises(StoreUnavailableError):
            await secrets.refresh("A")
        await clock.advance(90)
        assert await secrets.resolve("A") == "unkept-stale01"
        assert secrets.report()[0].stale


async def test_a_refresh_that_is_asked_for_tells_of_the_failure() -> None:
    source, secrets, clock = of(ScriptedSource, {"A": "asked-refresh1"}, ttl=None)
    await secrets.resolve("A")
    clock.now += 10
    source.fail(DOWN, times=1)
    with pytest.raises(StoreUnavailableError):
        await secrets.refresh("A")
    assert secrets.peek("A") == "asked-refresh1"
    source.drop("A")
    await secrets.refresh("A")
    with pytest.raises(MissingSecretError):
        secrets.peek("A")


async def test_who_looks_on_is_told_of_requests_refreshes_and_stale_reads() -> None:
    source, secrets, clock = of(ScriptedSource, {"A": "observed-val01"}, ttl=60)
    requests: list[Request] = []
    refreshed: list[Rotation | None] = []
    stale: list[str] = []

    class Looking:
        def requested(self, request: Request) -> None:
            requests.append(request)

        def refreshed(self, store: str, ref: str, *, rotation: Rotation | None) -> None:
            refreshed.append(rotation)

        def stale(self, store: str, ref: str) -> None:
            stale.append(f"{store} {ref}")

    looking = Looking()
    assert isinstance(looking, Observer)
    stop = observe(looking)
    try:
        await secrets.resolve("A")
        await secrets.store("A", "observed-val02")
        clock.now += 60
        source.fail(DOWN)
        await secrets.resolve("A")
    finally:
        stop()
    await secrets.resolve("A")
    assert [(r.act, r.error) for r in requests] == [
        ("fetch", None),
        ("put", None),
        ("fetch", None),
        ("fetch", "StoreUnavailableError"),
    ]
    assert [r.new for r in refreshed if r] == ["2"]
    assert stale == ["the store A"]


async def test_troubles_and_misses_are_swept_where_nobody_serves() -> None:
    source, secrets, clock = of(ScriptedSource, {"A": "swept-value-01"}, ttl=60)
    secrets.keep("A")
    await secrets.resolve("A")
    source.fail(DOWN, on="B")
    with pytest.raises(StoreUnavailableError):
        await secrets.resolve("B")
    source.fail(DOWN, on="C")
    for number in range(2500):
        with pytest.raises(MissingSecretError):
            await secrets.resolve(f"GUESSED_{number}")
        if number % 10 == 0:
            with pytest.raises(StoreUnavailableError):
                await secrets.resolve("C")
        clock.now += 10
    assert len(secrets.report()) < 1100
    assert not any(status.ref == "B" for status in secrets.report())


async def test_foreign_errors_are_handed_on_and_only_their_kind_is_told(
    caplog: pytest.LogCaptureFixture,
) -> None:
    source, secrets, _ = of(ScriptedSource, {})
    source.fail(ValueError("a-value-in-an-error"))
    with caplog.at_level(logging.DEBUG), pytest.raises(ValueError, match="a-value"):
        await secrets.resolve("A")
    assert "a-value" not in caplog.text
    assert secrets.report()[0].error == "ValueError"
    found = await secrets.resolve_many(["A", "B"])
    assert {type(answer).__name__ for answer in found.values()} == {"ValueError"}
