"""Who learns of a rotation: each subscriber, and none of another's failure."""

from __future__ import annotations

import inspect
import logging
from collections.abc import Awaitable, Callable
from contextvars import Context
from functools import partial
from typing import Any

from secretscope.redaction import redact
from secretscope.values import Rotation

Subscriber = Callable[[Rotation], "Awaitable[object] | object"]
"""Told of rotations; sync or async."""

_LOG = logging.getLogger("secretscope")


class Rotations:
    """Tells subscribers of rotations; their errors are logged and hurt nobody.

    A sync subscriber is called at once, on the thread that noticed; what an async one
    awaits runs on the lifetime's loop. Both run in the lifetime's context: no tenant's
    frame reaches them.

    Args:
        spawn: runs an async function on the lifetime's loop, called from any thread.
        context: gives what subscribers run in.
    """

    def __init__(
        self,
        spawn: Callable[[Callable[[], Awaitable[None]]], None],
        context: Callable[[], Context],
    ) -> None:
        self._spawn = spawn
        self._context = context
        self._subscribers: list[Subscriber] = []

    def subscribe(self, subscriber: Subscriber) -> Callable[[], None]:
        """Tell this subscriber, too; the returned function ends that, once."""
        subscribers = self._subscribers
        one: list[Subscriber] = [subscriber]
        subscribers.append(subscriber)

        def unsubscribe() -> None:
            if one:
                subscribers.remove(one.pop())

        return unsubscribe

    def tell(self, rotation: Rotation) -> None:
        """Tell every subscriber."""
        for subscriber in tuple(self._subscribers):
            try:
                answer: Any = self._context().run(subscriber, rotation)
            except Exception as error:  # noqa: BLE001 - a subscriber's own affair
                _failed(rotation, error)
            else:
                if inspect.isawaitable(answer):
                    self._spawn(partial(_await, answer, rotation))

    def clear(self) -> None:
        """Tell nobody any longer."""
        self._subscribers.clear()


async def _await(answer: Awaitable[object], rotation: Rotation) -> None:
    try:
        await answer
    except Exception as error:  # noqa: BLE001 - a subscriber's own affair
        _failed(rotation, error)


def _failed(rotation: Rotation, error: Exception) -> None:
    _LOG.error(
        "a subscriber of rotations failed on %s: %s: %s",
        rotation.ref,
        type(error).__name__,
        redact(str(error)),
    )
