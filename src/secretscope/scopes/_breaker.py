"""A circuit breaker for each tenant: what keeps failing to open fails at once for a while."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

from attrs import define

from secretscope.errors import (
    ConfigurationError,
    ScopeError,
    StoreError,
    UnknownTenantError,
)
from secretscope.scopes._limits import TenantLimits

_MOST = 4096
"""Names of failing tenants that are remembered; the oldest are forgotten first."""
_LONGEST = 60.0
"""Seconds that a store may ask for at most."""
_NO_OUTAGE = (UnknownTenantError, ConfigurationError, ScopeError)


@define(eq=False)
class _Failing:
    count: int = 0
    until: float = 0.0
    error: Exception | None = None


class Breakers:
    """Remembers, in bounded space, which tenants' openings fail.

    Args:
        limits: how often one may fail in a row, and for how long it then fails at once.
        clock: gives seconds, monotonic.
    """

    def __init__(self, limits: TenantLimits, clock: Callable[[], float]) -> None:
        self._limits = limits
        self._clock = clock
        self._failing: OrderedDict[str, _Failing] = OrderedDict()

    def refusal(self, name: str) -> Exception | None:
        """Return the error that the tenant fails with at once; None lets it try."""
        failing = self._failing.get(name)
        if failing is None or self._clock() >= failing.until:
            return None
        return failing.error

    def failed(self, name: str, error: Exception) -> bool:
        """Count a failure; tell whether the tenant fails at once from now on."""
        if isinstance(error, _NO_OUTAGE):
            return False
        failing = self._failing.pop(name, None) or _Failing()
        self._failing[name] = failing
        if len(self._failing) > _MOST:
            self._failing.popitem(last=False)
        failing.count += 1
        failing.error = error
        if failing.count < self._limits.failures:
            return False
        asked = error.retry_after if isinstance(error, StoreError) else None
        pause = max(self._limits.pause, min(asked or 0.0, _LONGEST))
        failing.until = self._clock() + pause
        return True

    def succeeded(self, name: str) -> None:
        """Forget a tenant's failures."""
        self._failing.pop(name, None)

    def __len__(self) -> int:
        return len(self._failing)
