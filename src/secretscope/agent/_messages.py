"""What an agent and its model say to each other, in nobody's dialect."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import suppress
from typing import Any, Protocol, runtime_checkable

from attrs import frozen

from secretscope.protocols import Secrets


@frozen
class ToolCall:
    """A tool that the model wants called.

    Attributes:
        id: the model's own name for this call.
        name: the tool.
        args: its arguments, as the model gave them.
    """

    id: str
    name: str
    args: Mapping[str, Any]


@frozen
class ToolResult:
    """What came of a tool call, as the model is told."""

    id: str
    name: str
    output: str
    failed: bool = False


@frozen
class Message:
    """One turn of a conversation: text, calls, or results."""

    role: str
    text: str = ""
    calls: tuple[ToolCall, ...] = ()
    results: tuple[ToolResult, ...] = ()


@frozen
class ToolSpec:
    """What a model is told of a tool; the schema is JSON Schema."""

    name: str
    description: str
    schema: Mapping[str, Any]


@frozen
class Request:
    """What a model is asked."""

    instructions: str
    messages: Sequence[Message]
    tools: Sequence[ToolSpec] = ()
    max_tokens: int = 4096
    temperature: float | None = None
    retries: int = 3
    retry_cap: float = 20.0


@frozen
class Chunk:
    """A piece of a model's answer."""

    text: str = ""
    call: ToolCall | None = None
    tokens_in: int = 0
    tokens_out: int = 0


@runtime_checkable
class Model(Protocol):
    """A language model, as an agent uses it."""

    @property
    def name(self) -> str:
        """What errors and the audit log call it."""
        ...

    def check(self, secrets: Secrets | None) -> None:
        """Raise where the key is not at hand; called as the agent is built."""
        ...

    def stream(
        self, request: Request, secrets: Secrets | None
    ) -> AsyncGenerator[Chunk]:
        """Yield the answer piece by piece; the key is read from `secrets`."""
        ...


@frozen
class KeyNeeds:
    """The refs that a model reads."""

    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()


class BrokenAnswer(Exception):  # noqa: N818 - it becomes a ModelError
    """A model's service broke off, or said what can't be understood."""


def arguments(tool: str, text: str) -> dict[str, Any]:
    """Return a call's arguments from the text that a model wrote.

    Raises:
        BrokenAnswer: It is no JSON object.
    """
    found: Any = None
    with suppress(ValueError):
        found = json.loads(text or "{}")
    if not isinstance(found, dict):
        raise BrokenAnswer(f"its arguments for {tool} are no JSON object")
    return found
