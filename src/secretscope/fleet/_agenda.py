"""What has to be looked at again, and when: each thing once, the soonest first."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from itertools import count

from attrs import evolve, field, frozen

Key = tuple[str, str | None, str | None]
"""A store (empty is any), a tenant (None is the application), a ref (None is all)."""


@frozen(kw_only=True)
class Look:
    """A look at the store that is due.

    Attributes:
        key: at what.
        due: when, in seconds of the fleet's clock.
        since: when it was heard that something had changed.
        version: the version that was told; None is unknown.
        tries: how often it was looked at in vain.
    """

    key: Key
    due: float
    since: float
    version: str | None = field(default=None)
    tries: int = 0


class Agenda:
    """Looks that are due later: of each thing one, at the soonest time given.

    So it holds no more looks than there are things, however many notices come, and
    notices that keep coming do not put a look off.
    """

    def __init__(self) -> None:
        self._looks: dict[Key, Look] = {}
        self._order: list[tuple[float, int, Key]] = []
        self._numbers: Iterator[int] = count()

    def add(self, look: Look) -> None:
        """Take a look in; where one is due at the same thing, both become one."""
        known = self._looks.get(look.key)
        if known is not None:
            # what the later one waits for was told after the earlier one's
            newest = max(known, look, key=lambda each: each.since)
            look = evolve(newest, due=min(known.due, look.due))
        self._looks[look.key] = look
        if known is None or look.due < known.due:
            heapq.heappush(self._order, (look.due, next(self._numbers), look.key))

    def take(self, now: float) -> Look | None:
        """Return a look that is due, which is on the agenda no more."""
        while self._order:
            due, _, key = self._order[0]
            look = self._looks.get(key)
            if look is not None and look.due == due:
                if due > now:
                    return None
                heapq.heappop(self._order)
                return self._looks.pop(key)
            heapq.heappop(self._order)  # it was brought forward, or dropped
        return None

    def drop(self, tenant: str) -> None:
        """Take off what is about a tenant that is gone."""
        for key in [key for key in self._looks if key[1] == tenant]:
            del self._looks[key]

    @property
    def next_due(self) -> float | None:
        """When the next look is due; None is never."""
        return self._order[0][0] if self._order else None

    def __len__(self) -> int:
        return len(self._looks)
