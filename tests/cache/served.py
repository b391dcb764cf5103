"""A cache that is served, by a clock that the test turns."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import anyio

from secretscope import CachedSecrets, Policy, StoreUnavailableError
from secretscope.protocols import Source
from secretscope.testing import HandClock, ScriptedSource

MIDDLE = 0.5
"""What `chance` answers: in the middle of what is drawn at random."""
AHEAD = 2 / 3 * 0.85
"""The share of a ttl after which a value is refreshed, then."""
DOWN = StoreUnavailableError("the store", reason="503, sealed")
"""An outage."""


@asynccontextmanager
async def served(*caches: CachedSecrets) -> AsyncIterator[None]:
    """Serve them in the block."""
    async with anyio.create_task_group() as group:
        for cache in caches:
            await group.start(cache.serve)
        yield
        group.cancel_scope.cancel()


def cached(source: Source, clock: HandClock, **options: Any) -> CachedSecrets:
    """Return a cache without chance."""
    policy = Policy(**options)
    return CachedSecrets(
        source, policy, name="the store", clock=clock, chance=lambda: MIDDLE
    )


def of(
    kind: type[ScriptedSource], held: Mapping[str, Any], **options: Any
) -> tuple[Any, CachedSecrets, HandClock]:
    """Return a scripted source, a cache over it, and the clock of both."""
    clock = HandClock()
    source = kind(held, clock=clock)
    return source, cached(source, clock, **options), clock
