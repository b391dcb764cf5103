"""When a failed request to a model is made again."""

from __future__ import annotations

import random

from attrs import field, frozen, validators


@frozen(kw_only=True)
class RetryPolicy:
    """How often a request is tried, and how long to wait in between.

    Args:
        max_attempts: requests in all, the first included.
        initial_delay_s: seconds before the second; it then grows by `multiplier`.
        max_delay_s: the longest wait; a service that asks for a longer one is not
            asked again.
        multiplier: how fast the wait grows.
        jitter: whether a wait is drawn at random from zero to its full length, so
            that callers do not come back all at once.

    Raises:
        ValueError: A number is below its least.
    """

    max_attempts: int = field(default=3, validator=validators.ge(1))
    initial_delay_s: float = field(default=1.0, validator=validators.ge(0))
    max_delay_s: float = field(default=30.0, validator=validators.ge(0))
    multiplier: float = field(default=2.0, validator=validators.ge(1))
    jitter: bool = True

    def delay(self, attempt: int, *, retry_after: float | None = None) -> float | None:
        """Return how long to wait after an attempt, or None to give up.

        Args:
            attempt: the number of the attempt that failed, from 1.
            retry_after: seconds that the service asked us to wait.
        """
        asked = retry_after or 0.0
        if attempt >= self.max_attempts or asked > self.max_delay_s:
            return None
        full = self.initial_delay_s * self.multiplier ** (attempt - 1)
        wait = min(full, self.max_delay_s)
        if self.jitter:
            wait *= random.random()  # noqa: S311 - it spreads load, it hides nothing
        return max(wait, asked)
