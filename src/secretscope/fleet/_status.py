"""How a process's part of the fleet is doing."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import frozen


@frozen(kw_only=True)
class FleetStatus:
    """How a process's part of the fleet is doing, for people and for dashboards.

    Attributes:
        up: whether the channel is there.
        fault: why it is not, in words.
        joins: how often it came up; every time but the first ended a gap.
        said: messages that got out.
        unsaid: notices that wait to be told.
        heard: messages that were listened to.
        dropped: messages that were not, by reason.
        looked: looks at the store that notices and gaps have led to.
        waiting: looks that are due later.
        given_up: looks that never found what was told.
    """

    up: bool
    fault: str | None
    joins: int
    said: int
    unsaid: int
    heard: int
    dropped: Mapping[str, int]
    looked: int
    waiting: int
    given_up: int
