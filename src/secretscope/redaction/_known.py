"""The set of known values: every value that was handed out, and for whom."""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from itertools import chain
from typing import Protocol
from weakref import WeakSet

from secretscope.redaction._common import too_common

_LOG = logging.getLogger("secretscope")
KEPT = 24 * 3600.0
"""Seconds a value stays known after nobody holds it and nobody has read it."""
MOST = 600_000
"""Values that are kept: 100,000 tenants with five each, and then some; 1 KB a value."""
_SWEEP_EVERY = 3600.0
_ROOM = 0.9
"""How full the set is once it has been swept for room."""
_LEAVING = 1024
"""Tenants that are forgotten before it is looked up what they have known."""
_FEW = 4
"""So many tenants share one object that says who knows a value; more have their own."""
_DEEPEST = 32

Tenants = frozenset[str | None] | set[str | None]
"""Who knows a value; None is the application."""


class Holder(Protocol):
    """Something that still uses values, and says which."""

    def held_values(self) -> Iterable[str]:
        """Return every value that is still in use."""
        ...


class Known:
    """One known value's entry; it shows its ref and never its value."""

    __slots__ = ("dropped_at", "held", "masked", "of", "ref", "tenants")

    def __init__(self, ref: str, *, masked: bool, of: Known | None) -> None:
        self.ref = ref
        self.masked = masked
        self.of = of
        self.tenants: Tenants = frozenset()
        self.held = False
        self.dropped_at: float | None = None

    def __repr__(self) -> str:
        return f"<Known {self.ref}>"

    def since(self) -> float | None:
        """Return when the last frame dropped it; a field goes with its document."""
        return self.dropped_at if self.of is None else self.of.since()


def _strings(value: object, depth: int = 0) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif depth < _DEEPEST:
        inner: Iterable[object] = ()
        if isinstance(value, dict):
            inner = value.values()
        elif isinstance(value, list):
            inner = value
        for item in inner:
            yield from _strings(item, depth + 1)


def _parts(value: str) -> set[str]:
    """Return what is a secret by itself: a document's fields, a line without its end."""
    parts = {value.strip()}
    if parts == {value} and not value.startswith(("{", "[")):
        return set()
    document: object = None
    with suppress(ValueError, RecursionError):  # no JSON: a value like any other
        document = json.loads(value)
    if isinstance(document, (dict, list)):
        parts.update(_strings(document))
    return parts - {value, ""}


class KnownValues:
    """The values to mask; safe to use from any thread.

    Args:
        clock: seconds that never go back.
        most: how many values are kept; the oldest that nobody holds go first.

    Attributes:
        log: the values to mask in the order they came, for who builds an index; it
            grows at its end only, and is replaced as a whole when values were forgotten.
    """

    def __init__(
        self, *, clock: Callable[[], float] = time.monotonic, most: int = MOST
    ) -> None:
        self._clock = clock
        self._most = most
        self._lock = threading.RLock()
        self._entries: dict[str, Known] = {}
        self._holders: WeakSet[Holder] = WeakSet()
        self._tags: dict[frozenset[str | None], frozenset[str | None]] = {}
        self._leaving: dict[str | None, float] = {}
        self._masked = 0
        self._next_sweep = clock() + _SWEEP_EVERY
        self.log: list[str] = []

    def __len__(self) -> int:
        return self._masked

    # --- the values' lives -----------------------------------------------------------

    def add(self, value: str, *, ref: str, tenant: str | None = None) -> Known:
        """Make a value known, to the application (None) or to one tenant.

        A value that is too short or too common to be masked wherever it appears is
        left out, and a warning names its ref.
        """
        known = self._entries.get(value)
        leaving = tenant in self._leaving
        if known is not None and tenant in known.tenants and not leaving:
            known.dropped_at = None
            return known
        with self._lock:
            if leaving:  # it is back
                self._let_go()
            return self._learn(value, ref, tenant, None)

    def _learn(
        self, value: str, ref: str, tenant: str | None, of: Known | None
    ) -> Known:
        known = self._entries.get(value)
        if known is None:
            self._make_room()
            known = Known(ref, masked=not too_common(value), of=of)
            self._take_in(value, known, warn=of is None)
        if of is None:
            known.of = known.dropped_at = None
        if isinstance(known.tenants, set):
            known.tenants.add(tenant)
        else:
            known.tenants = self._tag(known.tenants | {tenant})
        for part in _parts(value) if of is None else ():
            self._learn(part, ref, tenant, known)
        return known

    def _take_in(self, value: str, known: Known, *, warn: bool) -> None:
        if known.masked:
            self._masked += 1
        elif warn:
            _LOG.warning(
                "the value of %s is too short or too common to be masked wherever it "
                "appears: use a longer one, drawn at random",
                known.ref,
            )
        self._entries[value] = known
        if known.masked:
            self.log.append(value)

    def _tag(self, tenants: frozenset[str | None]) -> Tenants:
        """Return the one object for all values of these few tenants.

        What more know than a few has a set of its own, which grows in place.
        """
        if len(tenants) > _FEW:
            return set(tenants)
        return self._tags.setdefault(tenants, tenants)

    def entry(self, value: str) -> Known | None:
        """Return the entry of a value that is to be masked."""
        known = self._entries.get(value)
        return known if known is not None and known.masked else None

    def hold_with(self, holder: Holder) -> None:
        """Keep what the holder still holds; it is remembered weakly."""
        self._holders.add(holder)

    def forget(self, tenant: str) -> None:
        """Let go of a tenant: the 24 hours of its values begin now.

        Until they are over its values stay masked; one that is held or read in the
        meantime stays. What others know too stays theirs.

        Args:
            tenant: its name.
        """
        with self._lock:
            self._leaving[tenant] = self._clock()
            if len(self._leaving) > _LEAVING:
                self._let_go()

    def _let_go(self) -> None:
        """Look up what those have known that were forgotten: once for many of them."""
        leaving, self._leaving = self._leaving, {}
        for known in self._entries.values() if leaving else ():
            gone = known.tenants & leaving.keys()
            if len(gone) == len(known.tenants):
                known.dropped_at = max(leaving[tenant] for tenant in gone)
            elif gone:
                known.tenants = self._tag(frozenset(known.tenants - gone))

    def sweep(self) -> None:
        """Forget what nobody has held or read for 24 hours."""
        with self._lock:
            self._let_go()
            now = self._clock()
            self._next_sweep = now + _SWEEP_EVERY
            self._look_who_holds(now)
            for value, known in list(self._entries.items()):
                since = known.since()
                if since is not None and since < now - KEPT:
                    self._forget(value, known)
            self._tidy()

    def _look_who_holds(self, now: float) -> None:
        """Let the 24 hours begin for what nobody holds; a read ends them again."""
        held = set(chain.from_iterable(h.held_values() for h in list(self._holders)))
        for value, known in self._entries.items():
            known.held = value in held
            if known.held:
                known.dropped_at = None
            elif known.dropped_at is None:
                known.dropped_at = now

    def _make_room(self) -> None:
        if self._clock() >= self._next_sweep or len(self._entries) >= self._most:
            self.sweep()
        if len(self._entries) < self._most:
            return
        never = float("inf")
        oldest = sorted(
            self._entries.items(),
            key=lambda entry: (
                entry[1].held,
                never if (since := entry[1].since()) is None else since,
            ),
        )
        for value, known in oldest[: len(oldest) - int(self._most * _ROOM)]:
            self._forget(value, known)
        self._tidy()

    def _forget(self, value: str, known: Known) -> None:
        del self._entries[value]
        if known.masked:
            self._masked -= 1

    def _tidy(self) -> None:
        """Drop tags that no value has; begin a new log once half is of no use."""
        tags = (each.tenants for each in self._entries.values())
        self._tags = {tag: tag for tag in tags if isinstance(tag, frozenset)}
        if len(self.log) > 2 * self._masked:
            self.log = self.values()

    def values(self) -> list[str]:
        """Return the values that are masked."""
        with self._lock:
            return [value for value, known in self._entries.items() if known.masked]
