"""Closing a cache: leases go back, then the source is closed, each bounded in time."""

from __future__ import annotations

import anyio

from secretscope.cache._parts import Parts
from secretscope.cache._policy import Policy
from secretscope.protocols import LeasingSource, Openable, Source


async def close(source: Source, policy: Policy, parts: Parts) -> list[Exception]:
    """Give leases back, close the source, and forget what was fetched.

    Returns:
        What failed.
    """
    asking, keeper = parts.asking, parts.keeper
    keeper.close()
    failures: list[Exception] = []
    try:
        if isinstance(source, LeasingSource):
            failures += await keeper.leases.give_back(
                lambda secret: asking.revoke(source, secret),
                store=asking.name,
                seconds=policy.close_timeout,
                at_once=policy.concurrency,
            )
    finally:
        if isinstance(source, Openable):
            failures += await _closed(source, policy.close_timeout)
    return failures


async def _closed(source: Openable, seconds: float) -> list[Exception]:
    try:
        with anyio.fail_after(seconds, shield=True):
            await source.aclose()
    except Exception as failure:  # noqa: BLE001 - told with what else failed
        return [failure]
    return []
