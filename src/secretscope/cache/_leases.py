"""Leases: which are out, and giving them back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import anyio

from secretscope.cache._clock import Clock, Elapsed, within
from secretscope.errors import StoreTimeoutError
from secretscope.values import Secret

_ROOM = 64


class Leases:
    """Remembers the leases that have not run out, also those that were replaced."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._out: dict[str, Secret] = {}
        self._prune_at = _ROOM

    def __len__(self) -> int:
        return len(self._out)

    def note(self, secret: Secret) -> None:
        """Remember the secret's lease, where it has one."""
        if secret.lease_id is None:
            return
        self._out[secret.lease_id] = secret
        if len(self._out) > self._prune_at:
            self._prune()
            self._prune_at = max(_ROOM, 2 * len(self._out))

    def _prune(self) -> None:
        now = self._clock()
        for lease, secret in list(self._out.items()):
            if secret.expires_at is not None and secret.expires_at <= now:
                del self._out[lease]

    async def give_back(
        self,
        revoke: Callable[[Secret], Awaitable[None]],
        *,
        store: str,
        seconds: float,
        at_once: int,
    ) -> list[Exception]:
        """Give every lease back, once; return what failed.

        Args:
            revoke: gives one back.
            store: what errors call the store.
            seconds: how long all of it may take.
            at_once: how many at the same time.
        """
        self._prune()
        waiting = list(self._out.values())
        self._out.clear()
        failures: list[Exception] = []

        async def work() -> None:
            while waiting:
                failures.extend(await _failure_of(revoke, waiting.pop()))

        async def all_of_them() -> None:
            async with anyio.create_task_group() as group:
                for _ in range(min(at_once, len(waiting))):
                    group.start_soon(work)

        late = False
        try:
            await within(self._clock, seconds, all_of_them)
        except Elapsed:
            late = True
        if late:
            failures.append(StoreTimeoutError(store, seconds=seconds))
        return failures


async def _failure_of(
    revoke: Callable[[Secret], Awaitable[None]], secret: Secret
) -> list[Exception]:
    try:
        await revoke(secret)
    except Exception as failure:  # noqa: BLE001 - the others go back too
        return [failure]
    return []
