"""A store that has an outage is asked by one at a time, until it answers again."""

import anyio
import pytest

from secretscope import (
    AccessDeniedError,
    MalformedSecretError,
    MissingSecretError,
    StoreUnavailableError,
)
from secretscope.testing import (
    ScriptedBatches,
    ScriptedSource,
    settle,
)
from tests.cache.served import DOWN, of, served


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
