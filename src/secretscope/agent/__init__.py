"""The host that the secrets serve: agents, their models, tools and audit log."""

from secretscope.agent._agent import Agent, EventStream
from secretscope.agent._anthropic import AnthropicModel
from secretscope.agent._audit import AuditLog, AuditSink, JsonlAuditLog, verify
from secretscope.agent._echo import EchoModel, fingerprint
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
    KeyNeeds,
    Message,
    Model,
    Request,
    ToolCall,
    ToolResult,
    ToolSpec,
)
from secretscope.agent._models import PREFIXES, adapter_of, keys_of
from secretscope.agent._openai import OpenAIModel
from secretscope.agent._sdk import blind, load
from secretscope.agent._tuning import Tuning

__all__ = [
    "PREFIXES",
    "Agent",
    "AnthropicModel",
    "AuditLog",
    "AuditSink",
    "Chunk",
    "Deny",
    "DoneEvent",
    "EchoModel",
    "Event",
    "EventStream",
    "JsonlAuditLog",
    "KeyNeeds",
    "Message",
    "Model",
    "OpenAIModel",
    "Request",
    "RunResult",
    "TextEvent",
    "ToolCall",
    "ToolCallEvent",
    "ToolResult",
    "ToolResultEvent",
    "ToolSpec",
    "Tuning",
    "adapter_of",
    "blind",
    "fingerprint",
    "keys_of",
    "load",
    "verify",
]
