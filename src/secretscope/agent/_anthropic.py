"""Anthropic's models, over the official SDK."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from typing import Any, ClassVar

from secretscope.agent._messages import Chunk, Message, Request, ToolCall, arguments
from secretscope.agent._sdk_model import SdkModel
from secretscope.agent._server_events import server_events


class AnthropicModel(SdkModel):
    """Claude, through the `anthropic` package (extra ``models``).

    Args:
        name: the model, such as ``claude-opus-4-7``.
        api_key: its key; without it `secrets`, the agent's secrets, the environment.
        secrets: where its key ``ANTHROPIC_API_KEY`` is read; the agent's without it.
        base_url: another endpoint that speaks the same protocol.
        client: a ready `AsyncAnthropic`; the key is passed by its `with_options`.

    Raises:
        MissingExtraError: The SDK is not installed.
    """

    key_name: ClassVar[str] = "ANTHROPIC_API_KEY"
    _package: ClassVar[str] = "anthropic"
    _client_class: ClassVar[str] = "AsyncAnthropic"

    def _service(self) -> tuple[str, str]:
        return self.key_name, "https://api.anthropic.com"

    async def _answer(self, request: Request, key: str) -> AsyncGenerator[Chunk]:
        client = self._client(key)
        calls: dict[int, dict[str, str]] = {}
        payload = {"model": self.name, **_payload(request)}
        async with aclosing(server_events(client.messages, payload)) as events:
            async for event in events:
                chunk = _chunk(event, calls)
                if chunk is not None:
                    yield chunk


def _payload(request: Request) -> dict[str, Any]:
    payload: dict[str, Any] = {
        "max_tokens": request.max_tokens,
        "system": request.instructions,
        "messages": [_message(message) for message in request.messages],
    }
    if request.temperature is not None:
        # no parameter of newer SDKs, which the service still knows
        payload["extra_body"] = {"temperature": request.temperature}
    if request.tools:
        payload["tools"] = [
            {
                "name": tool.name,
                "description": tool.description,
                "input_schema": dict(tool.schema),
            }
            for tool in request.tools
        ]
    return payload


def _message(message: Message) -> dict[str, Any]:
    blocks: list[dict[str, Any]] = [
        {
            "type": "tool_result",
            "tool_use_id": result.id,
            "content": result.output,
            "is_error": result.failed,
        }
        for result in message.results
    ]
    if message.text:
        blocks.append({"type": "text", "text": message.text})
    blocks += [
        {"type": "tool_use", "id": c.id, "name": c.name, "input": dict(c.args)}
        for c in message.calls
    ]
    return {"role": message.role, "content": blocks}


def _chunk(event: Mapping[str, Any], calls: dict[int, dict[str, str]]) -> Chunk | None:
    kind = event.get("type")
    if kind == "message_start":
        return Chunk(tokens_in=event["message"]["usage"]["input_tokens"])
    if kind == "message_delta":
        return Chunk(tokens_out=event["usage"]["output_tokens"])
    if kind == "content_block_start" and event["content_block"]["type"] == "tool_use":
        block = event["content_block"]
        calls[event["index"]] = {"id": block["id"], "name": block["name"], "json": ""}
    elif kind == "content_block_delta":
        delta = event["delta"]
        if delta["type"] == "text_delta":
            return Chunk(text=delta["text"])
        if delta["type"] == "input_json_delta":
            calls[event["index"]]["json"] += delta["partial_json"]
    elif kind == "content_block_stop" and event["index"] in calls:
        call = calls.pop(event["index"])
        args = arguments(call["name"], call["json"])
        return Chunk(call=ToolCall(call["id"], call["name"], args))
    return None
