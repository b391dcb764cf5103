"""Anthropic's models, over the official SDK."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from typing import Any, ClassVar

from secretscope.agent._attempts import attempts
from secretscope.agent._key import Key
from secretscope.agent._messages import Chunk, Message, Request, ToolCall, arguments
from secretscope.agent._sdk import PerLoop, keyed, load
from secretscope.agent._server_events import server_events
from secretscope.protocols import Secrets


class AnthropicModel:
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

    def __init__(
        self,
        name: str,
        *,
        api_key: str | None = None,
        secrets: Secrets | None = None,
        base_url: str | None = None,
        client: Any = None,  # noqa: ANN401 - the SDK is not imported here
    ) -> None:
        self.name = name
        self.secrets = secrets
        self._sdk = load("anthropic")
        self._key = Key(self.key_name, name, api_key)
        self._base_url = base_url or "https://api.anthropic.com"
        self._given = client
        self._clients = PerLoop(self._make)

    def check(self, secrets: Secrets | None) -> None:
        """Raise MissingKeyError, or what the store raises, where no key is at hand."""
        self._key.at_hand(self.secrets or secrets)

    async def stream(
        self, request: Request, secrets: Secrets | None
    ) -> AsyncGenerator[Chunk]:
        """Yield the answer piece by piece.

        Raises:
            AuthenticationError: The key was refused, also after one refresh.
            ModelError: The service failed.
        """

        def call(key: str) -> AsyncGenerator[Chunk]:
            return self._call(request, key)

        inner = attempts(
            call, self._key, request, self.secrets or secrets,
            (self._sdk.APIError,),
        )  # fmt: skip
        try:
            async for chunk in inner:
                yield chunk
        finally:
            await inner.aclose()

    def _make(self) -> Any:  # noqa: ANN401
        return self._sdk.AsyncAnthropic(
            api_key="given with each request", base_url=self._base_url, max_retries=0
        )

    async def _call(self, request: Request, key: str) -> AsyncGenerator[Chunk]:
        ours = self._given is None
        client = keyed(self._clients.client() if ours else self._given, key, ours=ours)
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
