"""Agents: tools, hooks, streams left early, bounds, and the audit log."""

import enum
import json
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from functools import partial
from pathlib import Path
from typing import Any, Literal

import anyio
import anyio.to_thread
import pytest

from secretscope import (
    Agent,
    AuditError,
    DictSecrets,
    NotSecretsError,
    RunTimeoutError,
    Secrets,
    ToolDefinitionError,
    Tuning,
    TurnLimitError,
)
from secretscope.agent import (
    AuditLog,
    Chunk,
    Deny,
    DoneEvent,
    JsonlAuditLog,
    Request,
    TextEvent,
    ToolCall,
    ToolResult,
    verify,
)

KEY = b"a signing key"


class Scripted:
    """A model that makes these calls, then says what came of them."""

    name = "scripted"

    def __init__(self, *calls: ToolCall, forever: bool = False) -> None:
        self.calls = calls
        self.forever = forever
        self.requests: list[Request] = []
        self.closed = 0

    def check(self, secrets: Secrets | None) -> None:
        return None

    async def stream(
        self, request: Request, secrets: Secrets | None
    ) -> AsyncGenerator[Chunk]:
        self.requests.append(request)
        results: Sequence[ToolResult] = request.messages[-1].results
        try:
            if self.calls and (not results or self.forever):
                for call in self.calls:
                    yield Chunk(call=call)
            else:
                for result in results:
                    yield Chunk(text=f"{result.output};")
                yield Chunk(text="end")
        finally:
            self.closed += 1


class Colour(enum.Enum):
    RED = "red"


def sync_tool(text: str, times: int = 1) -> str:
    """Say it."""
    return text * times


async def async_tool(
    a: float,
    b: list[int],
    c: dict[str, bool],
    d: Literal["x"],
    e: str | None,
    f: Colour,
) -> dict[str, object]:
    return {"a": a}


async def failing() -> str:
    raise ValueError("api_key=sk-abcDEF0123456789abcDEF01")


async def hanging() -> str:
    await anyio.sleep_forever()
    return ""


async def test_tools_are_called_at_once_and_fail_softly() -> None:
    args = {"a": 1.5, "b": [], "c": {}, "d": "x", "e": None, "f": "red"}
    model = Scripted(
        ToolCall("1", "sync_tool", {"text": "ab", "times": 2}),
        ToolCall("2", "async_tool", args),
        ToolCall("3", "failing", {}),
        ToolCall("4", "hanging", {}),
        ToolCall("5", "nowhere", {}),
        ToolCall("6", "sync_tool", {"wrong": 1}),
    )
    tools: list[Callable[..., Any]] = [sync_tool, async_tool, failing, hanging]
    tuning = Tuning(tool_timeout=0.05)
    result = await Agent("x", model=model, tools=tools, tuning=tuning).run("go")
    said = result.output.split(";")
    assert said[:2] == ["abab", '{"a": 1.5}']
    assert said[2].startswith("ValueError")
    assert said[3] == "no answer within 0.05 s"
    assert "no such tool" in said[4]
    assert "TypeError" in said[5]
    schema = model.requests[0].tools[1].schema
    assert schema["properties"]["f"] == {"enum": ["red"]}
    assert schema["properties"]["d"] == {"enum": ["x"]}
    assert model.requests[0].tools[0].schema["required"] == ["text"]


def test_a_tool_that_no_schema_can_say_is_refused() -> None:
    def starred(*args: str) -> str:
        return ""

    def odd(value: object) -> str:
        return ""

    def deep(value: dict[str, list[object]]) -> str:
        return ""

    refused: list[list[Any]] = [[starred], [odd], [deep], [7], [sync_tool, sync_tool]]
    for tools in refused:
        with pytest.raises(ToolDefinitionError, match="cannot be a tool"):
            Agent("x", model="echo", tools=tools)


async def test_the_first_denial_wins_and_a_broken_hook_denies() -> None:
    call = ToolCall("1", "sync_tool", {"text": "raw-argument"})
    log = AuditLog()
    agent = Agent("x", model=Scripted(call), tools=[sync_tool], audit_log=log)
    seen: list[object] = []

    @agent.before_tool
    async def look(call: ToolCall) -> Deny | None:
        seen.append(call.args["text"])
        return None

    @agent.after_tool
    async def after(call: ToolCall, result: ToolResult) -> None:
        seen.append(result.output)

    assert (await agent.run("go")).output == "raw-argument;end"

    @agent.before_tool
    async def deny(call: ToolCall) -> Deny | None:
        return Deny("not today")

    assert (await agent.run("go")).output == "denied: not today;end"
    other = Agent("x", model=Scripted(call), tools=[sync_tool])
    other.before_tool(lambda call: None)  # type: ignore[arg-type,return-value]
    assert "denied: a hook failed: TypeError" in (await other.run("go")).output
    third = Agent("x", model=Scripted(call), tools=[sync_tool])

    @third.before_tool
    async def text(call: ToolCall) -> Any:
        return "a reason"

    assert "denied: a reason" in (await third.run("go")).output
    assert seen[:2] == ["raw-argument", "raw-argument"]
    kinds = [entry["kind"] for entry in log.entries]
    assert kinds[:4] == ["run", "tool_call", "tool_result", "done"]
    assert "denial" in kinds


async def test_a_stream_may_be_left_in_every_way() -> None:
    model = Scripted()
    agent = Agent("x", model=model)
    async with aclosing(agent.stream("a")) as events:
        async for event in events:
            assert isinstance(event, TextEvent)
            break
    with pytest.raises(ValueError, match="mine"):
        async with agent.stream("b") as opened:
            async for _ in opened:
                raise ValueError("mine")
    with anyio.CancelScope() as scope:
        async with agent.stream("c") as opened:
            async for _ in opened:
                scope.cancel()
                await anyio.lowlevel.checkpoint()
    last = [event async for event in agent.stream("d")][-1]
    assert isinstance(last, DoneEvent)
    assert model.closed == 4


async def test_a_run_is_bounded() -> None:
    call = ToolCall("1", "hanging", {})
    agent = Agent("x", model=Scripted(call), tools=[hanging], timeout=0.05)
    with pytest.raises(RunTimeoutError, match=r"0\.05 s"):
        await agent.run("go")
    again = ToolCall("1", "sync_tool", {"text": "a"})
    log = AuditLog()
    looping = Agent(
        "x",
        model=Scripted(again, forever=True),
        tools=[sync_tool],
        max_turns=3,
        audit_log=log,
    )
    with pytest.raises(TurnLimitError, match="3 turns"):
        await looping.run("go")
    assert log.entries[-1]["kind"] == "error"


def test_tuning_takes_what_it_knows() -> None:
    with pytest.raises(TypeError):
        Tuning(unknown=1)  # type: ignore[call-arg]
    with pytest.raises(NotSecretsError, match="lookup_sync"):
        Tuning(secrets=object())  # type: ignore[arg-type]
    with pytest.raises(NotSecretsError, match="pass an instance"):
        Tuning(secrets=DictSecrets)  # type: ignore[arg-type]
    with pytest.raises(AttributeError):
        Tuning().retries = 1  # type: ignore[misc]


async def test_entries_are_masked_before_they_are_written(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    key = "sk-abcDEF0123456789abcDEF01"
    agent = Agent("x", model="echo", audit_log=path)
    await agent.run(f"use {key}")
    text = path.read_text()
    assert key not in text
    assert "[REDACTED]" in text
    assert path.stat().st_mode & 0o777 == 0o600
    log = AuditLog()
    await log.write("x", nested={"k": [key, 1, None, True]}, other={1, 2}, n=1.5)
    assert key not in str(log.entries)


async def test_a_signed_log_shows_every_change(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    for part in range(2):  # continued by a second process
        log = JsonlAuditLog(path, key=KEY, clock=lambda: 7.0)
        for number in range(3):
            await log.write("entry", number_of=f"{part}.{number}")
    check = partial(verify, path, key=KEY)
    assert await anyio.to_thread.run_sync(check) == 6
    entries = [json.loads(line) for line in path.read_text().splitlines()]
    edited = [dict(entry) for entry in entries]
    edited[2]["number_of"] = "other"
    deleted = entries[:2] + entries[3:]
    moved = [entries[1], entries[0], *entries[2:]]
    for wrong in (edited, deleted, moved):
        with pytest.raises(AuditError):
            verify(wrong, key=KEY)
    with pytest.raises(AuditError, match="edited"):
        verify(entries, key=b"another key")
    assert verify([], key=KEY) == 0
