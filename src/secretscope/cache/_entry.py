"""What is known of one base: a secret, that there is none, or that it ran out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from secretscope.cache._policy import Policy
from secretscope.errors import MissingSecretError
from secretscope.values import Secret

NEAR = 2.0
"""Seconds before a value's end at which nobody may hold a copy of it any more."""


def fingerprint(secret: Secret) -> int:
    """Return what tells a secret from another: Python's own hash, of this process."""
    if secret.is_text:
        return hash(secret.reveal())
    return hash(tuple(sorted(zip(secret.fields, secret.values(), strict=True))))


class Home(Protocol):
    """Where entries live, and are told that their time has come."""

    def fire(self, entry: Entry, now: float) -> None:
        """Do what is due."""
        ...

    def entries(self) -> Iterable[Entry]:
        """Return every entry there is."""
        ...

    def began(self) -> None:
        """Learn that things are watched from now on."""
        ...


class Entry:
    """One base's state; a reader on any thread sees the old or the new secret whole.

    The answer is one attribute, and is written before the times that it brings: whoever
    reads the times first and the answer then never has an older one than they promise.

    Attributes:
        base: which one.
        home: who is told when it is due.
        policy: what holds for it.
        answer: what the store said: a secret, or that there is none; None where that
            has run out.
        version: what the version that is read is called, the store's name or a count.
        count: how many different secrets were seen.
        print: what the last secret is told by from another, once it was let go of.
        loaded: when the store last answered.
        good_until: when an awaited read asks again.
        until: when it is no longer read.
        refresh_at: when it is next asked for in the background.
        due: when the wheel wakes it.
        closing: its end is near: no copies.
        recalled: copies were called back, to see whether anybody reads it.
        lent: somebody may hold a copy.
        misses: how often in a row the store said that it is not there.
        seen_at: when it was last read, as far as is known.
        reads: how often it was read here.
        refreshes: how often it was fetched again.
    """

    __slots__ = (
        "answer",
        "base",
        "closing",
        "count",
        "due",
        "good_until",
        "home",
        "lent",
        "loaded",
        "misses",
        "policy",
        "print",
        "reads",
        "recalled",
        "refresh_at",
        "refreshes",
        "seen_at",
        "until",
        "version",
    )

    def __init__(self, base: str, home: Home, policy: Policy, now: float) -> None:
        self.base = base
        self.home = home
        self.policy = policy
        self.answer: Secret | MissingSecretError | None = None
        self.version: str | None = None
        self.count = 0
        self.print: int | None = None
        self.loaded = now
        self.good_until: float | None = None
        self.until: float | None = None
        self.refresh_at: float | None = None
        self.due: float | None = None
        self.closing = self.recalled = self.lent = False
        self.seen_at = now
        self.reads = self.refreshes = self.misses = 0

    @property
    def secret(self) -> Secret | None:
        """The secret that is held, if one is."""
        return self.answer if isinstance(self.answer, Secret) else None

    @property
    def missing(self) -> bool:
        """Whether the store said that there is none."""
        return isinstance(self.answer, MissingSecretError)

    @property
    def counts(self) -> bool:
        """Whether the version is a count of ours, and not the store's name for it."""
        secret = self.secret
        return secret is not None and secret.version != self.version

    def readable(self, now: float) -> bool:
        """Tell whether it may be read: a value, or that there is none."""
        return (self.until is None or now < self.until) and self.answer is not None

    def stale(self, now: float) -> bool:
        """Tell whether a value is read past its time."""
        good = self.good_until
        return good is not None and good <= now and isinstance(self.answer, Secret)

    def stale_until(self) -> float | None:
        """Return until when it is read in an outage; None where it never runs out."""
        secret, good = self.secret, self.good_until
        if secret is None or good is None:
            return self.until
        end, late = secret.expires_at, good + self.policy.max_stale
        return late if end is None else max(good, min(end, late))

    def next_due(self) -> float | None:
        """Return when something is to be done about it."""
        end = self.until
        if end is not None and not self.closing:
            end -= NEAR
        if end is None or (self.refresh_at is not None and self.refresh_at < end):
            return self.refresh_at
        return end

    def same_as(self, secret: Secret) -> bool:
        """Tell whether the secret is the one that was last held."""
        held = self.secret
        if held is not None:
            return held.same_as(secret)
        return self.print is not None and self.print == fingerprint(secret)

    def end_at(self, until: float | None, now: float) -> None:
        """Let it be read until then; near its end nobody may hold a copy."""
        self.until = until
        self.closing = until is not None and until - now <= 2 * NEAR

    def let_go(self) -> None:
        """Drop the answer, and keep what its secret is told by from another."""
        held = self.secret
        if held is not None:
            self.print = fingerprint(held)
        self.answer = self.until = self.good_until = None

    def __repr__(self) -> str:
        return f"<Entry {self.base} version={self.version}>"
