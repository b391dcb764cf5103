"""One run: ask the model, call its tools, and again, until it is done."""

from __future__ import annotations

import uuid
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from contextvars import Context
from typing import Any

import anyio
from attrs import define, field

from secretscope.agent._audit import AuditSink
from secretscope.agent._events import (
    Deny,
    DoneEvent,
    Event,
    RunResult,
    TextEvent,
    ToolCallEvent,
    ToolResultEvent,
)
from secretscope.agent._messages import (
    Chunk,
    Message,
    Model,
    Request,
    ToolCall,
    ToolResult,
)
from secretscope.agent._tools import Tool
from secretscope.agent._tuning import Tuning
from secretscope.errors import TurnLimitError
from secretscope.protocols import Secrets
from secretscope.redaction import TextStream, mask_known, stream_known

Before = Callable[[ToolCall], Awaitable[Deny | None]]
After = Callable[[ToolCall, ToolResult], Awaitable[None]]


@define
class _Heard:
    """What a model has said so far in one turn, its text masked."""

    masked: TextStream
    text: str = ""
    calls: list[ToolCall] = field(factory=list[ToolCall])

    def take(self, chunk: Chunk) -> str:
        """Take in a piece, and return the text that may go out."""
        if chunk.call is not None:
            self.calls.append(chunk.call)
        said = self.masked.feed(chunk.text)
        self.text += said
        return said

    def end(self) -> str:
        """Return the text that still waited."""
        rest = self.masked.close()
        self.text += rest
        return rest


@define
class Run:
    """What one run needs, and what has come of it so far."""

    model: Model
    instructions: str
    tools: dict[str, Tool]
    tuning: Tuning
    secrets: Secrets | None
    audit_log: AuditSink | None
    before: Sequence[Before]
    after: Sequence[After]
    max_turns: int
    context: Context
    threads: anyio.CapacityLimiter
    messages: list[Message] = field(factory=list[Message])
    tokens_in: int = 0
    tokens_out: int = 0
    session_id: str = field(factory=lambda: uuid.uuid4().hex)

    @property
    def _tenant(self) -> str | None:
        return getattr(self.secrets, "tenant", None)

    async def events(self, prompt: str) -> AsyncGenerator[Event]:
        """Yield what happens, and at the end the result.

        Raises:
            TurnLimitError: The model was still calling tools after its last turn.
        """
        self.messages.append(Message("user", prompt))
        await self._note("run", model=self.model.name, prompt=prompt)
        try:
            async with aclosing(self._turns()) as events:
                async for event in events:
                    yield event
        except Exception as error:
            await self._note("error", error=f"{type(error).__name__}: {error}")
            raise

    async def _turns(self) -> AsyncGenerator[Event]:
        for turn in range(1, self.max_turns + 1):
            heard = _Heard(stream_known(tenant=self._tenant))
            async with aclosing(
                self.model.stream(self._request(), self.secrets)
            ) as chunks:
                async for chunk in chunks:
                    self.tokens_in += chunk.tokens_in
                    self.tokens_out += chunk.tokens_out
                    if said := heard.take(chunk):
                        yield TextEvent(said)
            if rest := heard.end():
                yield TextEvent(rest)
            text, calls = heard.text, heard.calls
            self.messages.append(Message("assistant", text, calls=tuple(calls)))
            if not calls:
                yield DoneEvent(await self._done(text, turn))
                return
            for call in calls:
                yield ToolCallEvent(call)
            results = await self._call_all(calls)
            for result in results:
                yield ToolResultEvent(result)
            self.messages.append(Message("user", results=tuple(results)))
        raise TurnLimitError(turns=self.max_turns)

    async def _done(self, output: str, turns: int) -> RunResult:
        await self._note("done", output=output, turns=turns)
        return RunResult(
            output, turns, self.tokens_in, self.tokens_out, self.session_id
        )

    def _request(self) -> Request:
        return Request(
            instructions=self.instructions,
            messages=tuple(self.messages),
            tools=tuple(tool.spec for tool in self.tools.values()),
            max_tokens=self.tuning.max_tokens,
            temperature=self.tuning.temperature,
            retries=self.tuning.retries,
            retry_cap=self.tuning.retry_cap,
        )

    async def _call_all(self, calls: Sequence[ToolCall]) -> list[ToolResult]:
        """Call all tools at once, where the run was called and not where it is read."""
        results: dict[str, ToolResult] = {}

        async def one(call: ToolCall) -> None:
            results[call.id] = await self._call(call)

        async with anyio.create_task_group() as group:
            for call in calls:
                self.context.copy().run(group.start_soon, one, call)
        return [results[call.id] for call in calls]

    async def _call(self, call: ToolCall) -> ToolResult:
        await self._note("tool_call", tool=call.name, args=call.args)
        denial = await self._denial(call)
        if denial is not None:
            await self._note("denial", tool=call.name, reason=denial.reason)
            result = self._answer(call, f"denied: {denial.reason}", failed=True)
        else:
            result = await self._try(call)
            await self._note("tool_result", tool=call.name, output=result.output)
        for hook in self.after:
            await hook(call, result)
        return result

    async def _try(self, call: ToolCall) -> ToolResult:
        tool = self.tools.get(call.name)
        if tool is None:
            known = ", ".join(self.tools) or "none"
            return self._answer(call, f"no such tool: there are {known}", failed=True)
        said: str | None = None
        failed = False
        with anyio.move_on_after(self.tuning.tool_timeout) as scope:
            try:
                said = await tool.call(call.args, self.context, self.threads)
            except Exception as error:  # noqa: BLE001 - the model is told, and may mend it
                said, failed = f"{type(error).__name__}: {error}", True
        if said is None or scope.cancelled_caught:
            limit = f"{self.tuning.tool_timeout:g} s"
            return self._answer(call, f"no answer within {limit}", failed=True)
        return self._answer(call, said, failed=failed)

    def _answer(self, call: ToolCall, said: str, *, failed: bool) -> ToolResult:
        masked = mask_known(said, tenant=self._tenant)
        return ToolResult(call.id, call.name, masked, failed)

    async def _denial(self, call: ToolCall) -> Deny | None:
        for hook in self.before:
            try:
                decision: Any = await hook(call)
            except Exception as error:  # noqa: BLE001 - in doubt, no
                return Deny(f"a hook failed: {type(error).__name__}")
            if decision is not None:
                return decision if isinstance(decision, Deny) else Deny(str(decision))
        return None

    async def _note(self, kind: str, **facts: object) -> None:
        if self.audit_log is not None:
            await self.audit_log.write(
                kind, session=self.session_id, tenant=self._tenant, **facts
            )
