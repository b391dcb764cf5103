"""What a running agent tells as it goes, and what it gives at the end."""

from __future__ import annotations

from attrs import frozen

from secretscope.agent._messages import ToolCall, ToolResult


@frozen
class TextEvent:
    """A piece of the model's answer."""

    text: str


@frozen
class ToolCallEvent:
    """A tool is about to be called."""

    call: ToolCall


@frozen
class ToolResultEvent:
    """A tool has answered, failed, or was denied."""

    result: ToolResult


@frozen
class RunResult:
    """What a run came to.

    Attributes:
        output: the model's last answer.
        turns: how often the model was asked.
        tokens_in: tokens that it read, over all turns.
        tokens_out: tokens that it wrote, over all turns.
        session_id: the run's name in the audit log.
    """

    output: str
    turns: int
    tokens_in: int
    tokens_out: int
    session_id: str


@frozen
class DoneEvent:
    """The run is done."""

    result: RunResult


@frozen
class Deny:
    """A hook's decision that a tool is not called.

    Attributes:
        reason: what the model is told.
    """

    reason: str = "denied"


Event = TextEvent | ToolCallEvent | ToolResultEvent | DoneEvent
