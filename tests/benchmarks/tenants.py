"""A hundred thousand tenants with 5 secrets: memory, opening, letting go, and pauses."""

from __future__ import annotations

import gc
import timeit
import tracemalloc
from typing import Any

from dependency_injector import containers

from secretscope import ScopedSecrets, SecretsBackend, TenantLimits, lifetime, needs
from secretscope.redaction import KNOWN
from tests.benchmarks.table import Row
from tests.plain import PlainStore

COUNT = 100_000
REFS = tuple(f"SECRET_{number}" for number in range(5))
PAYLOAD = 522
"""Bytes of 5 values of 55 characters in Python."""


class Store(PlainStore):
    """It makes values up as it is asked: what is kept of them is ours alone."""

    async def resolve(self, ref: str) -> str:
        return self.peek(ref)

    def lookup_sync(self, ref: str) -> str | None:
        return self.peek(ref)

    def peek(self, ref: str) -> str:
        return f"{ref}-{'x' * 64}"[-55:]

    def subscribe(self, listener: Any) -> Any:
        return lambda: None


class App(containers.DeclarativeContainer):
    backend = SecretsBackend(Store, settings={"tenants": {"path": "t/{tenant}#{ref}"}})
    secrets = ScopedSecrets(backend)
    reader: Any = needs(secrets, *REFS)


async def enter(secrets: Any, first: int, last: int) -> list[float]:
    took: list[float] = []
    for number in range(first, last):
        began = timeit.default_timer()
        async with secrets.tenant(f"tenant-{number:06d}"):
            pass
        took.append(timeit.default_timer() - began)
    return took


async def rows(count: int = COUNT) -> list[Row]:
    add = KNOWN.add
    KNOWN.add = lambda value, **more: None  # type: ignore[method-assign, assignment]
    try:
        return [*await memory(min(count, 20_000)), *await times(count)]
    finally:
        KNOWN.add = add  # type: ignore[method-assign]


async def memory(count: int) -> list[Row]:
    limits = TenantLimits(max_open=None, idle=None)
    async with lifetime(App(), limits=limits) as secrets:
        await enter(secrets, 0, 10)
        gc.collect()
        tracemalloc.start()
        before = tracemalloc.get_traced_memory()[0]
        await enter(secrets, 10, count)
        gc.collect()
        each = (tracemalloc.get_traced_memory()[0] - before) / (count - 10)
        tracemalloc.stop()
    return [
        ("bytes of a tenant with 5 secrets", each, None),
        ("... / its payload", each / PAYLOAD, 1.8),
    ]


async def times(count: int) -> list[Row]:
    limits = TenantLimits(max_open=count, idle=None)
    async with lifetime(App(), limits=limits) as secrets:
        cold = await enter(secrets, 0, count)
        warm = await enter(secrets, count - 2000, count)
        going = await enter(secrets, count, count + 2000)
    cold_us, warm_us, going_us = (
        sorted(took)[len(took) // 2] * 1e6 for took in (cold, warm, going)
    )
    return [
        ("open cold, us", cold_us, None),
        ("open warm, us", warm_us, None),
        ("open cold, letting another one go / not", going_us / cold_us, None),
        ("longest pause as they open, ms", max(cold) * 1e3, None),
        ("longest pause as one goes for each, ms", max(going) * 1e3, None),
    ]
