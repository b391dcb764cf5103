"""What is forgotten stays forgotten: nothing that waits or is under way brings it back."""

from contextlib import suppress
from functools import partial
from typing import Any

import anyio
import pytest

from secretscope import CachedSecrets, MissingSecretError, Policy, Secret
from secretscope.testing import (
    HandClock,
    ScriptedBatches,
    ScriptedLeases,
    ScriptedSource,
)

PLACES = tuple(f"t/{number}/KEY" for number in range(5))
POLICY = Policy(ttl=100, timeout=1000, concurrency=1, refresh_gap=0)


class Both(ScriptedBatches, ScriptedLeases):
    """Fetches many at once, each a lease."""

    leased = frozenset(PLACES)


@pytest.mark.parametrize("kind", [ScriptedSource, ScriptedBatches])
async def test_what_waits_to_be_refreshed_or_is_being_refreshed_does_not_come_back(
    kind: type[ScriptedSource],
) -> None:
    clock = HandClock()
    source = kind({place: f"value-of-{place}" for place in PLACES}, clock=clock)
    cached = CachedSecrets(source, POLICY, clock=clock, chance=lambda: 0.5)
    async with anyio.create_task_group() as group:
        await group.start(cached.serve)
        await cached.resolve_many(PLACES)
        releases = {place: cached.keep(place) for place in PLACES}
        source.hang()
        await clock.advance(80)
        for place in (PLACES[0], PLACES[3]):
            releases[place]()
            cached.forget(place)
        asked = len(source.calls)
        source.release()
        await anyio.wait_all_tasks_blocked()
        left = {PLACES[1], PLACES[2], PLACES[4]}
        assert {status.ref for status in cached.report()} == left
        refreshed = {at for call in source.calls[asked:] for at in call.locations}
        assert refreshed <= left
        group.cancel_scope.cancel()


async def test_who_waits_for_what_is_forgotten_gets_it_and_it_is_not_kept() -> None:
    source = ScriptedSource({"A": "a-value-to-wait-for"})
    cached = CachedSecrets(source, POLICY)
    source.hang()
    found: list[Any] = []

    async def wait() -> None:
        found.append(await cached.resolve("A"))

    async with anyio.create_task_group() as group:
        group.start_soon(wait)
        await anyio.wait_all_tasks_blocked()
        cached.forget("A")
        source.release()
    assert found == ["a-value-to-wait-for"]
    assert cached.report() == []


async def test_that_a_forgotten_one_is_missing_is_not_kept_either() -> None:
    source = ScriptedSource()
    cached = CachedSecrets(source, POLICY)
    source.hang()

    async def wait() -> None:
        with pytest.raises(MissingSecretError):
            await cached.resolve("A")

    async with anyio.create_task_group() as group:
        group.start_soon(wait)
        await anyio.wait_all_tasks_blocked()
        cached.forget("A")
        source.release()
    assert cached.report() == []


async def test_a_lease_that_comes_too_late_is_given_back_at_the_end() -> None:
    clock = HandClock()
    source = Both(dict.fromkeys(PLACES, "a role"), clock=clock)
    cached = CachedSecrets(source, POLICY, clock=clock)
    async with anyio.create_task_group() as group:
        await group.start(cached.serve)
        source.hang()
        group.start_soon(cached.resolve_many, PLACES)
        await anyio.wait_all_tasks_blocked()
        cached.forget(PLACES[0])
        source.release()
        await anyio.wait_all_tasks_blocked()
        assert PLACES[0] not in {status.ref for status in cached.report()}
        await cached.aclose()
        group.cancel_scope.cancel()
    revoked = [call for call in source.calls if call.act == "revoke"]
    assert len(revoked) == len(PLACES)


@pytest.mark.parametrize("bad", [None, "the-old-value-00001"])
async def test_a_refresh_is_not_content_with_a_load_that_began_before_it(
    bad: str | None,
) -> None:
    source = ScriptedSource({"A": "the-old-value-00001"})
    cached = CachedSecrets(source, POLICY)
    began, go = anyio.Event(), anyio.Event()
    fetch = source.fetch

    async def slowly(location: str) -> Secret:
        secret = await fetch(location)
        began.set()
        await go.wait()
        return secret

    source.fetch = slowly  # type: ignore[method-assign]
    async with anyio.create_task_group() as group:
        group.start_soon(cached.resolve, "A")
        await began.wait()
        source.hold("A", "the-new-value-00001")
        group.start_soon(partial(cached.refresh, "A", bad=bad))
        await anyio.wait_all_tasks_blocked()
        go.set()
    assert cached.lookup_sync("A") == "the-new-value-00001"


@pytest.mark.parametrize("held", ["the-new-value-00001", None])
async def test_a_load_that_brings_another_value_or_none_is_enough(
    held: str | None,
) -> None:
    source = ScriptedSource({} if held is None else {"A": held})
    cached = CachedSecrets(source, POLICY)
    source.hang()

    async def read() -> None:
        with suppress(MissingSecretError):
            await cached.resolve("A")

    async with anyio.create_task_group() as group:
        group.start_soon(read)
        await anyio.wait_all_tasks_blocked()
        group.start_soon(partial(cached.refresh, "A", bad="the-old-value-00001"))
        await anyio.wait_all_tasks_blocked()
        source.release()
    assert len(source.calls) == 1
