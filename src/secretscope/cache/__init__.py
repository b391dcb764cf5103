"""Freshness: what was fetched is kept for as long as it is good."""

from secretscope.cache._cached import CachedSecrets
from secretscope.cache._observer import Observer, Request, observe
from secretscope.cache._policy import LOCAL, Backoff, Policy

__all__ = [
    "LOCAL",
    "Backoff",
    "CachedSecrets",
    "Observer",
    "Policy",
    "Request",
    "observe",
]
