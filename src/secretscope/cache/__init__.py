"""Freshness: what was fetched is kept for as long as it is good."""

from secretscope.cache._cached import CachedSecrets
from secretscope.cache._flight import again
from secretscope.cache._policy import Policy

__all__ = ["CachedSecrets", "Policy", "again"]
