"""Drives an ASGI application as a server does, in the test's own loop."""

from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager
from typing import Any

import anyio

Headers = Iterable[tuple[bytes, bytes]]


@asynccontextmanager
async def lifespan(
    app: Any, said: list[Any] | None = None
) -> AsyncIterator[dict[str, Any]]:
    """Start the application, yield its state, and shut it down."""
    state: dict[str, Any] = {}
    said = [] if said is None else said
    to_app, from_server = anyio.create_memory_object_stream[dict[str, Any]](4)
    answers, heard = anyio.create_memory_object_stream[dict[str, Any]](4)

    async def send(message: dict[str, Any]) -> None:
        said.append(message)
        await answers.send(message)

    async with anyio.create_task_group() as group, to_app, from_server, answers, heard:
        scope = {"type": "lifespan", "asgi": {"version": "3.0"}, "state": state}
        group.start_soon(app, scope, from_server.receive, send)
        await to_app.send({"type": "lifespan.startup"})
        if (await heard.receive())["type"] == "lifespan.startup.complete":
            yield state
            await to_app.send({"type": "lifespan.shutdown"})
            await heard.receive()
        else:
            yield state


def connection(path: str = "/", headers: Headers = (), **more: Any) -> dict[str, Any]:
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "method": "GET",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": list(headers),
        **more,
    }


async def exchange(app: Any, scope: dict[str, Any]) -> list[dict[str, Any]]:
    """Make one request, and return what the application sent."""
    sent: list[dict[str, Any]] = []
    first = "http.request" if scope["type"] == "http" else "websocket.connect"
    messages: Iterator[dict[str, Any]] = iter([{"type": first, "body": b""}])

    async def receive() -> dict[str, Any]:
        for message in messages:
            return message
        await anyio.sleep_forever()
        raise AssertionError

    async def send(message: dict[str, Any]) -> None:
        await anyio.lowlevel.checkpoint()
        sent.append(message)

    await app(scope, receive, send)
    return sent


async def ask(
    app: Any, path: str = "/", headers: Headers = (), **more: Any
) -> tuple[int, bytes]:
    """Return the status and the body of the answer to one request."""
    sent = await exchange(app, connection(path, headers, **more))
    body = b"".join(message.get("body", b"") for message in sent[1:])
    return sent[0]["status"], body
