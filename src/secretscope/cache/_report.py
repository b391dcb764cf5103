"""How each secret is doing, for people and for dashboards."""

from __future__ import annotations

from collections.abc import Iterable

from secretscope.cache._entry import Entry
from secretscope.cache._failures import told
from secretscope.cache._keeper import Keeper
from secretscope.values import SecretStatus


def report(keeper: Keeper, bases: Iterable[str] | None = None) -> list[SecretStatus]:
    """Return the status of every base that was asked for, without any I/O.

    Args:
        keeper: what keeps them.
        bases: of these alone.
    """
    shelf, now = keeper.shelf, keeper.shelf.clock()
    entries, troubles = shelf.entries, keeper.outcomes.troubles
    if bases is not None:
        wanted = tuple(bases)
        entries = {base: entries[base] for base in wanted if base in entries}
        troubles = {base: troubles[base] for base in wanted if base in troubles}
    found = [_status(keeper, entry, now) for entry in tuple(entries.values())]
    found += [
        SecretStatus(
            ref=base,
            store=shelf.name,
            tenant=shelf.tenant(base),
            error=told(trouble.error),
        )
        for base, trouble in tuple(troubles.items())
        if base not in entries
    ]
    return found


def _status(keeper: Keeper, entry: Entry, now: float) -> SecretStatus:
    shelf = keeper.shelf
    trouble = keeper.outcomes.troubles.get(entry.base)
    readable = entry.readable(now)
    until = entry.until
    return SecretStatus(
        ref=entry.base,
        store=shelf.name,
        tenant=shelf.tenant(entry.base),
        version=entry.version,
        counted=entry.counts,
        age=now - entry.loaded if readable else None,
        left=until - now if until is not None and readable else None,
        stale=readable and entry.stale(now),
        missing=entry.missing,
        error=told(trouble.error) if trouble is not None else None,
        reads=entry.reads,
        refreshes=entry.refreshes,
    )
