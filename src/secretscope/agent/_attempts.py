"""Calling a model's service: a key an attempt, one refresh, retries with a cap."""

from __future__ import annotations

import random
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import Any

import anyio
from attrs import frozen

from secretscope.agent._key import Key
from secretscope.agent._messages import BrokenAnswer, Chunk, Request
from secretscope.errors import AuthenticationError, ModelError
from secretscope.protocols import Secrets
from secretscope.redaction import redact

_REFUSED = 401
_PASSING = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 529})

Call = Callable[[str], AsyncGenerator[Chunk]]
"""One attempt, with this key."""


@frozen
class _Failure:
    """What went wrong, without the SDK's error: that one can reach the key."""

    status: int | None
    reason: str
    wait: float | None


async def attempts(
    call: Call,
    key: Key,
    request: Request,
    secrets: Secrets | None,
    errors: tuple[type[Exception], ...],
) -> AsyncGenerator[Chunk]:
    """Yield a call's chunks; try again what failed before its first one.

    Raises:
        AuthenticationError: The key was refused, also after one refresh.
        ModelError: The service failed, or went silent in mid-answer.
    """
    value = await key.read(secrets)
    refreshed = False
    tries = 0
    known: tuple[type[Exception], ...] = (*errors, BrokenAnswer)
    while True:
        began = False
        failure: _Failure | None = None
        async with aclosing(call(value)) as chunks:
            try:
                async for chunk in chunks:
                    began = True
                    yield chunk
            except known as error:
                failure = _failure(error)
        if failure is None:
            return
        if failure.status == _REFUSED:
            fresh = None if refreshed or began else await key.renew(secrets, value)
            if fresh is None:
                raise AuthenticationError(key.model, ref=key.ref)
            value, refreshed = fresh, True
            continue
        passing = failure.status is None or failure.status in _PASSING
        if began or not passing or tries >= request.retries:
            raise ModelError(key.model, reason=failure.reason, status=failure.status)
        tries += 1
        await anyio.sleep(_pause(failure, tries, request.retry_cap))
        value = await key.read(secrets)


def _failure(error: Exception) -> _Failure:
    status = getattr(error, "status_code", None)
    headers: Any = getattr(getattr(error, "response", None), "headers", {})
    try:
        wait = float(headers.get("retry-after", ""))
    except ValueError:
        wait = None
    said = redact(str(error))[:500]
    return _Failure(status, f"{type(error).__name__}: {said}", wait)


def _pause(failure: _Failure, tries: int, cap: float) -> float:
    if failure.wait is not None:
        return min(failure.wait, cap)
    most: float = min(cap, 0.25 * 2**tries)
    return most * random.uniform(0.5, 1)  # noqa: S311 - jitter
