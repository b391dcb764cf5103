"""The stores that tenants have to themselves: hosted, followed, and closed with them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

import anyio
from attrs import define, field

from secretscope.protocols import Announcing, Observable, Secrets
from secretscope.redaction import redact
from secretscope.scopes._hosting import Hosting
from secretscope.scopes._tenant_view import TenantView
from secretscope.values import Rotation, split_location

_LOG = logging.getLogger("secretscope")

Tell = Callable[[Rotation, str, Sequence[str]], None]
"""Tells of a rotation in a tenant's own store: the tenant, and its refs."""


@define(eq=False)
class _Own:
    """What one tenant has to itself: its stores, and what follows them."""

    stores: list[Secrets] = field(factory=list[Secrets])
    followed: list[Callable[[], None]] = field(factory=list[Callable[[], None]])


class OwnStores:
    """Opens tenants' own stores, and closes them as the tenants are let go of.

    Args:
        hosting: opens and closes stores, each once.
        tell: tells of rotations in them.
    """

    def __init__(self, hosting: Hosting, tell: Tell) -> None:
        self._hosting = hosting
        self._tell = tell
        self._own: dict[str, _Own] = {}
        self._leaving: dict[str, anyio.Event] = {}

    def __contains__(self, name: object) -> bool:
        return name in self._own

    async def settled(self, name: str) -> None:
        """Wait until nothing of a tenant is on its way to being closed."""
        leaving = self._leaving.get(name)
        if leaving is not None:
            await leaving.wait()

    async def open(self, name: str, store: Secrets) -> None:
        """Open a tenant's store."""
        await self._hosting.serve(store)
        self._own.setdefault(name, _Own()).stores.append(store)

    def follow(self, view: TenantView) -> None:
        """Let a view follow its store, and tell of its rotations."""
        store, own = view.kept_in, self._own[view.tenant or ""]
        if isinstance(store, Observable):
            own.followed.append(store.subscribe(view.changed))
        if isinstance(store, Announcing):
            own.followed.append(store.on_rotation(self._announce(view)))

    def _announce(self, view: TenantView) -> Callable[[Rotation], None]:
        def rotated(rotation: Rotation) -> None:
            base = split_location(rotation.ref)[0]
            refs = view.found_at(base) or [base]
            self._tell(rotation, view.tenant or "", refs)

        return rotated

    async def close(self, name: str) -> list[Exception]:
        """Close what a tenant has to itself; return what failed."""
        own = self._own.pop(name, None)
        failures: list[Exception] = []
        if own is None:
            return failures
        self._leaving[name] = left = anyio.Event()
        try:
            for unfollow in own.followed:
                unfollow()
            for store in reversed(own.stores):
                failures += await self._hosting.release(store)
        finally:
            del self._leaving[name]
            left.set()
        return failures

    async def close_quietly(self, name: str) -> None:
        """Close what a tenant has to itself; what fails is logged."""
        for failure in await self.close(name):
            _LOG.error(
                "a store of tenant %r did not close: %s: %s",
                name,
                type(failure).__name__,
                redact(str(failure)),
            )
