"""What was written when, and how old what was answered is."""

from __future__ import annotations

from attrs import define, field


@define
class Ledger:
    """Each tenant's versions with their times; each answer's age.

    Attributes:
        written: when each version of a tenant's key was written, from version 1.
        ages: of each answer, the seconds since its version was superseded, with the
            time of that; 0 where it was the newest.
        outage: when the bus was away.
    """

    written: dict[str, list[float]] = field(factory=dict)
    ages: list[tuple[float, float]] = field(factory=list)
    outage: tuple[float, float] = (float("inf"), float("inf"))
    answers: int = 0
    foreign: int = 0
    failed: int = 0
    errors: list[str] = field(factory=list)

    def write(self, tenant: str, now: float) -> str:
        """Note a new version; return its value."""
        times = self.written.setdefault(tenant, [])
        times.append(now)
        return f"{tenant}:{len(times)}"

    def check(self, tenant: str, key: str, asked: float) -> None:
        """Take an answer to a question that was asked at a time."""
        self.answers += 1
        owner, _, version = key.partition(":")
        if owner != tenant:
            self.foreign += 1
            return
        times = self.written[tenant]
        superseded = times[int(version)] if int(version) < len(times) else asked
        self.ages.append((superseded, max(0.0, asked - superseded)))

    def fail(self, what: str) -> None:
        """Take note of a request that failed."""
        self.failed += 1
        self.errors.append(what)

    def oldest(self, *, through_outage: bool, slack: float) -> tuple[float, float]:
        """Return the oldest answer and the age that 99 in 100 stale ones keep below.

        Args:
            through_outage: of what was superseded while the bus was away (or just
                before); else of the rest.
            slack: seconds before the outage that count to it.
        """
        gone, back = self.outage
        stale = sorted(
            age
            for superseded, age in self.ages
            if age > 0 and (gone - slack <= superseded <= back) == through_outage
        )
        return (stale[-1], stale[int(len(stale) * 0.99)]) if stale else (0.0, 0.0)
