"""A stand-in for a model's service on this machine, which remembers whose key it saw."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Service(ThreadingHTTPServer):
    """Answers in OpenAI's and Anthropic's protocol where the key is a good one."""

    def __init__(self, good: set[str]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.good = good
        self.keys: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: Service
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
        bearer = self.headers.get("authorization", "").removeprefix("Bearer ")
        key = self.headers.get("x-api-key") or bearer
        self.server.keys.append(key)
        if key not in self.server.good:
            self._answer(401, {"error": {"message": "this key is not good"}})
        elif self.path.partition("?")[0].endswith("/messages"):
            message = _anthropic(asked["model"])
            if asked.get("stream"):
                self._send(200, "text/event-stream", _events(message))
            else:
                self._answer(200, message)
        else:
            self._answer(200, _openai(asked["model"]))

    def _answer(self, status: int, said: dict[str, Any]) -> None:
        self._send(status, "application/json", json.dumps(said).encode())

    def _send(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


def _openai(model: str) -> dict[str, Any]:
    message = {"role": "assistant", "content": "hello there"}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
    return {"id": "c", "object": "chat.completion", "created": 0, "model": model,
            "choices": [choice], "usage": usage}  # fmt: skip


def _anthropic(model: str) -> dict[str, Any]:
    return {"id": "m", "type": "message", "role": "assistant", "model": model,
            "content": [{"type": "text", "text": "hello there"}],
            "stop_reason": "end_turn", "stop_sequence": None,
            "usage": {"input_tokens": 1, "output_tokens": 1}}  # fmt: skip


def _events(message: dict[str, Any]) -> bytes:
    """Return a message as the events that it is streamed in."""
    text = message["content"][0]["text"]
    events: list[dict[str, Any]] = [
        {"type": "message_start", "message": {**message, "content": []}},
        {"type": "content_block_start", "index": 0,
         "content_block": {"type": "text", "text": ""}},
        {"type": "content_block_delta", "index": 0,
         "delta": {"type": "text_delta", "text": text}},
        {"type": "content_block_stop", "index": 0},
        {"type": "message_delta", "delta": {"stop_reason": "end_turn"},
         "usage": {"output_tokens": 1}},
        {"type": "message_stop"},
    ]  # fmt: skip
    lines = [f"event: {e['type']}\ndata: {json.dumps(e)}\n\n" for e in events]
    return "".join(lines).encode()


@contextmanager
def serving(*good: str) -> Iterator[Service]:
    with Service(set(good)) as service:
        thread = threading.Thread(target=service.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield service
        finally:
            service.shutdown()
            thread.join()
