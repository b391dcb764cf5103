"""``python -m tests.soak SECONDS``: a lifetime under faults at random, on both loops.

Twenty tenants read keys, pairs and leases while the store fails, hangs, loses its token
and its watch, rotates and deletes. Every read is held against what may be read; the last
lines say how many reads, rotations and errors there were, and what memory did.
"""

from __future__ import annotations

import gc
import logging
import random
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import anyio
from dependency_injector import containers, providers

from secretscope import (
    CachedSecrets,
    DeletedSecretError,
    Policy,
    ScopedSecrets,
    SecretsBackend,
    StoreTimeoutError,
    StoreUnavailableError,
    lifetime,
    needs,
)
from secretscope.redaction import KNOWN
from secretscope.testing import (
    ScriptedBatches,
    ScriptedLeases,
    ScriptedLogins,
    ScriptedWatch,
)

TENANTS = tuple(f"tenant-{number}" for number in range(20))
TTL, MAX_STALE = 2.0, 4.0
POLICY = Policy(
    ttl=TTL,
    max_stale=MAX_STALE,
    negative_ttl=0.5,
    refresh_gap=0.2,
    idle=3,
    timeout=1.5,
    attempts=200,
    backoff={"first": 0.05, "most": 1},
)
SLACK = 3.0
"""Seconds that a loaded machine may be late; nothing is late by that much in a test."""
DICE = random.Random()
FAULTS: tuple[Exception, ...] = (
    StoreUnavailableError("the store", reason="503"),
    StoreUnavailableError("the store", reason="429", retry_after=0.3),
    StoreTimeoutError("the store", seconds=1),
    ConnectionResetError(),
)


class Store(ScriptedWatch, ScriptedLogins, ScriptedLeases, ScriptedBatches):
    """Has every talent; what it was asked is counted and not kept."""

    seconds, longest = 4.0, 12.0
    leased = frozenset(f"t/{tenant}/db" for tenant in TENANTS)

    async def _request(self, act: str, *locations: str) -> None:
        await super()._request(act, *locations)
        del self.calls[:-100]


class Soak:
    def __init__(self) -> None:
        self.source = Store()
        self.cached = CachedSecrets(self.source, POLICY, name="the store")
        self.numbers = {self.place(tenant): 0 for tenant in TENANTS}
        self.ended: dict[tuple[str, int], float] = {}
        self.seen: Counter[str] = Counter()
        self.errors: Counter[str] = Counter()
        self.broken_until = 0.0

    def place(self, tenant: str) -> str:
        return f"t/{tenant}/KEY"

    def rotate(self, place: str) -> None:
        number = self.numbers[place]
        self.ended[place, number] = time.monotonic()
        self.numbers[place] = number + 1
        pair = {"user": f"{number + 1} {place}", "password": f"{number + 1} {place} pw"}
        self.source.hold(place, pair)
        old = [key for key, at in self.ended.items() if at < time.monotonic() - 60]
        for key in old:
            del self.ended[key]

    def check(self, tenant: str, reader: Any) -> None:
        place = self.place(tenant)
        user = reader.lookup_sync("KEY#user")
        password = reader.lookup_sync("KEY#password")
        number, _, owner = user.partition(" ")
        if owner != place or password != f"{user} pw":
            raise AssertionError(f"{tenant} read {user!r} with {password!r}")
        ended = self.ended.get((place, int(number)))
        if ended is not None:
            late = time.monotonic() - ended
            if late > TTL + MAX_STALE + SLACK:
                raise AssertionError(f"{late:.1f} s stale")
        elif int(number) != self.numbers[place]:
            raise AssertionError("stale without end")

    async def read(self, tenant: str, secrets: Any) -> None:
        """Be one request of a tenant: read now and then, for a while."""
        while True:
            try:
                async with secrets.tenant(tenant) as reader:
                    for _ in range(DICE.randint(1, 50)):
                        await self.read_once(tenant, reader)
                        await anyio.sleep(DICE.uniform(0, 0.02))
            except Exception as error:  # counted; a broken rule ends it
                if isinstance(error, AssertionError):
                    raise
                self.errors[type(error).__name__] += 1
                await anyio.sleep(0.01)

    async def read_once(self, tenant: str, reader: Any) -> None:
        self.seen["reads"] += 1
        try:
            dice = DICE.random()
            if dice < 0.8:
                self.check(tenant, reader)
            elif dice < 0.9:
                await reader.resolve("KEY#user")
            elif dice < 0.97:
                user = await reader.resolve("db#user")
                if f"-of-t/{tenant}/db" not in user:
                    raise AssertionError(f"{tenant} read {user!r}")
            else:
                await reader.refresh("KEY")
        except AssertionError:
            raise
        except Exception as error:  # noqa: BLE001 - counted
            self.errors[type(error).__name__] += 1

    # --- what goes wrong -------------------------------------------------------------

    async def chaos(self) -> None:
        acts = {
            self.rotated: 60,
            self.failing: 10,
            self.hanging: 5,
            self.dead: 10,
            self.unwatched: 5,
            self.deleted: 5,
            self.unrenewed: 5,
        }
        while True:
            await anyio.sleep(DICE.uniform(0.01, 0.2))
            await DICE.choices(list(acts), list(acts.values()))[0]()

    async def rotated(self) -> None:
        place = DICE.choice(list(self.numbers))
        self.rotate(place)
        if DICE.random() < 0.5:
            self.source.tell(place)

    async def failing(self) -> None:
        self.source.fail(DICE.choice(FAULTS))
        await anyio.sleep(DICE.choice([0.05, 0.3, 1, 3, 8]))
        self.source.mend()

    async def hanging(self) -> None:
        self.source.hang()
        await anyio.sleep(DICE.choice([0.1, 0.5, 2]))
        self.source.release()

    async def dead(self) -> None:
        self.source.alive = False

    async def unwatched(self) -> None:
        self.source.tell(OSError("the stream broke"))

    async def deleted(self) -> None:
        place = DICE.choice(list(self.numbers))
        self.source.drop(place, DeletedSecretError(place, where="the store"))
        await anyio.sleep(0.2)
        self.rotate(place)

    async def unrenewed(self) -> None:
        self.source.fail(StoreUnavailableError("the store"), act="renew", times=5)

    # --- the whole -------------------------------------------------------------------

    async def run(self, seconds: float) -> None:
        class App(containers.DeclarativeContainer):
            backend = SecretsBackend(
                providers.Object(self.cached),
                settings={"tenants": {"path": "t/{tenant}/{ref}"}},
            )
            secrets = ScopedSecrets(backend)
            thing = needs(
                providers.Object(1), optional=["KEY#user", "db#user"], secrets=secrets
            )

        for tenant in TENANTS:
            self.rotate(self.place(tenant))
            self.source.hold(f"t/{tenant}/db", "a role")
        self.cached.on_rotation(lambda told: self.seen.update(["rotations"]))
        async with lifetime(App()) as secrets:
            with anyio.move_on_after(seconds):
                async with anyio.create_task_group() as group:
                    group.start_soon(self.chaos)
                    for tenant in TENANTS * 3:
                        group.start_soon(self.read, tenant, secrets)
            self.source.mend()
            self.source.alive = True
            await anyio.sleep(4)
            for tenant in TENANTS:
                async with secrets.tenant(tenant) as reader:
                    self.check(tenant, reader)
        left = set(self.source._leases)
        if any(
            lease.until > time.monotonic() for lease in self.source._leases.values()
        ):
            raise AssertionError(f"leases were not given back: {left}")


def memory() -> float:
    """Return the resident memory of this process, in MB."""
    gc.collect()
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    kilobytes = next(line for line in lines if line.startswith("VmRSS")).split()[1]
    return int(kilobytes) / 1024


def main(seconds: float) -> None:
    logging.getLogger("secretscope").addHandler(logging.NullHandler())
    logging.getLogger("secretscope").propagate = False
    for loop in ("asyncio", "trio"):
        soak = Soak()
        warm = min(20.0, seconds / 10)
        anyio.run(soak.run, warm, backend=loop)
        soak = Soak()
        before = memory()
        known = len(KNOWN)
        began = time.process_time()
        anyio.run(soak.run, seconds / 2 - warm, backend=loop)
        spent = time.process_time() - began
        errors = ", ".join(f"{kind} {n:,}" for kind, n in soak.errors.most_common())
        print(  # noqa: T201 - what it is run for
            f"{loop}: {soak.seen['reads']:,} reads, {soak.seen['rotations']:,} rotations "
            f"told, {spent:.0f} s of CPU; errors shown: {errors or 'none'}; memory "
            f"{before:.1f} MB, then {memory():.1f} MB ({len(KNOWN) - known:,} more values "
            "are known, to be masked for 24 hours)",
            flush=True,
        )


if __name__ == "__main__":
    main(float(sys.argv[1]) if sys.argv[1:] else 600)
