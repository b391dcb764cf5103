"""When what has failed is asked for again: bounded, spread, as the store wants it."""

from collections import Counter

import pytest

from secretscope import (
    CachedSecrets,
    MissingSecretError,
    NotWarmError,
    Policy,
    StoreUnavailableError,
)
from secretscope.testing import (
    HandClock,
    ScriptedSource,
)
from tests.cache.served import AHEAD, DOWN, MIDDLE, of, served


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
