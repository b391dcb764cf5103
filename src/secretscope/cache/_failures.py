"""What a failure says: of the secret, of the store, or of nothing; and what follows."""

from __future__ import annotations

import logging
from collections.abc import Callable
from enum import Enum, auto

import anyio
from attrs import define, field

from secretscope.cache._clock import Clock
from secretscope.cache._policy import Policy
from secretscope.errors import (
    AccessDeniedError,
    MissingSecretError,
    SecretScopeError,
    StoreTimeoutError,
    StoreUnavailableError,
)

_LOG = logging.getLogger("secretscope")
_FREE = 3
"""Failures in a row that are remembered by nobody: each caller asks anew."""
_MANY = 3
"""Secrets that fail in a row, with no success between, until it is the store."""
_MINUTE = 60.0


class Kind(Enum):
    """What is known after a failure."""

    OUTAGE = auto()
    """Nothing: the store could not be asked; what was read is read on for a while."""
    MISSING = auto()
    """The secret is not there: absent, deleted, destroyed."""
    DENIED = auto()
    """The secret is not ours to read."""
    BROKEN = auto()
    """The store answered what can't be used; what was read is read to its end."""


def kind_of(error: Exception) -> Kind:
    """Tell what a failure says."""
    if isinstance(error, MissingSecretError):
        return Kind.MISSING
    if isinstance(error, AccessDeniedError):
        return Kind.DENIED
    if isinstance(error, StoreUnavailableError | StoreTimeoutError):
        return Kind.OUTAGE
    if isinstance(error, SecretScopeError | PermissionError | FileNotFoundError):
        return Kind.BROKEN
    return Kind.OUTAGE if isinstance(error, OSError | EOFError) else Kind.BROKEN


def told(error: Exception) -> str:
    """Return what an error says; of one that is not ours, its kind alone."""
    return str(error) if isinstance(error, SecretScopeError) else type(error).__name__


def pause_after(
    failures: int,
    policy: Policy,
    chance: Callable[[], float],
    *,
    error: Exception | None = None,
    left: float | None = None,
) -> float:
    """Return the seconds to wait after so many failures in a row.

    Args:
        failures: how many.
        policy: gives the backoff.
        chance: gives a number from 0 to 1.
        error: the last; its Retry-After is honoured, up to the longest pause.
        left: seconds of validity that remain: the retries are spread over them.
    """
    most = policy.backoff.most
    asked = getattr(error, "retry_after", None)
    if asked is not None:
        return max(0.0, min(float(asked), most))
    most = min(most, policy.backoff.first * 2.0 ** min(failures - 1, 30))
    if left is not None and left > 0:
        most = min(most, max(left / 2, policy.backoff.first / 2))
    return most * chance()


@define(eq=False)
class Trouble:
    """One secret's failures in a row.

    Attributes:
        error: the last one.
        failures: how many there were.
        retry_at: until then nobody asks: all get that error.
        bound_at: until then nothing asks, the background included.
    """

    error: Exception
    failures: int = 0
    retry_at: float = 0.0
    bound_at: float = 0.0
    _minute: float = 0.0
    _within: int = 0

    def failed(
        self, error: Exception, now: float, policy: Policy, chance: Callable[[], float]
    ) -> None:
        """Note one more, and when the next attempt may be."""
        self.error = error
        self.failures += 1
        if now - self._minute >= _MINUTE:
            self._minute, self._within = now, 0
        self._within += 1
        asked = getattr(error, "retry_after", None) is not None
        if asked or self.failures > _FREE:
            late = self.failures - _FREE
            self.retry_at = now + pause_after(late, policy, chance, error=error)
        if self._within >= policy.attempts:
            self.bound_at = self._minute + _MINUTE
            self.retry_at = max(self.retry_at, self.bound_at)

    def over(self, now: float) -> bool:
        """Tell whether it is so long ago that it counts no more."""
        return now - max(self.retry_at, self._minute) > 2 * _MINUTE


@define(eq=False)
class Circuit:
    """Keeps a whole store from being asked while it has an outage.

    One secret that fails is that secret's trouble. Several that fail with no success
    between are the store's: then one attempt at a time finds out whether it is back,
    with growing pauses, and all others get the same error at once.

    Attributes:
        is_open: whether the store is known to have an outage.
        retry_at: when it is asked again, then.
    """

    name: str
    policy: Policy
    clock: Clock
    chance: Callable[[], float]
    is_open: bool = False
    retry_at: float = 0.0
    _last: str = ""
    _failing: set[str] = field(factory=set[str])
    _trouble: Trouble | None = None
    _probe: anyio.Event | None = None

    def refusal(self, base: str) -> StoreUnavailableError | None:
        """Return the error for who would ask in an outage now; None if one may."""
        wait = self.retry_at - self.clock()
        if wait <= 0:
            return None
        return StoreUnavailableError(
            self.name,
            ref=base,
            reason=f"it has an outage ({self._last} for several secrets in a row) "
            "and has a pause",
            retry_after=wait,
            asked=False,
        )

    async def enter(self, base: str) -> None:
        """Wait until the store may be asked.

        Raises:
            StoreUnavailableError: It has an outage, and this is not the next attempt.
        """
        while self.is_open:
            refusal = self.refusal(base)
            if refusal is not None:
                raise refusal
            if self._probe is None:
                self._probe = anyio.Event()
                return
            await self._probe.wait()

    def answered(self) -> None:
        """Note that the store is there, whatever it said."""
        if self.is_open:
            _LOG.info("%s: answers again", self.name)
        self.is_open, self._trouble = False, None
        self._failing.clear()
        self.left()

    def failed(self, base: str, error: Exception) -> None:
        """Note an outage."""
        now = self.clock()
        if len(self._failing) < _MANY:
            self._failing.add(base)
        if self._trouble is None:
            self._trouble = Trouble(error, _FREE)
        if self.is_open or len(self._failing) >= _MANY:
            if not self.is_open:
                _LOG.warning("%s: has an outage: %s", self.name, told(error))
            self.is_open, self._last = True, type(error).__name__
            self._trouble.failed(error, now, self.policy, self.chance)
            least = now + self.policy.backoff.first / 2
            self.retry_at = max(self._trouble.retry_at, least)
        self.left()

    def left(self) -> None:
        """Let the next one try, where an attempt was given up."""
        if self._probe is not None:
            self._probe.set()
            self._probe = None
