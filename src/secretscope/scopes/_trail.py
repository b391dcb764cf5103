"""The audit trail of scopes: who read, overrode, rotated or was refused what, and when."""

from __future__ import annotations

import inspect
import json
import logging
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from os import PathLike
from pathlib import Path
from typing import Any

import anyio
import anyio.to_thread
from attrs import asdict, frozen

from secretscope.redaction import redact

_LOG = logging.getLogger("secretscope")
_MOST = 10_000
"""Events that wait for a slow sink; beyond that the newest are dropped, and counted."""


@frozen(kw_only=True)
class ScopeEvent:
    """One thing that happened; it never holds a value.

    Attributes:
        kind: ``read`` (a scope's first read of a ref), ``override``, ``rotation``,
            ``refusal``, ``open``, ``eviction``, ``forget`` or ``dropped``.
        tenant: whose scope; None is the application's.
        refs: which secrets.
        detail: a few words more: a version, or the error's name.
        at: seconds since 1970.
    """

    kind: str
    tenant: str | None = None
    refs: tuple[str, ...] = ()
    detail: str = ""
    at: float = 0.0

    def as_dict(self) -> dict[str, Any]:
        """Return the same as a dictionary of plain values, ready for JSON."""
        return asdict(self)


Sink = Callable[[ScopeEvent], "Awaitable[object] | object"]
"""Where events go; sync ones are called in a worker thread."""


class Trail:
    """Hands events to a sink in the background; one that fails or is slow hurts nobody.

    Args:
        sink: where they go.
        spawn: runs an async function on the lifetime's loop, called from any thread.
        timeout: seconds that the rest of them may take at the lifetime's end.
    """

    def __init__(
        self,
        sink: Sink,
        spawn: Callable[[Callable[[], Awaitable[None]]], None],
        *,
        timeout: float,
    ) -> None:
        self._sink = sink
        self._spawn = spawn
        self._timeout = timeout
        self._waiting: deque[ScopeEvent] = deque()
        self._dropped = 0
        self._running = False
        self._at_work: anyio.Event | None = None
        called = getattr(sink, "__call__", None)  # noqa: B004 - an object's own
        self._is_async = any(map(inspect.iscoroutinefunction, (sink, called)))
        self._threads = anyio.CapacityLimiter(1)

    def note(
        self,
        kind: str,
        tenant: str | None = None,
        refs: Iterable[str] = (),
        detail: str = "",
    ) -> None:
        """Take note of something; called from any thread."""
        if len(self._waiting) >= _MOST:
            self._dropped += 1
            return
        self._waiting.append(
            ScopeEvent(
                kind=kind,
                tenant=tenant,
                refs=tuple(refs),
                detail=detail,
                at=time.time(),
            )
        )
        if not self._running:
            self._running = True
            self._spawn(self._hand_on)

    async def close(self) -> None:
        """Hand on what waits, for so long at most."""
        with anyio.move_on_after(self._timeout, shield=True):
            if self._at_work is not None:
                await self._at_work.wait()
            await self._hand_on()

    async def _hand_on(self) -> None:
        """Hand on what waits, in its order."""
        self._at_work = done = anyio.Event()
        try:
            await self._hand_on_all()
        finally:
            self._at_work = None
            done.set()

    async def _hand_on_all(self) -> None:
        while self._waiting:
            await self._tell(self._waiting.popleft())
        if self._dropped:
            dropped, self._dropped = self._dropped, 0
            told = f"{dropped} events, since the sink was slow"
            await self._tell(ScopeEvent(kind="dropped", detail=told, at=time.time()))
        self._running = False

    async def _tell(self, event: ScopeEvent) -> None:
        try:
            if self._is_async:
                answer: Any = self._sink(event)
            else:
                (answer,) = await anyio.to_thread.run_sync(
                    lambda: (self._sink(event),),
                    limiter=self._threads,
                    abandon_on_cancel=True,
                )
            if inspect.isawaitable(answer):
                await answer
        except Exception as error:  # noqa: BLE001 - the sink's own affair
            kind, said = type(error).__name__, redact(str(error))
            _LOG.error("the sink of scopes' events failed: %s: %s", kind, said)


def log_events(logger: logging.Logger) -> Sink:
    """Return a sink that writes each event to a logger, refusals as warnings."""

    def sink(event: ScopeEvent) -> None:
        level = logging.WARNING if event.kind == "refusal" else logging.INFO
        whose = event.tenant or "the application"
        logger.log(
            level, "%s of %s: %s %s", event.kind, whose, list(event.refs), event.detail
        )

    return sink


def write_events(path: str | PathLike[str]) -> Sink:
    """Return a sink that appends each event to a file, a line of JSON each."""
    file = Path(path)

    def sink(event: ScopeEvent) -> None:
        with file.open("a", encoding="utf-8") as lines:
            lines.write(json.dumps(event.as_dict()) + "\n")

    return sink
