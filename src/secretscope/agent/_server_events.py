"""A streamed answer of an SDK, as the server's own events."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import suppress
from typing import Any

import anyio

from secretscope.agent._messages import BrokenAnswer

_CLOSING = 2.0
"""Seconds that letting go of an answer may take."""


async def server_events(
    resource: Any,  # noqa: ANN401 - an SDK's resource: messages, completions
    payload: dict[str, Any],
) -> AsyncGenerator[dict[str, Any]]:
    """Yield the JSON of each event of a streamed answer.

    The SDKs' own streams leave generators unfinished when they are left early, which
    trio warns of; here every one of them is run to its end.

    Raises:
        BrokenAnswer: The connection broke, or an event is no JSON.
        Exception: What the SDK raises before the answer begins.
    """
    create = resource.with_streaming_response.create
    async with create(stream=True, **payload) as answer:
        lines = answer.iter_lines()
        try:
            while (line := await _next(lines)) is not None:
                data = line.removeprefix("data:").lstrip()
                if line.startswith("data:") and data != "[DONE]":
                    yield _event(data)
        finally:
            with anyio.move_on_after(_CLOSING, shield=True):
                await answer.close()
                with suppress(Exception):  # the connection is gone: so they all end
                    async for _ in lines:
                        pass


async def _next(lines: AsyncIterator[str]) -> str | None:
    try:
        return await anext(lines, None)
    except Exception as error:  # noqa: BLE001 - it can reach the request, and its key
        kind = type(error).__name__
    raise BrokenAnswer(f"the answer broke off ({kind})")


def _event(data: str) -> dict[str, Any]:
    event: Any = None
    with suppress(ValueError):
        event = json.loads(data)
    if not isinstance(event, dict):
        raise BrokenAnswer("an event of the answer is no JSON object")
    if event.get("error"):
        said = event["error"]
        raise BrokenAnswer(str(said.get("message", said)))
    return event
