"""OpenAI's models, and all that speak its protocol, over the official SDK."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from typing import Any, ClassVar

from secretscope.agent._messages import Chunk, Message, Request, ToolCall, arguments
from secretscope.agent._sdk_model import SdkModel
from secretscope.agent._server_events import server_events

_DEEPSEEK = "https://api.deepseek.com"
"""https://api-docs.deepseek.com: the base URL in OpenAI's format."""


class OpenAIModel(SdkModel):
    """GPT and every compatible endpoint, through the `openai` package.

    A name that begins with ``deepseek-`` has its own endpoint and its own key,
    ``DEEPSEEK_API_KEY``.

    Args:
        name: the model, such as ``gpt-4o``.
        api_key: its key; without it `secrets`, the agent's secrets, the environment.
        secrets: where its key ``OPENAI_API_KEY`` is read; the agent's without it.
        base_url: another endpoint that speaks the same protocol.
        client: a ready `AsyncOpenAI`; the key is passed by its `with_options`.

    Raises:
        MissingExtraError: The SDK is not installed.
    """

    key_name: ClassVar[str] = "OPENAI_API_KEY"
    _package: ClassVar[str] = "openai"
    _client_class: ClassVar[str] = "AsyncOpenAI"

    def _service(self) -> tuple[str, str]:
        if self.name.startswith("deepseek-"):
            return "DEEPSEEK_API_KEY", _DEEPSEEK
        return self.key_name, "https://api.openai.com/v1"

    async def _answer(self, request: Request, key: str) -> AsyncGenerator[Chunk]:
        client = self._client(key)
        calls: dict[int, dict[str, str]] = {}
        payload = {"model": self.name, **_payload(request)}
        async with aclosing(server_events(client.chat.completions, payload)) as events:
            async for event in events:
                for chunk in _chunks(event, calls):
                    yield chunk
        for call in calls.values():
            args = arguments(call["name"], call["json"])
            yield Chunk(call=ToolCall(call["id"], call["name"], args))


def _payload(request: Request) -> dict[str, Any]:
    messages: list[dict[str, Any]] = [
        {"role": "system", "content": request.instructions}
    ]
    for message in request.messages:
        messages += _messages(message)
    payload: dict[str, Any] = {
        "max_completion_tokens": request.max_tokens,
        "messages": messages,
        "stream_options": {"include_usage": True},
    }
    if request.temperature is not None:
        payload["temperature"] = request.temperature
    if request.tools:
        payload["tools"] = [
            {
                "type": "function",
                "function": {
                    "name": tool.name,
                    "description": tool.description,
                    "parameters": dict(tool.schema),
                },
            }
            for tool in request.tools
        ]
    return payload


def _messages(message: Message) -> list[dict[str, Any]]:
    if message.results:
        return [
            {"role": "tool", "tool_call_id": result.id, "content": result.output}
            for result in message.results
        ]
    said: dict[str, Any] = {"role": message.role, "content": message.text}
    if message.calls:
        said["tool_calls"] = [
            {
                "id": call.id,
                "type": "function",
                "function": {"name": call.name, "arguments": json.dumps(call.args)},
            }
            for call in message.calls
        ]
    return [said]


def _chunks(event: Mapping[str, Any], calls: dict[int, dict[str, str]]) -> list[Chunk]:
    found: list[Chunk] = []
    usage = event.get("usage")
    if usage:
        found.append(
            Chunk(
                tokens_in=usage["prompt_tokens"], tokens_out=usage["completion_tokens"]
            )
        )
    for choice in event.get("choices", ()):
        delta = choice["delta"]
        if delta.get("content"):
            found.append(Chunk(text=delta["content"]))
        for part in delta.get("tool_calls") or ():
            call = calls.setdefault(part["index"], {"id": "", "name": "", "json": ""})
            function = part.get("function") or {}
            call["id"] = part.get("id") or call["id"]
            call["name"] += function.get("name") or ""
            call["json"] += function.get("arguments") or ""
    return found
