"""Home: what becomes of a call that is handed over at an awkward moment."""

import anyio
import anyio.lowlevel
import pytest

from secretscope import ScopeClosedError, SecretsBackend
from secretscope.scopes import Home


async def test_a_call_that_nobody_waits_for_any_longer_does_not_begin() -> None:
    made: list[str] = []

    async def act() -> None:
        await anyio.lowlevel.checkpoint()
        made.append("made")

    async with anyio.create_task_group() as group:
        home = Home()
        group.start_soon(home.serve)
        errand = home._send(act)
        home._drop(errand)
        other = home._send(act)
        while not other.answer.done():
            await anyio.lowlevel.checkpoint()
        home._drop(other)
        group.cancel_scope.cancel()
    assert made == ["made"]
    assert not errand.answer.done()


async def test_what_is_on_its_way_as_home_closes_is_told_and_not_made() -> None:
    async with anyio.create_task_group() as group:
        home = Home()
        group.start_soon(home.serve)
        errand = home._send(anyio.sleep_forever)
        home.close()
        for _ in range(3):
            await anyio.lowlevel.checkpoint()
        group.cancel_scope.cancel()
    with pytest.raises(ScopeClosedError):
        errand.answer.result()


async def test_an_answer_that_comes_after_the_end_is_nobodys() -> None:
    async def act() -> str:
        home.close()
        return "late"

    async with anyio.create_task_group() as group:
        home = Home()
        group.start_soon(home.serve)
        errand = home._send(act)
        while not errand.answer.done():
            await anyio.lowlevel.checkpoint()
        group.cancel_scope.cancel()
    with pytest.raises(ScopeClosedError):
        errand.answer.result()


async def test_without_a_lifetime_each_call_is_made_where_it_is_asked_for() -> None:
    backend = SecretsBackend({"backend": "dict", "dict": {"KEY": "plain-key-00001"}})
    assert await backend().resolve("KEY") == "plain-key-00001"


@pytest.mark.parametrize("loop", ["asyncio", "trio"])
def test_a_loop_that_ended_without_a_word_is_told(loop: str) -> None:
    async def leave() -> Home:
        return Home()

    home = anyio.run(leave, backend=loop)
    home._thread = 0
    with pytest.raises(ScopeClosedError, match="the loop of the lifetime"):
        home.call(leave)
