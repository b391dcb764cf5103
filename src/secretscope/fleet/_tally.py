"""Messages that nobody should listen to: counted, and logged once in a while."""

from __future__ import annotations

import logging
from collections import Counter

from secretscope.fleet._notice import Drop

_LOG = logging.getLogger("secretscope.fleet")
_EVERY = 60.0
"""Seconds between two lines on the same fault."""

_HINTS = {
    Drop.FORGED: "somebody writes to the channel without the key, or with an old one",
    Drop.UNTIMELY: "somebody sends old messages again, or a machine's clock is wrong",
    Drop.REPLAYED: "somebody sends messages again",
    Drop.FOREIGN: "another release of secretscope speaks there",
    Drop.OVERSIZED: "something else writes to the channel",
    Drop.MALFORMED: "something else writes to the channel",
}


class Tally:
    """Counts what was dropped, by reason."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self._logged: dict[Drop, float] = {}

    def count(self, drop: Drop, now: float) -> None:
        """Count one more; say so, unless it was said within the last minute."""
        self.counts[drop.value] += 1
        last = self._logged.get(drop)
        if last is None or now - last >= _EVERY:
            self._logged[drop] = now
            _LOG.warning(
                "the fleet's channel: %d message(s) dropped so far as %s: %s",
                self.counts[drop.value],
                drop.value,
                _HINTS[drop],
            )
