"""A loopback server that speaks enough of both vendors' streaming protocols.

Anthropic: https://docs.anthropic.com/en/api/messages-streaming ; OpenAI:
https://platform.openai.com/docs/api-reference/chat-streaming .
"""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import anyio
from anyio.abc import SocketStream
from attrs import define, field


@define
class Seen:
    """One request, as it arrived."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]

    @property
    def key(self) -> str:
        given = self.headers.get("x-api-key") or self.headers.get("authorization", "")
        return given.removeprefix("Bearer ")


@define
class Server:
    """Answers by a script of statuses; then it echoes, or calls a tool once."""

    good: set[str] = field(factory=set)
    script: list[tuple[int, dict[str, str]]] = field(factory=list)
    tool: str | None = None
    arguments: str = '{"city": "Rome"}'
    body: bytes = b""
    seen: list[Seen] = field(factory=list)
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def handle(self, stream: SocketStream) -> None:
        async with stream:
            data = b""
            while b"\r\n\r\n" not in data:
                data += await stream.receive()
            head, _, rest = data.partition(b"\r\n\r\n")
            lines = head.decode().split("\r\n")
            headers = {
                name.lower(): value
                for name, _, value in (line.partition(": ") for line in lines[1:])
            }
            while len(rest) < int(headers.get("content-length", "0")):
                rest += await stream.receive()
            seen = Seen(lines[0].split()[1], headers, json.loads(rest))
            self.seen.append(seen)
            status, extra, body = self.answer(seen)
            kind = "text/event-stream" if status == 200 else "application/json"
            more = "".join(f"{name}: {value}\r\n" for name, value in extra.items())
            await stream.send(
                f"HTTP/1.1 {status} X\r\ncontent-type: {kind}\r\n{more}"
                f"content-length: {len(body) + 9 * bool(self.body)}\r\nconnection: close\r\n\r\n".encode()
                + body
            )

    def answer(self, seen: Seen) -> tuple[int, dict[str, str], bytes]:
        if self.script:
            status, extra = self.script.pop(0)
            return (
                status,
                extra,
                json.dumps({"error": {"message": "scripted"}}).encode(),
            )
        if seen.key not in self.good:
            return (
                401,
                {},
                json.dumps({"error": {"message": f"bad {seen.key}"}}).encode(),
            )
        if self.body:  # and 9 bytes less than it promises
            return 200, {}, self.body
        text = json.dumps(seen.body["messages"][-1])
        call = self.tool if self.tool and "tool" not in text else None
        chat = seen.path.endswith("/chat/completions")
        events = _openai if chat else _anthropic
        return 200, {}, events(call, self.arguments)


def _events(*events: dict[str, Any], named: bool) -> bytes:
    lines = [
        (f"event: {event['type']}\n" if named else "")
        + f"data: {json.dumps(event)}\n\n"
        for event in events
    ]
    return "".join(lines).encode()


def _anthropic(call: str | None, arguments: str) -> bytes:
    start = {
        "type": "message_start",
        "message": {"id": "m", "type": "message", "role": "assistant", "model": "x",
                    "content": [], "stop_reason": None, "stop_sequence": None,
                    "usage": {"input_tokens": 5, "output_tokens": 0}},
    }  # fmt: skip
    block: dict[str, Any] = {"type": "text", "text": ""}
    delta: dict[str, Any] = {"type": "text_delta", "text": "hello there"}
    if call:
        block = {"type": "tool_use", "id": "c1", "name": call, "input": {}}
        delta = {"type": "input_json_delta", "partial_json": arguments}
    return _events(
        start,
        {"type": "content_block_start", "index": 0, "content_block": block},
        {"type": "content_block_delta", "index": 0, "delta": delta},
        {"type": "content_block_delta", "index": 0,
         "delta": {"type": "signature_delta", "signature": "x"}},
        {"type": "content_block_stop", "index": 0},
        {"type": "message_delta", "delta": {"stop_reason": "end_turn"},
         "usage": {"output_tokens": 3}},
        {"type": "message_stop"},
        named=True,
    )  # fmt: skip


def _openai(call: str | None, arguments: str) -> bytes:
    base = {"id": "c", "object": "chat.completion.chunk", "created": 0, "model": "x"}
    delta: dict[str, Any] = {"role": "assistant", "content": "hello there"}
    if call:
        function = {"name": call, "arguments": arguments}
        delta = {"tool_calls": [{"index": 0, "id": "c1", "type": "function",
                                 "function": function}]}  # fmt: skip
    usage = {"prompt_tokens": 5, "completion_tokens": 3, "total_tokens": 8}
    chunks = _events(
        {**base, "choices": [{"index": 0, "delta": delta, "finish_reason": None}]},
        {**base, "choices": [], "usage": usage},
        named=False,
    )
    return chunks + b"data: [DONE]\n\n"


@asynccontextmanager
async def serving(**script: Any) -> AsyncGenerator[Server]:
    server = Server(**script)
    listener = await anyio.create_tcp_listener(local_host="127.0.0.1")
    async with listener, anyio.create_task_group() as group:
        port = anyio.abc.SocketAttribute.local_port
        server.port = listener.extra(port)  # noqa: S610 - not Django's
        group.start_soon(listener.serve, server.handle)
        yield server
        group.cancel_scope.cancel()
