"""The set of known values: every value that was handed out, and for whom."""

from __future__ import annotations

import json
import logging
import math
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Protocol
from weakref import WeakSet

_LOG = logging.getLogger("secretscope")
KEPT = 24 * 3600.0
"""Seconds a value stays known after the last frame that held it has ended."""
_SHORTEST = 8
_BITS = 14.0
"""Least bits of a value's letters, Shannon's entropy times its length."""


class Holder(Protocol):
    """Something that still uses values, and says which."""

    def held_values(self) -> Iterable[str]:
        """Return every value that is still in use."""
        ...


class Known:
    """One known value's entry; it shows its ref and never its value."""

    __slots__ = ("_fields", "_value", "dropped_at", "ref", "tenants")

    def __init__(self, value: str, ref: str) -> None:
        self._value = value
        self._fields: tuple[Known, ...] = ()
        self.ref = ref
        self.tenants: frozenset[str | None] = frozenset()
        self.dropped_at: float | None = None

    def __repr__(self) -> str:
        return f"<Known {self.ref}>"


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _strings(item)
    elif isinstance(value, list):
        for item in value:
            yield from _strings(item)


def _fields(value: str) -> list[str]:
    if not value.lstrip().startswith("{"):
        return []
    try:
        document = json.loads(value)
    except (ValueError, RecursionError):
        return []
    return [text for text in _strings(document) if text != value]


def too_common(value: str) -> bool:
    """Tell whether masking the value wherever it appears would eat plain text."""
    if len(value) < _SHORTEST:
        return True
    size = len(value)
    counts = Counter(value).values()
    bits = -sum(n * math.log2(n / size) for n in counts)
    return bits < _BITS


class KnownValues:
    """The values to mask; safe to use from any thread.

    Args:
        clock: seconds that never go back.
        most: how many values are kept; the oldest that nobody holds go first.
    """

    def __init__(
        self, *, clock: Callable[[], float] = time.monotonic, most: int = 200_000
    ) -> None:
        self._clock = clock
        self._most = most
        self._lock = threading.RLock()
        self._entries: dict[str, Known] = {}
        self._unfit: dict[str, Known] = {}
        self._holders: WeakSet[Holder] = WeakSet()

    def add(self, value: str, *, ref: str, tenant: str | None = None) -> Known:
        """Make a value known, to the application (None) or to one tenant."""
        known = self._entries.get(value)
        if known is not None and tenant in known.tenants:
            known.dropped_at = None
            return known
        return self._learn(value, ref, tenant)

    def _learn(self, value: str, ref: str, tenant: str | None) -> Known:
        with self._lock:
            known = self._entries.get(value) or self._unfit.get(value)
            if known is None:
                known = Known(value, ref)
                known._fields = tuple(
                    self._learn(field, ref, tenant) for field in _fields(value)
                )
                if too_common(value):
                    self._unfit[value] = known
                    _LOG.warning(
                        "the value of %s is too short or too common to be masked "
                        "wherever it appears",
                        ref,
                    )
                else:
                    self._entries[value] = known
                    if len(self._entries) > self._most:
                        self.sweep()
            known.tenants |= {tenant}
            known.dropped_at = None
            return known

    def dropped(self, known: Known) -> None:
        """Say that a frame which held the value has ended."""
        known.dropped_at = self._clock()

    def hold_with(self, holder: Holder) -> None:
        """Keep what the holder still holds; it is remembered weakly."""
        self._holders.add(holder)

    def sweep(self) -> None:
        """Forget what nobody has held for 24 hours."""
        with self._lock:
            held = {v for holder in list(self._holders) for v in holder.held_values()}
            limit = self._clock() - KEPT
            for value, known in list(self._entries.items()):
                stale = known.dropped_at is not None and known.dropped_at < limit
                if value not in held and (stale or len(self._entries) > self._most):
                    del self._entries[value]

    def values(self, tenant: str | None = None, *, every: bool = True) -> list[str]:
        """Return the values to mask, longest first."""
        with self._lock:
            return sorted(
                (
                    value
                    for value, known in self._entries.items()
                    if every or None in known.tenants or tenant in known.tenants
                ),
                key=len,
                reverse=True,
            )

    def __len__(self) -> int:
        return len(self._entries)
