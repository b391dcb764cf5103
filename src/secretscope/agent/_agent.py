"""Agent: instructions, a model, tools, and the secrets they are run with."""

from __future__ import annotations

import warnings
from collections.abc import AsyncGenerator, Callable, Coroutine, Sequence
from contextlib import aclosing
from contextvars import copy_context
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import anyio

from secretscope.agent._audit import AuditSink, JsonlAuditLog
from secretscope.agent._events import DoneEvent, Event, RunResult
from secretscope.agent._messages import Model
from secretscope.agent._models import model_of
from secretscope.agent._run import After, Before, Run
from secretscope.agent._tools import tools_of
from secretscope.agent._tuning import Tuning
from secretscope.errors import (
    RunTimeoutError,
    ScopeError,
    ScopeMismatchError,
)
from secretscope.protocols import Bindable, Secrets

_THREADS = 16
"""Sync tools that run at once, an agent; the default limiter is everybody's."""


class Agent:
    """A lean agent: it asks its model, calls the tools it wants, and answers.

    Args:
        instructions: what it is for, as the model is told.
        model: a name (``claude-...``, ``gpt-...``, ``echo``, ...) or a model.
        tools: plain functions, sync or async; their annotations are their schemas.
        tuning: the secrets, and the knobs that are rarely touched.
        audit_log: where every run, call, result and denial is written; a path is a
            file of JSON lines.
        max_turns: how often the model may be asked in one run.
        timeout: seconds that one run may take; None is without an end.

    Raises:
        MissingKeyError: The model's key is in none of the three places.
        SecretReadError: The store says that it can't be read here and now.
        UnknownModelError: No adapter answers to the model's name.
        MissingExtraError: The model's SDK is not installed.
        ToolDefinitionError: A tool that no schema can say.
    """

    def __init__(  # noqa: PLR0913 - the published agent's
        self,
        instructions: str,
        *,
        model: Model | str,
        tools: Sequence[Callable[..., Any]] = (),
        tuning: Tuning | None = None,
        audit_log: AuditSink | str | Path | None = None,
        max_turns: int = 50,
        timeout: float | None = None,
    ) -> None:
        self._instructions = instructions
        self._tuning = tuning or Tuning()
        self._tools = tools_of(tools)
        self._max_turns = max_turns
        self._timeout = timeout
        self._before: list[Before] = []
        self._after: list[After] = []
        self._audit_log = (
            JsonlAuditLog(audit_log) if isinstance(audit_log, str | Path) else audit_log
        )
        self.model = model_of(model)
        self._home = _tenant_of(self._tuning.secrets)
        self.model.check(self._tuning.secrets)

    def run(self, prompt: str) -> Coroutine[Any, Any, RunResult]:
        """Answer a prompt; it reads the frame in which it is called.

        Returns:
            To be awaited for the output, turns, tokens and the session's name.

        Raises:
            ScopeMismatchError: It was built in a tenant, and is run outside it.
            ModelError: The model's service failed.
            AuthenticationError: It refused the key, also after one refresh.
            RunTimeoutError: It took longer than `timeout`.
            TurnLimitError: It took more than `max_turns`.
        """
        return self._finish(self._begin(), prompt)

    def stream(self, prompt: str) -> EventStream:
        """Answer a prompt, telling each event; it reads the frame it is called in.

        Leave it early as you like: by break, an error, a cancellation, or `aclosing`.

        Raises:
            ScopeMismatchError: It was built in a tenant, and is run outside it.
        """
        return EventStream(self._begin().events(prompt))

    def before_tool(self, hook: Before) -> Before:
        """Ask this hook before each tool call (a decorator).

        It gets the raw arguments: what it logs, it redacts. The first denial wins; a
        hook that raises or is not async denies.
        """
        self._before.append(hook)
        return hook

    def after_tool(self, hook: After) -> After:
        """Tell this hook of each tool call and its result (a decorator)."""
        self._after.append(hook)
        return hook

    def _begin(self) -> Run:
        secrets = self._tuning.secrets
        bound = secrets.bind() if isinstance(secrets, Bindable) else secrets
        here = getattr(bound, "tenant", None)
        if self._home is not None and here != self._home:
            raise ScopeMismatchError(built_in=self._home, used_in=here)
        return Run(
            model=self.model,
            instructions=self._instructions,
            tools=self._tools,
            tuning=self._tuning,
            secrets=bound,
            audit_log=self._audit_log,
            before=tuple(self._before),
            after=tuple(self._after),
            max_turns=self._max_turns,
            context=copy_context(),
            threads=anyio.CapacityLimiter(_THREADS),
        )

    async def _finish(self, run: Run, prompt: str) -> RunResult:
        with anyio.move_on_after(self._timeout):
            async with aclosing(run.events(prompt)) as events:
                async for event in events:
                    if isinstance(event, DoneEvent):
                        return event.result
        raise RunTimeoutError(seconds=self._timeout or 0)

    def __repr__(self) -> str:
        return f"<Agent on {self.model.name}>"


class EventStream:
    """The events of one run, for ``async for``."""

    def __init__(self, events: AsyncGenerator[Event]) -> None:
        self._events: AsyncGenerator[Event] | None = events

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Event:
        if self._events is None:
            raise StopAsyncIteration
        return await anext(self._events)

    async def aclose(self) -> None:
        """End the run where it is."""
        events, self._events = self._events, None
        if events is not None:
            await events.aclose()

    def __del__(self) -> None:
        """Leave a run that nobody reads to its end to the loop, which closes it.

        Trio would warn of it, as of every generator; ours needs nobody's help.
        """
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ResourceWarning)
            self._events = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()


def _tenant_of(secrets: Secrets | None) -> str | None:
    """Return the tenant an agent is built in; without an open lifetime there is none."""
    if not isinstance(secrets, Bindable):
        return None
    try:
        return secrets.bind().tenant
    except ScopeError:
        return None
