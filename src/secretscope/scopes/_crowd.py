"""Which of the open tenants goes when there are too many: CLOCK, the second chance."""

from __future__ import annotations

from collections import deque

from secretscope.scopes._limits import TenantLimits
from secretscope.scopes._tenant_view import TenantView

_STEPS = 128
"""How many are looked at for one that goes: no pause grows with their number."""


class Crowd:
    """The open tenants in a ring, each with a mark of whether it was used lately.

    A tenant is entered into the ring as it opens, unmarked: one that is entered once
    and never again goes before those that come back.

    Args:
        limits: how many tenants, and bytes, there may be.
    """

    def __init__(self, limits: TenantLimits) -> None:
        self.limits = limits
        self._ring: deque[TenantView] = deque()
        self._open = 0
        self._bytes = 0
        self._sizes: dict[TenantView, int] = {}

    def add(self, view: TenantView) -> None:
        """Take a tenant in."""
        self._open += 1
        self._ring.append(view)

    def weigh(self, views: tuple[TenantView, ...]) -> None:
        """Take note of how much a tenant takes up, in all of its stores."""
        if self.limits.max_bytes is None or not views or not views[0].is_open:
            return
        size = sum(view.weight() for view in views)
        self._bytes += size - self._sizes.get(views[0], 0)
        self._sizes[views[0]] = size

    def leave(self, view: TenantView) -> None:
        """Take note that a tenant is gone; the ring loses it in its own time."""
        self._open -= 1
        self._bytes -= self._sizes.pop(view, 0)
        if len(self._ring) > 2 * self._open + _STEPS:
            self._ring = deque(each for each in self._ring if each.is_open)

    @property
    def is_full(self) -> bool:
        """Whether one should go."""
        most, weight = self.limits.max_open, self.limits.max_bytes
        return (most is not None and self._open > most) or (
            weight is not None and self._bytes > weight
        )

    def victim(self) -> TenantView | None:
        """Return the one to go; None where all that were looked at are in use."""
        idle: TenantView | None = None
        for _ in range(min(_STEPS, len(self._ring))):
            view = self._ring.popleft()
            if not view.is_open:
                continue
            self._ring.append(view)
            if view.blocks:
                continue
            if not view.marked:
                return view
            view.marked = False
            idle = idle or view
        return idle

    def members(self) -> list[TenantView]:
        """Return those that are open now."""
        return [view for view in self._ring if view.is_open]
