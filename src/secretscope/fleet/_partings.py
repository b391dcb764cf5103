"""Tenants that are gone elsewhere, and are let go of here."""

from __future__ import annotations

import logging

import anyio

from secretscope.fleet._holder import Holder
from secretscope.fleet._rechecks import Rechecks

_LOG = logging.getLogger("secretscope.fleet")
_MOST = 4096
"""Names that wait; past that, everything is looked at, and who is gone is found so."""


class Partings:
    """Lets go of tenants, one after the other.

    Args:
        holder: the process's secrets.
        rechecks: they look no more at what was a tenant's.
    """

    def __init__(self, holder: Holder, rechecks: Rechecks) -> None:
        self._holder = holder
        self._rechecks = rechecks
        self._waiting: dict[str, None] = {}
        self._woken = anyio.Event()
        self._parting: str | None = None

    def is_parting(self, tenant: str) -> bool:
        """Tell whether this tenant is let go of because we were told to."""
        return tenant == self._parting

    def forget(self, tenant: str) -> None:
        """Let go of this one soon."""
        self._rechecks.drop(tenant)
        if len(self._waiting) < _MOST:
            self._waiting[tenant] = None
            self._woken.set()
        else:
            self._rechecks.sweep()

    async def run(self) -> None:
        """Let go of who waits, until cancelled."""
        while True:
            await self._woken.wait()
            self._woken = anyio.Event()
            while self._waiting:
                tenant = next(iter(self._waiting))
                del self._waiting[tenant]
                await self._part_with(tenant)

    async def _part_with(self, tenant: str) -> None:
        self._parting = tenant
        try:
            await self._holder.forget(tenant)
        except Exception as error:  # noqa: BLE001 - the others are let go all the same
            _LOG.warning(
                "letting go of tenant %r failed: %s", tenant, type(error).__name__
            )
        finally:
            self._parting = None
