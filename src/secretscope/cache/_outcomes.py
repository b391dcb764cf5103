"""What follows from an answer and from a failure: for readers, and for the next time."""

from __future__ import annotations

import logging
from collections.abc import Callable
from sys import intern

from attrs import define, field

from secretscope.cache._engine import Engine
from secretscope.cache._entry import Entry, Home
from secretscope.cache._failures import Kind, Trouble, kind_of, pause_after, told
from secretscope.cache._leases import Leases
from secretscope.cache._observer import tell
from secretscope.cache._policy import Policy
from secretscope.cache._shelf import Shelf
from secretscope.errors import MissingSecretError, again
from secretscope.values import Rotation, Secret

_LOG = logging.getLogger("secretscope")
_ROOM = 1024
"""How much is kept of what may be over, before it is looked through."""


@define(eq=False)
class Outcomes:
    """Writes into the shelf what the store said, or did not say.

    Attributes:
        shelf: the entries.
        engine: wakes them.
        policy: what holds.
        chance: gives a number from 0 to 1.
        home: where the entries live.
        leases: the leases that are out.
        troubles: failures in a row, by base.
    """

    shelf: Shelf
    engine: Engine
    policy: Policy
    chance: Callable[[], float]
    home: Home
    leases: Leases
    troubles: dict[str, Trouble] = field(factory=dict[str, Trouble])
    _sweep_at: int = _ROOM

    # --- what the store said ---------------------------------------------------------

    def landed(self, base: str, secret: Secret) -> None:
        """Take a secret in: readers see it from now on."""
        shelf, now = self.shelf, self.shelf.clock()
        self._recovered(base)
        shelf.known(base, secret.values())
        entry = self._entry(base, now)
        seen = entry.count > 0 or entry.missing
        same = entry.same_as(secret)
        old, new = entry.version, self._version(entry, secret, same=same)
        self._take(entry, secret, now)
        entry.version = new
        entry.refreshes += seen
        self.leases.note(secret)
        self.engine.schedule(entry)
        shelf.tell(base)
        self._told(base, old, new, seen=seen)

    def gone(self, base: str, error: MissingSecretError) -> None:
        """Note that the store has no such secret: whatever was held is dropped."""
        shelf, now = self.shelf, self.shelf.clock()
        self.troubles.pop(base, None)
        entry = self._entry(base, now)
        seen, old = entry.count > 0 or entry.missing, entry.version
        again_at = now + entry.policy.negative_ttl
        kept = self.engine.group is not None and base in shelf.kept
        entry.answer = again(error)
        entry.version = entry.print = None
        entry.loaded, entry.good_until = now, again_at
        entry.end_at(None if kept else again_at, now)
        entry.refresh_at = self._recheck_at(entry, now) if kept else None
        entry.misses += 1
        entry.refreshes += seen
        self.engine.schedule(entry)
        shelf.tell(base)
        self._told(base, old, None, seen=seen)

    def failed(self, base: str, error: Exception) -> None:
        """Note a failure: what is read stays, ends, or is read past its time."""
        now, kind = self.shelf.clock(), kind_of(error)
        if isinstance(error, MissingSecretError):
            self.gone(base, error)
            return
        asked = getattr(error, "asked", True)
        if asked:
            self._trouble(base, error, now)
        if kind is Kind.DENIED:
            self._denied(base, now)
            return
        entry = self.shelf.entries.get(base)
        if entry is None and self._served(base):
            entry = self._entry(base, now)  # cold, and tried again in the background
        if entry is None:
            return
        if kind is Kind.OUTAGE:
            self._extend(entry, now, level=logging.WARNING if asked else logging.DEBUG)
        self._retry(entry, error, now)

    def _denied(self, base: str, now: float) -> None:
        entry = self.shelf.entries.get(base)
        if entry is None:
            return
        old, seen = entry.version, entry.count > 0
        if self._served(base):
            entry.let_go()
            entry.version = entry.print = None
            entry.refresh_at = now + entry.policy.backoff.most
            self.engine.schedule(entry)
        else:
            self.shelf.bury(entry)
            self.shelf.traces.pop(base, None)
        self.shelf.tell(base)
        self._told(base, old, None, seen=seen)

    # --- an entry's times ------------------------------------------------------------

    def _entry(self, base: str, now: float) -> Entry:
        entry = self.shelf.entries.get(base)
        if entry is None:
            if len(self.shelf.entries) + len(self.troubles) > self._sweep_at:
                self._sweep(now)
            entry = Entry(base, self.home, self.policy.of(base), now)
            self.shelf.revive(entry)
            self.shelf.entries[base] = entry
        return entry

    def _take(self, entry: Entry, secret: Secret, now: float) -> None:
        good = self._good_until(entry.policy, secret, now)
        gains = good is None or entry.good_until is None or good > entry.good_until
        lasts = good is None or good - now > entry.policy.backoff.first
        entry.answer = secret
        entry.good_until = good
        entry.end_at(good, now)
        entry.misses = 0 if gains and lasts else entry.misses + 1
        entry.refresh_at = None if good is None else self._refresh_at(entry, good, now)
        entry.loaded = now
        entry.print = None

    def _good_until(self, policy: Policy, secret: Secret, now: float) -> float | None:
        """Return when to ask again at the latest; a lease is good to its end."""
        end = secret.expires_at
        if policy.ttl is None or (end is not None and secret.lease_id is not None):
            return end
        return now + policy.ttl if end is None else min(end, now + policy.ttl)

    def _refresh_at(self, entry: Entry, good: float, now: float) -> float:
        """Return when to refresh ahead of the end; later where that gains no time."""
        low, high = entry.policy.jitter
        early = 1 - (low + (high - low) * self.chance())
        ahead = now + max(0.0, good - now) * entry.policy.refresh_ahead * early
        if not entry.misses:
            return ahead
        backoff = entry.policy.backoff
        wait = min(backoff.first * 2.0 ** min(entry.misses, 30), backoff.most)
        return max(ahead, now + wait)

    def _version(self, entry: Entry, secret: Secret, *, same: bool) -> str:
        if not same:
            entry.count += 1
        given, shown = secret.version, entry.version
        if given is None:
            return shown if same and shown is not None else intern(str(entry.count))
        counted = f"{given}.{entry.count}"  # the store gave two values one version
        clash = shown == counted if same else shown == given
        return counted if clash else given

    def _recheck_at(self, entry: Entry, now: float) -> float:
        """Return when to look again for what is kept and is not there.

        It is looked for less and less often, and as often as a value at the least.
        """
        policy = entry.policy
        most = policy.backoff.most if policy.ttl is None else policy.ttl
        least = max(policy.negative_ttl, policy.backoff.first)
        return now + max(least, min(least * 2.0 ** min(entry.misses, 30), most))

    def _extend(self, entry: Entry, now: float, *, level: int) -> None:
        """Let a value be read past its time, as long as an outage may last."""
        limit = entry.stale_until()
        if entry.until is not None and limit is not None and limit > entry.until:
            entry.end_at(limit, now)
            _LOG.log(
                level,
                "%s: %s is read as it is for %.0f s more, since it can't be refreshed",
                self.shelf.name,
                entry.base,
                limit - now,
            )

    def _retry(self, entry: Entry, error: Exception, now: float) -> None:
        """Say when to try again in the background."""
        trouble = self.troubles.get(entry.base)
        failures = trouble.failures if trouble is not None else 1
        left = None if entry.until is None else entry.until - now
        wait = pause_after(failures, entry.policy, self.chance, error=error, left=left)
        least = trouble.bound_at if trouble is not None else now
        entry.refresh_at = max(now + wait, least)
        self.engine.schedule(entry)

    # --- failures in a row -----------------------------------------------------------

    def _trouble(self, base: str, error: Exception, now: float) -> None:
        trouble = self.troubles.get(base)
        if trouble is None:
            trouble = self.troubles[base] = Trouble(again(error))
        trouble.failed(again(error), now, self.policy.of(base), self.chance)
        if trouble.failures & (trouble.failures - 1) == 0:  # the 1st, 2nd, 4th, 8th...
            _LOG.warning(
                "%s: %s could not be fetched (%d in a row): %s",
                self.shelf.name,
                base,
                trouble.failures,
                told(error),
            )

    def _recovered(self, base: str) -> None:
        trouble = self.troubles.pop(base, None)
        if trouble is not None:
            _LOG.info(
                "%s: %s is fetched again, after %d failures",
                self.shelf.name,
                base,
                trouble.failures,
            )

    def _served(self, base: str) -> bool:
        return self.engine.group is not None and base in self.shelf.kept

    def _told(self, base: str, old: str | None, new: str | None, *, seen: bool) -> None:
        rotation: Rotation | None = None
        if seen and old != new:
            _LOG.info("%s: %s rotated from %s to %s", self.shelf.name, base, old, new)
            rotation = self.shelf.tell_rotation(base, old, new)
        if seen:
            name = self.shelf.name
            tell(lambda observer: observer.refreshed(name, base, rotation=rotation))

    def _sweep(self, now: float) -> None:
        """Drop what is over and nobody keeps: where nobody hosts, nobody else does."""
        for entry in list(self.shelf.entries.values()):
            limit = entry.stale_until()
            if limit is not None and now >= limit and entry.base not in self.shelf.kept:
                self.shelf.bury(entry)
        for base, trouble in list(self.troubles.items()):
            if trouble.over(now):
                del self.troubles[base]
        kept = len(self.shelf.entries) + len(self.troubles)
        self._sweep_at = max(_ROOM, 2 * kept)
