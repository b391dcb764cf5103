"""Tasks that race each other for tenants: how many reads are another's, or too old."""

from __future__ import annotations

import random
from collections import Counter
from typing import Any

import anyio
import anyio.lowlevel
from attrs import define, field
from dependency_injector import containers, providers

from secretscope import (
    CachedSecrets,
    Policy,
    ScopeClosedError,
    ScopedSecrets,
    Secret,
    SecretsBackend,
    SecretValue,
    TenantLimits,
    lifetime,
    needs,
)
from tests.benchmarks.table import Row

TASKS, TENANTS = 1000, 50
MANY, OPEN, VISITS = 2000, 200, 20_000
"""Tenants, how many of them may be open at once, and blocks that are entered."""


class Ours(containers.DeclarativeContainer):
    backend = SecretsBackend(
        {"backend": "dict", "dict": {}, "tenants": {"path": "t/{tenant}/{ref}"}}
    )
    secrets = ScopedSecrets(backend)
    key = SecretValue(secrets, "KEY")


class Theirs(containers.DeclarativeContainer):
    key = providers.Object("")


async def rows() -> list[Row]:
    crowd = Crowd()
    await crowd.run()
    return [
        ("secretscope: wrong reads of 2,000", await ours(), 0),
        (
            "dependency-injector's override(): wrong reads of 2,000",
            await theirs(),
            None,
        ),
        (f"{MANY:,} tenants, {OPEN} open: wrong reads of those below", crowd.wrong, 0),
        ("... reads of tenants' keys, thousands", crowd.reads / 1000, None),
        ("... reads of overrides, thousands", crowd.overridden / 1000, None),
        ("... evictions", crowd.evictions, None),
        ("... rotations", crowd.rotations, None),
        ("... tenants forgotten", crowd.forgets, None),
        ("... blocks that ended as their tenant was forgotten", crowd.ended, None),
    ]


async def ours() -> int:
    app: Any = Ours()
    wrong = 0

    async def task(number: int) -> None:
        nonlocal wrong
        mine = f"value-of-task-{number:05d}"
        async with secrets.tenant(f"t{number % TENANTS}"):
            with secrets.override(KEY=mine):
                for _ in range(2):
                    await anyio.lowlevel.checkpoint()
                    wrong += app.key() != mine

    async with lifetime(app) as secrets, anyio.create_task_group() as group:
        for number in range(TASKS):
            group.start_soon(task, number)
    return wrong


async def theirs() -> int:
    app: Any = Theirs()
    wrong = 0

    async def task(number: int) -> None:
        nonlocal wrong
        mine = f"value-of-task-{number:05d}"
        with app.key.override(mine):
            for _ in range(2):
                await anyio.lowlevel.checkpoint()
                wrong += app.key() != mine

    async with anyio.create_task_group() as group:
        for number in range(TASKS):
            group.start_soon(task, number)
    return wrong


class Numbered:
    """A source whose values say whose they are, and how often that has changed."""

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {}

    async def fetch(self, location: str) -> Secret:
        number = self.numbers.get(location, 0)  # then it is on its way
        await anyio.lowlevel.checkpoint()
        return Secret(f"{location} {number:06d}")

    def change(self, location: str) -> int:
        number = self.numbers[location] = self.numbers.get(location, 0) + 1
        return number


@define
class Crowd:
    """Many tenants, few of them open: they are visited, rotated and forgotten at once.

    Attributes:
        least: the oldest change of each tenant's key that may still be read.
        begun: how often it was begun to forget each tenant.
        over: how often that was over.
    """

    source: Numbered = field(factory=Numbered)
    least: dict[str, int] = field(factory=dict[str, int])
    begun: Counter[str] = field(factory=Counter[str])
    over: Counter[str] = field(factory=Counter[str])
    wrong: int = 0
    reads: int = 0
    overridden: int = 0
    evictions: int = 0
    rotations: int = 0
    forgets: int = 0
    ended: int = 0
    secrets: Any = None
    key: Any = None

    async def run(self) -> None:
        class App(containers.DeclarativeContainer):
            backend = SecretsBackend(
                providers.Object(CachedSecrets(self.source, Policy(refresh_gap=0))),
                settings={"tenants": {"path": "t/{tenant}/{ref}"}},
            )
            secrets = ScopedSecrets(backend)
            key = SecretValue(secrets, "KEY")
            reader: Any = needs(secrets, "KEY")

        async def sink(event: Any) -> None:
            self.evictions += event.kind == "eviction"

        app: Any = App()
        self.key = app.key
        limits = TenantLimits(max_open=OPEN)
        async with (
            lifetime(app, limits=limits, audit=sink) as self.secrets,
            anyio.create_task_group() as group,
        ):
            for number in range(100):
                group.start_soon(self.visits, number, VISITS // 100)
            for number in range(4):
                group.start_soon(self.changes, number)

    async def visits(self, seed: int, count: int) -> None:
        """Be so many requests, one after the other."""
        dice = random.Random(seed)
        for number in range(count):
            # a few tenants come often, as they do
            tenant = f"t{int(MANY * dice.random() ** 3)}"
            over = self.over[tenant]
            try:
                await self.visit(tenant, f"brought by {seed} for {number:05d}")
            except ScopeClosedError:
                self.ended += 1
                self.wrong += self.begun[tenant] == over

    async def visit(self, tenant: str, mine: str) -> None:
        async with self.secrets.tenant(tenant) as bound:
            for _ in range(3):
                self.check(tenant, self.least.get(tenant, 0), self.key())
                await anyio.lowlevel.checkpoint()
                self.check(tenant, self.least.get(tenant, 0), bound.lookup_sync("KEY"))
            with self.secrets.override(KEY=mine):
                await anyio.lowlevel.checkpoint()
                self.overridden += 1
                self.wrong += self.key() != mine
            least = self.least.get(tenant, 0)
            self.check(tenant, least, await bound.resolve("KEY"))

    def check(self, tenant: str, least: int, value: str) -> None:
        place, _, number = value.partition(" ")
        self.reads += 1
        self.wrong += place != f"t/{tenant}/KEY" or int(number) < least

    async def changes(self, seed: int) -> None:
        """Rotate one tenant's key, and forget another tenant, again and again."""
        dice = random.Random(-seed)
        for _ in range(VISITS // 50):
            await self.rotate(f"t{int(MANY * dice.random() ** 3)}")
            await self.forget(f"t{int(MANY * dice.random() ** 3)}")

    async def rotate(self, tenant: str) -> None:
        number = self.source.change(f"t/{tenant}/KEY")
        try:
            async with self.secrets.tenant(tenant) as reader:
                await reader.refresh("KEY")
        except ScopeClosedError:  # another one has it forgotten
            return
        self.rotations += 1
        self.least[tenant] = max(number, self.least.get(tenant, 0))

    async def forget(self, tenant: str) -> None:
        number = self.source.change(f"t/{tenant}/KEY")
        self.begun[tenant] += 1
        await self.secrets.forget(tenant)
        self.over[tenant] += 1
        self.forgets += 1
        self.least[tenant] = max(number, self.least.get(tenant, 0))
