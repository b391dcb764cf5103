"""A streamed answer of a real SDK may be left in every way, on both loops."""

import gc
from typing import Any

import anyio
import pytest

from secretscope import Agent, AnthropicModel, OpenAIModel
from secretscope.agent import TextEvent
from tests.agent.server import serving


@pytest.fixture(autouse=True)
def blockbuster() -> None:
    """Let the SDKs read their files as their first client is made."""


async def leave_by_break(agent: Agent) -> None:
    async for event in agent.stream("hi"):
        if isinstance(event, TextEvent):
            break


async def leave_by_error(agent: Agent) -> None:
    with pytest.raises(ZeroDivisionError):
        async for event in agent.stream("hi"):
            if isinstance(event, TextEvent):
                raise ZeroDivisionError


async def leave_by_cancelling(agent: Agent) -> None:
    with anyio.CancelScope() as scope:
        async for event in agent.stream("hi"):
            if isinstance(event, TextEvent):
                scope.cancel()
                await anyio.lowlevel.checkpoint()


async def leave_by_closing(agent: Agent) -> None:
    async with agent.stream("hi") as events:
        async for event in events:
            if isinstance(event, TextEvent):
                break
    assert [event async for event in events] == []


@pytest.mark.parametrize("kind", [AnthropicModel, OpenAIModel])
@pytest.mark.parametrize(
    "leave", [leave_by_break, leave_by_error, leave_by_cancelling, leave_by_closing]
)
async def test_a_stream_is_left(kind: Any, leave: Any) -> None:
    async with serving(good={"warm-key-000001"}) as server:
        model = kind("m", base_url=server.url, api_key="warm-key-000001")
        agent = Agent("x", model=model)
        await leave(agent)
        gc.collect()
        assert (await agent.run("hi")).output == "hello there"
    gc.collect()
