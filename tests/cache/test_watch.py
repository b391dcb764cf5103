"""A source's own watch: what it tells of is read anew, and it is begun anew itself."""

from collections.abc import AsyncGenerator

import anyio
import pytest

from secretscope import NotWarmError, StoreUnavailableError
from secretscope.testing import ScriptedLeases, ScriptedSource, ScriptedWatch, settle
from tests.cache.served import of, served


async def test_a_change_that_the_source_tells_of_is_read_at_once() -> None:
    source, secrets, _ = of(ScriptedWatch, {"A": "watched-value1"}, ttl=None)
    async with served(secrets):
        await secrets.resolve("A")
        assert source.watched == 1
        source.hold("A", "watched-value2")
        source.tell("A")
        source.tell("UNREAD")
        await settle()
        assert secrets.peek("A") == "watched-value2"
        assert source.asked() == 2
    assert source.watched == 0


async def test_a_change_beside_a_fetch_that_is_under_way_is_read_after_it() -> None:
    source, secrets, _ = of(ScriptedWatch, {"A": "watched-value3"}, ttl=None)
    async with served(secrets):
        await secrets.resolve("A")
        source.hang()
        source.tell("A")
        await settle()
        source.tell("A")
        await settle()
        assert source.asked() == 2
        source.release()
        await settle()
        assert source.asked() == 3


async def test_a_watch_that_dies_is_begun_anew_and_all_is_looked_at_again() -> None:
    source, secrets, clock = of(
        ScriptedWatch, {"A": "watched-value4", "B": "watched-value5"}, ttl=None
    )
    async with served(secrets):
        await secrets.resolve("A")
        await secrets.resolve("B")
        source.tell(StoreUnavailableError("the store", reason="the stream broke"))
        await settle()
        assert source.watched == 0
        assert "the stream broke" in secrets.health()
        source.hold("A", "watched-value6")  # nobody hears of it
        await clock.advance(1)
        assert source.watched == 1
        assert secrets.peek("A") == "watched-value6"
        assert source.asked("B") == 2
        source.tell("B")
        await settle()
        assert secrets.health() == "ok"


async def test_a_watch_that_ends_again_and_again_is_begun_less_and_less_often() -> None:
    class Brief(ScriptedWatch):
        begun = 0

        async def watch(self) -> AsyncGenerator[str]:
            self.begun += 1
            return
            yield ""

    source, secrets, clock = of(Brief, {}, ttl=None)
    async with served(secrets):
        await clock.advance(600)
    assert 10 <= source.begun <= 40


async def test_a_watch_that_held_for_long_begins_anew_as_at_first() -> None:
    source, secrets, clock = of(ScriptedWatch, {}, ttl=None)
    async with served(secrets):
        for _ in range(3):
            await clock.advance(100)
            source.tell(OSError("broken"))
            await clock.advance(1)
            assert source.watched == 1


async def test_any_iterator_will_do() -> None:
    class Stream:
        def __init__(self) -> None:
            self.changes = anyio.create_memory_object_stream[str](10)

        def __aiter__(self) -> "Stream":
            return self

        async def __anext__(self) -> str:
            return await self.changes[1].receive()

    class Plain(ScriptedSource):
        stream: Stream

        def watch(self) -> Stream:
            return self.stream

    source, secrets, _ = of(Plain, {"A": "watched-value7"}, ttl=None)
    source.stream = Stream()
    send, receive = source.stream.changes
    async with send, receive, served(secrets):
        await secrets.resolve("A")
        source.hold("A", "watched-value8")
        send.send_nowait("A")
        await settle()
        assert secrets.peek("A") == "watched-value8"


async def test_a_gap_makes_no_new_credential() -> None:
    class Leased(ScriptedWatch, ScriptedLeases):
        pass

    source, secrets, clock = of(Leased, {"db": "a role"}, ttl=None)
    async with served(secrets):
        await secrets.resolve("db#user")
        source.tell(OSError("broken"))
        await clock.advance(1)
        source.tell("db")
        await settle()
        assert source.made == 1


async def test_what_went_cold_stays_cold_whatever_its_source_tells() -> None:
    source, secrets, clock = of(ScriptedWatch, {"A": "watched-value9"}, ttl=60, idle=0)
    async with served(secrets):
        await secrets.resolve("A")
        await clock.advance(120)
        source.tell("A")
        await settle()
        assert source.asked() == 1
        with pytest.raises(NotWarmError):
            secrets.peek("A")
