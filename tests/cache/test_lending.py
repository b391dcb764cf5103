"""Copies that readers hold: called back in time, and to see whether anybody reads."""

import pytest

from secretscope import (
    ExpiredError,
    NotWarmError,
)
from secretscope.testing import ScriptedSource
from tests.cache.served import AHEAD, of, served


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
