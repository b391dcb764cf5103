"""Looking at the store again: later, each process at a time of its own."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from random import Random

import anyio
from attrs import evolve

from secretscope.errors import SecretReadError
from secretscope.fleet._agenda import Agenda, Key, Look
from secretscope.fleet._holder import Holder, shared_version
from secretscope.fleet._options import FleetOptions
from secretscope.fleet._time import Clock
from secretscope.values import SecretStatus

_LOG = logging.getLogger("secretscope.fleet")
_BUSY = 1.0
"""Seconds until a look is repeated that came while another one was under way."""
_MOST_TRIES = 6
"""Looks in vain, by default over about five minutes; then freshness alone counts."""


class Rechecks:
    """Looks again at what may have changed, jittered, one look a thing at a time.

    Args:
        holder: the process's secrets.
        options: how looks are spread.
        clock: tells the time, and waits.
        random: draws the times.
    """

    def __init__(
        self, holder: Holder, options: FleetOptions, *, clock: Clock, random: Random
    ) -> None:
        self._holder = holder
        self._options = options
        self._clock = clock
        self._random = random
        self._agenda = Agenda()
        self._woken = anyio.Event()
        self._free = anyio.Semaphore(options.concurrency)
        self._running: set[Key] = set()
        self.looked = 0
        self.given_up = 0

    def soon(self, key: Key, version: str | None = None) -> None:
        """Look within the spread."""
        self._plan(key, self._options.spread, version)

    def sweep(self) -> None:
        """Look at everything that is open, within the sweep."""
        for tenant in (None, *self._holder.open_tenants()):
            self._plan(("", tenant, None), self._options.sweep, None)

    def drop(self, tenant: str) -> None:
        """Look no more at what was a tenant's."""
        self._agenda.drop(tenant)

    def is_looking_at(self, tenant: str | None, ref: str) -> bool:
        """Tell whether a look at this secret is under way: it explains a rotation."""
        return any(key[1] == tenant and key[2] in (None, ref) for key in self._running)

    @property
    def waiting(self) -> int:
        """How many looks are due later."""
        return len(self._agenda)

    async def run(self) -> None:
        """Look at what is due, until cancelled."""
        async with anyio.create_task_group() as group:
            while True:
                look = self._agenda.take(self._clock.monotonic())
                if look is None:
                    await self._rest()
                elif look.key in self._running:
                    self._agenda.add(evolve(look, due=self._now + _BUSY))
                else:
                    await self._free.acquire()
                    self._running.add(look.key)
                    group.start_soon(self._look, look)

    def _plan(self, key: Key, within: float, version: str | None) -> None:
        now = self._clock.monotonic()
        due = now + self._random.uniform(0, within)
        self._agenda.add(Look(key=key, due=due, since=now, version=version))
        self._woken.set()

    async def _rest(self) -> None:
        self._woken = anyio.Event()
        due = self._agenda.next_due
        seconds = None if due is None else max(0.0, due - self._clock.monotonic())
        await self._clock.wait(self._woken, seconds)

    async def _look(self, look: Look) -> None:
        try:
            store, tenant, ref = look.key
            for status in self._holder.held(tenant, ref, store=store):
                if self._is_news(look, status):
                    await self._look_at(look, status)
        except Exception as error:  # noqa: BLE001 - the others are looked at all the same
            _LOG.warning("a look at the store failed: %s", type(error).__name__)
        finally:
            self._running.discard(look.key)
            self._free.release()

    async def _look_at(self, look: Look, status: SecretStatus) -> None:
        ref, tenant, store = status.ref, status.tenant, status.store
        self.looked += 1
        try:
            await self._holder.recheck(ref, tenant=tenant, store=store)
        except SecretReadError:
            return  # it is gone, and readers are told so
        except Exception as error:  # noqa: BLE001 - a store of yours raises what it likes
            _LOG.info("%s could not be looked at: %s", ref, type(error).__name__)
        else:
            found = self._holder.held(tenant, ref, store=store)
            if _is_done(look, status, found, self._now):
                return
        self._again(look, (store, tenant, ref))

    @property
    def _now(self) -> float:
        return self._clock.monotonic()

    def _is_news(self, look: Look, status: SecretStatus) -> bool:
        if look.version is not None:
            return shared_version(status) != look.version
        return not _was_fetched(look, status, self._now)

    def _again(self, look: Look, key: Key) -> None:
        if look.tries + 1 >= _MOST_TRIES:
            self.given_up += 1
            _LOG.warning(
                "%s of %s has not changed in its store, though its rotation was told: "
                "freshness alone counts",
                key[2],
                f"tenant {key[1]!r}" if key[1] else "the application",
            )
            return
        pause = self._options.retry * 2**look.tries
        due = self._now + pause + self._random.uniform(0, self._options.spread)
        self._agenda.add(evolve(look, key=key, due=due, tries=look.tries + 1))
        self._woken.set()


def _was_fetched(look: Look, status: SecretStatus, now: float) -> bool:
    """Tell whether what is held was fetched after the notice came."""
    return status.age is not None and now - status.age > look.since


def _is_done(
    look: Look, before: SecretStatus, found: Sequence[SecretStatus], now: float
) -> bool:
    """Tell whether a look has found what was told of.

    A store that tells no age is asked once; one that still gives the version from
    before, though another was told, is asked again.
    """
    for after in found:
        if after.age is None or after.missing:
            continue
        if not _was_fetched(look, after, now):
            return False
        if look.version is not None and after.version == before.version:
            return look.version in {shared_version(each) for each in found}
    return True
