"""Freshness: who asks when, and what time alone does to what is at hand."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import anyio
from attrs import define, field

from secretscope.cache._asking import Answers, Asking
from secretscope.cache._engine import Engine
from secretscope.cache._entry import NEAR, Entry
from secretscope.cache._flight import Flights
from secretscope.cache._hold import Hold
from secretscope.cache._leases import Leases
from secretscope.cache._outcomes import Outcomes
from secretscope.cache._policy import Policy
from secretscope.cache._refresher import Refresher
from secretscope.cache._renewal import renewed
from secretscope.cache._shelf import Shelf
from secretscope.errors import again
from secretscope.protocols import BatchSource
from secretscope.values import Secret

_BATCH = 100
"""Secrets that one background load takes, where the source fetches many at once."""


@define(eq=False)
class Keeper:
    """Keeps the entries of one store fresh.

    Attributes:
        shelf: the entries.
        asking: asks the store.
        engine: tells when something is due.
        policy: what holds.
        chance: gives a number from 0 to 1.
    """

    shelf: Shelf
    asking: Asking
    engine: Engine
    policy: Policy
    chance: Callable[[], float]
    flights: Flights[Secret] = field(init=False)
    leases: Leases = field(init=False)
    outcomes: Outcomes = field(init=False)
    _refresher: Refresher = field(init=False)
    _batched: bool = field(init=False)
    _again: set[str] = field(factory=set[str])

    def __attrs_post_init__(self) -> None:
        self.flights = Flights(self.engine, self.shelf.name)
        self.leases = Leases(self.shelf.clock)
        self.outcomes = Outcomes(
            self.shelf, self.engine, self.policy, self.chance, self, self.leases
        )
        self._batched = isinstance(self.asking.source, BatchSource)
        self._refresher = Refresher(
            self._begin,
            at_once=self.policy.concurrency,
            batch=_BATCH if self._batched else 1,
        )
        self.engine.house(self)

    # --- what readers ask for --------------------------------------------------------

    async def load(self, bases: Sequence[str], *, fresh: bool = False) -> Answers:
        """Ask for all of them, with everybody else who wants them now.

        Args:
            bases: which.
            fresh: whether only a request will do that begins from now on.

        Returns:
            For each its secret, or why there is none.
        """
        found: Answers = {}
        wanted: list[str] = []
        for base in bases:
            refusal = None if fresh else self._refusal(base)
            if refusal is None:
                wanted.append(base)
            else:
                found[base] = refusal
        if self._batched or len(wanted) == 1:
            found.update(await self.flights.load(wanted, self._fetch, fresh=fresh))
            return found

        async def one(base: str) -> None:
            found.update(await self.flights.load([base], self._fetch, fresh=fresh))

        async with anyio.create_task_group() as group:
            for base in wanted:
                group.start_soon(one, base)
        return found

    async def load_one(self, base: str) -> Secret | Exception:
        """Ask for one, as `load` does."""
        refusal = self._refusal(base)
        return refusal or await self.flights.one(base, self._fetch)

    def overdue(self, entry: Entry, now: float) -> bool:
        """Tell whether an awaited read asks again, though something may be read."""
        good = entry.good_until
        if good is None or now < good:
            return False
        if entry.missing:
            return True
        trouble = self.outcomes.troubles.get(entry.base)
        if trouble is not None and now < trouble.retry_at:
            return False
        waits = entry.refresh_at is not None or entry.base in self.flights
        return self.engine.group is None or not waits

    def too_soon(self, entry: Entry) -> bool:
        """Tell whether a refresh must wait; then it is done once it may be."""
        may = entry.loaded + entry.policy.refresh_gap
        if self.shelf.clock() >= may:
            return False
        if entry.refresh_at is None or entry.refresh_at > may:
            entry.refresh_at = may
            self.engine.schedule(entry)
        return True

    def _refusal(self, base: str) -> Exception | None:
        """Return the error of what was asked for too often."""
        trouble = self.outcomes.troubles.get(base)
        if trouble is None or self.shelf.clock() >= trouble.retry_at:
            return None
        return again(trouble.error)

    # --- asking ----------------------------------------------------------------------

    async def _fetch(self, bases: Sequence[str]) -> Answers:
        loads = {base: self.flights.number(base) for base in bases}
        answers = await self.asking.fetch(bases)
        for base, answer in answers.items():
            self._settle(base, answer, loads[base])
        return answers

    async def _refresh(self, bases: Sequence[str]) -> Answers:
        """Renew what is a renewable lease, and fetch the rest."""
        answers: Answers = {}
        unrenewed: list[str] = []
        for base in bases:
            load = self.flights.number(base)
            answer = await renewed(self.asking, base)
            if answer is None:
                unrenewed.append(base)
            else:
                answers[base] = answer
                self._settle(base, answer, load)
        if unrenewed:
            answers.update(await self._fetch(unrenewed))
        return answers

    def _settle(self, base: str, answer: Secret | Exception, load: int | None) -> None:
        if load is None or self.flights.number(base) != load:  # it was forgotten
            if isinstance(answer, Secret):
                self.leases.note(answer)
            return
        if isinstance(answer, Exception):
            self.outcomes.failed(base, answer)
        else:
            self.outcomes.landed(base, answer)
        if base in self._again:  # it changed while it was asked for
            self._again.discard(base)
            self._soon(base)

    def _begin(self, bases: Sequence[str], over: Callable[[], None]) -> None:
        self.flights.start(bases, self._refresh, over)

    def _soon(self, base: str) -> None:
        self._refresher.add(base)
        self.engine.after(self._refresher.pump)

    # --- what time does --------------------------------------------------------------

    def entries(self) -> Iterable[Entry]:
        """Return every entry there is."""
        return self.shelf.entries.values()

    def began(self) -> None:
        """Watch what was fetched before somebody hosts it."""
        now = self.shelf.clock()
        for entry in list(self.shelf.entries.values()):
            if entry.refresh_at is None and entry.good_until is not None:
                entry.refresh_at = max(now, entry.good_until - NEAR)
            self.engine.schedule(entry)

    def fire(self, entry: Entry, now: float) -> None:
        """Do what is due: call copies back, refresh, let go."""
        until = entry.until
        if until is not None:
            if now >= until:
                self._run_out(entry, now)
                return
            if not entry.closing and now >= until - NEAR:
                entry.closing = True
                if entry.lent:
                    self.shelf.tell(entry.base)
        due = entry.refresh_at
        if due is not None and now >= due:
            entry.refresh_at = None
            if self._wanted(entry, now):
                self._soon(entry.base)
        self.engine.schedule(entry)

    def _wanted(self, entry: Entry, now: float) -> bool:
        """Tell whether somebody keeps it, or has read it of late.

        Copies that were handed out are called back first: what is read after that
        is read here, and seen.
        """
        if entry.base in self.shelf.kept:
            return True
        if entry.lent:
            entry.lent = False
            entry.recalled = True
            entry.seen_at = now
            self.shelf.tell(entry.base)
        return now - entry.seen_at <= entry.policy.idle

    def _run_out(self, entry: Entry, now: float) -> None:
        base = entry.base
        limit = entry.stale_until()
        if base in self.flights and limit is not None and now < limit:
            entry.end_at(limit, now)  # what is asked for now decides
        elif base not in self.shelf.kept:
            self.shelf.bury(entry)
            self.shelf.tell(base)
            return
        elif entry.missing:
            entry.until, entry.refresh_at = None, now
        else:
            entry.let_go()
            entry.refresh_at = now if entry.refresh_at is None else entry.refresh_at
            self.shelf.tell(base)
        self.engine.schedule(entry)

    # --- what others say -------------------------------------------------------------

    def keep(self, base: str) -> Callable[[], None]:
        """Keep it fresh until the function that is returned is called."""
        kept, entry = self.shelf.kept, self.shelf.entries.get(base)
        if entry is not None:
            base = entry.base  # the same object: there may be many
        kept[base] = kept.get(base, 0) + 1
        if entry is not None and entry.refresh_at is None and base not in self.flights:
            entry.refresh_at = entry.good_until
            self.engine.schedule(entry)
        return Hold(self, base)

    def let_go(self, base: str) -> None:
        """Keep it fresh for one less; called by a `Hold`."""
        kept = self.shelf.kept
        kept[base] -= 1
        if not kept[base]:
            del kept[base]
            self._released(base)

    def _released(self, base: str) -> None:
        entry = self.shelf.entries.get(base)
        if entry is None:
            return
        entry.seen_at = self.shelf.clock()
        if entry.answer is None:
            self.shelf.bury(entry)
        elif entry.missing and entry.until is None:
            entry.end_at(entry.good_until, entry.seen_at)
            self.engine.schedule(entry)

    def lend(self, base: str) -> bool:
        """Tell whether a copy may be held: its end will be told of in time."""
        entry = self.shelf.entries.get(base)
        if entry is None or entry.until is None:
            return entry is None or not entry.recalled
        if self.engine.group is None or entry.closing or entry.recalled:
            return False
        entry.lent = True
        return True

    def changed(self, base: str) -> None:
        """Refresh what its store says has changed."""
        entry = self.shelf.entries.get(base)
        if base in self.flights:
            self._again.add(base)
        elif entry is not None:
            secret = entry.secret
            if secret is None or secret.lease_id is None:
                entry.refresh_at = None
                self._soon(base)

    def changed_all(self) -> None:
        """Refresh all that may have changed while nobody watched."""
        for base in list(self.shelf.entries):
            self.changed(base)

    def end(self, base: str) -> None:
        """Let nobody read what is held any longer; an await asks again."""
        entry = self.shelf.entries.get(base)
        if entry is not None:
            entry.let_go()
            self.shelf.tell(base)

    def forget(self, base: str) -> None:
        """Drop all that is known of it."""
        self.flights.abandon(base)
        self._refresher.drop(base)
        self._again.discard(base)
        self.outcomes.troubles.pop(base, None)
        entry = self.shelf.entries.get(base)
        if entry is not None:
            self.shelf.bury(entry)
            self.shelf.tell(base)
        self.shelf.traces.pop(base, None)

    def close(self) -> None:
        """End every load, and forget everything."""
        self.flights.close()
        self._refresher.clear()
        self._again.clear()
        self.outcomes.troubles.clear()
        self.shelf.clear()
