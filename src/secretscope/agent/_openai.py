"""OpenAI's models, and all that speak its protocol, over the official SDK."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from typing import Any, ClassVar

from secretscope.agent._attempts import attempts
from secretscope.agent._key import Key
from secretscope.agent._messages import Chunk, Message, Request, ToolCall, arguments
from secretscope.agent._sdk import PerLoop, keyed, load
from secretscope.agent._server_events import server_events
from secretscope.protocols import Secrets

_DEEPSEEK = "https://api.deepseek.com"
"""https://api-docs.deepseek.com: the base URL in OpenAI's format."""


class OpenAIModel:
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

    def __init__(
        self,
        name: str,
        *,
        api_key: str | None = None,
        secrets: Secrets | None = None,
        base_url: str | None = None,
        client: Any = None,  # noqa: ANN401 - the SDK is not imported here
    ) -> None:
        deepseek = name.startswith("deepseek-")
        self.name = name
        self.secrets = secrets
        self._sdk = load("openai")
        ref = "DEEPSEEK_API_KEY" if deepseek else self.key_name
        self._key = Key(ref, name, api_key)
        own = _DEEPSEEK if deepseek else "https://api.openai.com/v1"
        self._base_url = base_url or own
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
        return self._sdk.AsyncOpenAI(
            api_key="given with each request", base_url=self._base_url, max_retries=0
        )

    async def _call(self, request: Request, key: str) -> AsyncGenerator[Chunk]:
        ours = self._given is None
        client = keyed(self._clients.client() if ours else self._given, key, ours=ours)
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
