"""Failure without loss: what is stale, what is gone, and how often a store is asked."""

import logging

import anyio
import pytest

from secretscope import (
    AccessDeniedError,
    DeletedSecretError,
    DestroyedSecretError,
    ExpiredError,
    MalformedSecretError,
    MissingSecretError,
    NotWarmError,
    Secret,
    StoreTimeoutError,
    StoreUnavailableError,
)
from secretscope.testing import (
    ScriptedSource,
)
from secretscope.values import Rotation
from tests.cache.served import DOWN, of, served

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
