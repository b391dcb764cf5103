"""Renewing a lease: prolonged while it can be, and given up in time for a new one."""

from __future__ import annotations

from secretscope.cache._asking import Asking
from secretscope.cache._entry import NEAR, Entry
from secretscope.cache._failures import Kind, kind_of
from secretscope.errors import again
from secretscope.protocols import LeasingSource
from secretscope.values import Secret

_LAST = 0.1
"""The last share of a lease: what could not be renewed until then is read anew."""


async def renewed(asking: Asking, base: str) -> Secret | Exception | None:
    """Prolong a base's lease, where it has one.

    Returns:
        The secret as it was prolonged; the outage that kept it from being, while there
        is time to try again; None where a new credential is to be fetched.
    """
    source, entry = asking.source, asking.shelf.entries.get(base)
    secret = entry.secret if entry is not None else None
    if entry is None or secret is None or not secret.renewable:
        return None
    if not isinstance(source, LeasingSource):
        return None
    failure: Exception | None = None
    granted: Secret | None = None
    try:
        granted = await asking.renew(source, base, secret)
    except Exception as error:  # noqa: BLE001 - what it says is looked at below
        failure = again(error)
    if failure is not None:
        ends = _ends(secret, entry, asking.clock())
        return failure if kind_of(failure) is Kind.OUTAGE and not ends else None
    end, before = granted.expires_at if granted else None, secret.expires_at
    longer = end is None or (before is not None and end > before + NEAR / 2)
    return granted if longer else None


def _ends(secret: Secret, entry: Entry, now: float) -> bool:
    """Tell whether a lease is so near its end that a new one is due."""
    end = secret.expires_at
    return end is not None and (
        end - now <= max(2 * NEAR, _LAST * (end - entry.loaded))
    )
