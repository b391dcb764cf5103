"""Refreshes in the background: in batches, so many at once, one task for all parts."""

import anyio
import pytest

from secretscope import (
    ExpiredError,
    NotWarmError,
)
from secretscope.testing import ScriptedBatches, ScriptedSource, settle
from secretscope.values import Rotation
from tests.cache.served import AHEAD, of, served


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
