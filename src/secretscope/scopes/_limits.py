"""How many tenants are kept open, and how much one of them may take up."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from attrs import Attribute, evolve, field, fields, frozen

from secretscope.errors import ConfigurationError

_ENDLESS = ("max_open", "max_bytes", "idle")
"""What None sets no bound to."""


def _at_least(least: float, *, whole: bool = True) -> Any:  # noqa: ANN401 - attrs names no type for it
    kinds: Any = int if whole else (int, float)

    def check(limits: object, option: Attribute[Any], value: object) -> None:
        if value is None and option.name in _ENDLESS:
            return
        fits = isinstance(value, kinds) and not isinstance(value, bool)
        if not fits or not value >= least:  # type: ignore[operator]
            kind = "a whole number" if whole else "seconds"
            raise ConfigurationError(
                f"tenants.{option.name}: expected {kind}, {least:g} or more"
            )

    return check


@frozen(kw_only=True)
class TenantLimits:
    """Bounds on the tenants of a lifetime; an open block is never cut short by one.

    Attributes:
        max_open: how many tenants are kept open; those that were not used lately go
            first. Opened again, a tenant is fetched anew. None is without a bound.
        max_bytes: bytes that the values of all open tenants may take, roughly.
        idle: seconds after which a tenant that nobody enters goes.
        max_refs: refs that are kept of one tenant; its own oldest go first.
        max_loads: how many loads of one tenant run at once.
        failures: how often in a row a tenant's opening fails before it fails at once,
            without asking its store, for `pause` seconds (or what the store asks for).
        pause: seconds.
    """

    max_open: int | None = field(default=10_000, validator=_at_least(1))
    max_bytes: int | None = field(default=None, validator=_at_least(1))
    idle: float | None = field(default=3600.0, validator=_at_least(0, whole=False))
    max_refs: int = field(default=1000, validator=_at_least(1))
    max_loads: int = field(default=8, validator=_at_least(1))
    failures: int = field(default=5, validator=_at_least(1))
    pause: float = field(default=5.0, validator=_at_least(0, whole=False))


def strictest(all_limits: Iterable[TenantLimits]) -> TenantLimits:
    """Return limits that keep to all of these; the default where there are none."""
    several = list(all_limits)
    if not several:
        return TenantLimits()
    least: dict[str, Any] = {}
    for option in fields(TenantLimits):
        given = [getattr(limits, option.name) for limits in several]
        least[option.name] = min(
            (each for each in given if each is not None), default=None
        )
    least["pause"] = max(limits.pause for limits in several)
    return evolve(several[0], **least)
