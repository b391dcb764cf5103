"""The stores of a lifetime: opened once, served in the background, closed once."""

from __future__ import annotations

import anyio
from anyio.abc import TaskGroup, TaskStatus
from attrs import define, field

from secretscope.errors import again
from secretscope.protocols import Openable, Secrets, Servable


@define(eq=False)
class _Hosted:
    """One store that is open, and how many asked for that."""

    store: Secrets
    users: int = 0
    ready: anyio.Event = field(factory=anyio.Event)
    error: Exception | None = None
    scope: anyio.CancelScope = field(factory=anyio.CancelScope)
    done: anyio.Event | None = None


class Hosting:
    """Opens stores, runs what they do in the background, and closes them.

    Args:
        group: where stores are served.
        close_timeout: seconds that each store may take to close.
    """

    def __init__(self, group: TaskGroup, *, close_timeout: float) -> None:
        self._group = group
        self._close_timeout = close_timeout
        self._hosted: dict[int, _Hosted] = {}

    @property
    def patience(self) -> float:
        """Seconds that closing may take in all, where no store blocks its thread.

        Twice what each may take: a source closes within a bound of its cache's.
        """
        return 2 * self._close_timeout * (len(self._hosted) + 1)

    async def serve(self, store: Secrets) -> None:
        """Open a store, once for all who ask, and run what it does in the background."""
        hosted = self._hosted.get(id(store))
        if hosted is not None:
            await hosted.ready.wait()
            if hosted.error is not None:
                raise again(hosted.error)
            hosted.users += 1
            return
        hosted = self._hosted[id(store)] = _Hosted(store, users=1)
        opened = False
        try:
            if isinstance(store, Openable):
                await store.open()
                opened = True
            if isinstance(store, Servable):
                hosted.done = done = anyio.Event()
                await self._group.start(self._run, store, hosted.scope, done)
        except BaseException as error:
            del self._hosted[id(store)]
            if isinstance(error, Exception):
                hosted.error = error
            if opened:
                await self._close(store)
            raise
        finally:
            hosted.ready.set()

    async def release(self, store: Secrets) -> list[Exception]:
        """Close a store that nobody else asked for; return what failed."""
        hosted = self._hosted[id(store)]
        hosted.users -= 1
        if hosted.users:
            return []
        del self._hosted[id(store)]
        if hosted.done is not None:
            hosted.scope.cancel()
            with anyio.move_on_after(self._close_timeout, shield=True):
                await hosted.done.wait()
        return await self._close(store)

    async def close(self) -> list[Exception]:
        """Close every store, the last first; return what failed."""
        failures: list[Exception] = []
        for hosted in reversed(tuple(self._hosted.values())):
            failures += await self._close(hosted.store)
        self._hosted.clear()
        return failures

    async def _run(
        self,
        store: Servable,
        scope: anyio.CancelScope,
        done: anyio.Event,
        *,
        task_status: TaskStatus[None] = anyio.TASK_STATUS_IGNORED,
    ) -> None:
        try:
            with scope:
                await store.serve(task_status=task_status)
        finally:
            done.set()

    async def _close(self, store: object) -> list[Exception]:
        if not isinstance(store, Openable):
            return []
        try:
            with anyio.fail_after(self._close_timeout, shield=True):
                await store.aclose()
        except Exception as failure:  # noqa: BLE001 - the others close too
            return [failure]
        return []
