"""A hundred thousand tenants with 5 secrets: memory, opening, letting go, and pauses."""

from __future__ import annotations

import gc
import sys
import timeit
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

from dependency_injector import containers, providers

from secretscope import (
    CachedSecrets,
    ScopedSecrets,
    ScopeEvent,
    Secret,
    SecretsBackend,
    TenantLimits,
    lifetime,
    needs,
)
from secretscope.redaction import KNOWN, KnownValues
from tests.benchmarks.redaction import resident
from tests.benchmarks.table import Row

COUNT = 100_000
IN_A_CACHE = 5_000
"""Tenants whose values a cache keeps: opening one takes three to ten times as long."""
REFS = tuple(f"SECRET_{number}" for number in range(5))
PAYLOAD = 522
"""Bytes of 5 values of 55 characters in Python."""
UNBOUNDED = TenantLimits(max_open=None, idle=None)


def made_up(place: str) -> str:
    return f"{place}-{'x' * 64}"[:55]


class Store:
    """It makes values up as it is asked: what is kept of them is ours alone."""

    async def resolve(self, ref: str) -> str:
        return made_up(ref)

    async def store(self, ref: str, value: str) -> None:
        raise NotImplementedError

    def redact(self, text: str) -> str:
        return text

    def lookup_sync(self, ref: str) -> str | None:
        return made_up(ref)

    def peek(self, ref: str) -> str:
        return made_up(ref)

    def subscribe(self, listener: Any) -> Any:
        return lambda: None


class App(containers.DeclarativeContainer):
    backend = SecretsBackend(Store, settings={"tenants": {"path": "t/{tenant}#{ref}"}})
    secrets = ScopedSecrets(backend)
    reader: Any = needs(secrets, *REFS)


class Documents:
    """A source with one document a tenant; its cache keeps it."""

    path = "t/{tenant}#{ref}"

    async def fetch(self, location: str) -> Secret:
        return Secret({ref: made_up(location + ref) for ref in REFS})


class Places:
    """A source with a place a secret."""

    path = "t/{tenant}/{ref}"

    async def fetch(self, location: str) -> Secret:
        return Secret(made_up(location))


async def enter(secrets: Any, first: int, last: int) -> list[float]:
    took: list[float] = []
    for number in range(first, last):
        began = timeit.default_timer()
        async with secrets.tenant(f"tenant-{number:06d}"):
            pass
        took.append(timeit.default_timer() - began)
    return took


async def forget(secrets: Any, first: int, last: int) -> list[float]:
    took: list[float] = []
    for number in range(first, last):
        name = f"tenant-{number:06d}"
        began = timeit.default_timer()
        await secrets.forget(name)
        took.append(timeit.default_timer() - began)
    return took


def median_us(took: list[float]) -> float:
    return sorted(took)[len(took) // 2] * 1e6


def reach(*roots: object) -> int:
    """Return the bytes of all objects that can be reached, strings and keys included."""
    seen: set[int] = set()
    found: list[object] = list(roots)
    size = 0
    while found:
        each = found.pop()
        if id(each) in seen:
            continue
        seen.add(id(each))
        size += sys.getsizeof(each)
        found += gc.get_referents(each)
    return size


@contextmanager
def unknown() -> Iterator[None]:
    """Keep redaction's set out of it: it is counted by itself."""
    add = KNOWN.add
    KNOWN.add = lambda value, **more: None  # type: ignore[method-assign, assignment]
    try:
        yield
    finally:
        KNOWN.add = add  # type: ignore[method-assign]


async def rows(count: int = COUNT) -> list[Row]:
    with unknown():
        found = [*await many(count), *await cached()]
    return [*found, *masked(), *await audited()]


async def many(count: int) -> list[Row]:
    limits = TenantLimits(max_open=count, idle=None)
    async with lifetime(App(), limits=limits) as secrets:
        opened = secrets._opened()
        await enter(secrets, 0, 10)
        gc.collect()
        before, resident_before = reach(opened), resident()
        cold = await enter(secrets, 10, count)
        gc.collect()
        each = (reach(opened) - before) / (count - 10)
        grown = (resident() - resident_before) / (count - 10)
        warm = await enter(secrets, count - 2000, count)
        going = await enter(secrets, count, count + 2000)
        forgotten = await forget(secrets, count - 2000, count)
    return [
        ("bytes of a tenant with 5 secrets", each, None),
        ("... / its payload", each / PAYLOAD, 1.8),
        ("... by which the process grew / its payload", grown / PAYLOAD, None),
        ("open cold, us", median_us(cold), None),
        ("open warm, us", median_us(warm), None),
        (
            "open cold, letting another one go / not",
            median_us(going) / median_us(cold),
            None,
        ),
        ("forget, us", median_us(forgotten), None),
        ("longest pause as they open, ms", max(cold) * 1e3, None),
        ("longest pause as one goes for each, ms", max(going) * 1e3, None),
        ("longest pause as they are forgotten, ms", max(forgotten) * 1e3, None),
    ]


async def cached(count: int = IN_A_CACHE) -> list[Row]:
    """Take the same of tenants whose values are fetched, kept and refreshed."""
    found: list[Row] = []
    for source, name in ((Documents(), "one document"), (Places(), "five places")):

        class Kept(containers.DeclarativeContainer):
            backend = SecretsBackend(
                providers.Object(CachedSecrets(source)),
                settings={"tenants": {"path": source.path}},
            )
            secrets = ScopedSecrets(backend)
            reader: Any = needs(secrets, *REFS)

        async with lifetime(Kept(), limits=UNBOUNDED) as secrets:
            opened = secrets._opened()
            await enter(secrets, 0, 10)
            gc.collect()
            before = reach(opened)
            took = await enter(secrets, 10, count)
            gc.collect()
            each = (reach(opened) - before) / (count - 10)
            forgotten = await forget(secrets, count - 500, count)
        found += [
            (f"kept fresh from {name}, / the payload", each / PAYLOAD, None),
            ("... open cold, us", median_us(took), None),
            ("... forget, us", median_us(forgotten), None),
        ]
    return found


def masked(tenants: int = 20_000) -> list[Row]:
    """Take what redaction keeps of their values, and what it does when it is full."""
    most = len(REFS) * tenants * 3 // 4
    known = KnownValues(most=most)
    before = reach(known)
    for number in range(tenants // 2):
        for ref in REFS:
            known.add(made_up(f"{number}-{ref}"), ref=ref, tenant=f"tenant-{number}")
    each = (reach(known) - before) / len(known)
    for number in range(tenants // 2, tenants):
        for ref in REFS:
            known.add(made_up(f"{number}-{ref}"), ref=ref, tenant=f"tenant-{number}")
    began = timeit.default_timer()
    known.forget("tenant-19999")
    took = timeit.default_timer() - began
    return [
        ("redaction's set, bytes a value with the value itself", each, None),
        ("... values that it keeps / its bound", len(known) / most, 1),
        ("... forgetting a tenant in it, us", took * 1e6, None),
    ]


@asynccontextmanager
async def trailed(audit: Any) -> AsyncGenerator[Any]:
    async with lifetime(App(), limits=UNBOUNDED, audit=audit) as secrets:
        yield secrets


async def audited(count: int = 2_000) -> list[Row]:
    """Take what the audit trail costs: the same with a sink / without one."""

    async def sink(event: ScopeEvent) -> None:
        pass

    async def open_us(audit: Any) -> float:
        async with trailed(audit) as secrets:
            took = await enter(secrets, 0, count)
        return median_us(took)

    async def block_us(audit: Any, **brought: str) -> float:
        """Read, or override and read, in a tenant that is open."""
        async with trailed(audit) as secrets, secrets.tenant("acme") as acme:
            best = float("inf")
            for _ in range(count // 100):
                began = timeit.default_timer()
                for _ in range(100):
                    if brought:
                        with secrets.override(brought) as over:
                            over.lookup_sync("SECRET_0")
                    else:
                        acme.lookup_sync("SECRET_0")
                best = min(best, timeit.default_timer() - began)
        return best * 1e4

    with unknown():
        return [
            ("audit trail: open cold / without", await ratio(open_us, sink), None),
            ("... a read / without", await ratio(block_us, sink), None),
            (
                "... an override and a read / without",
                await ratio(
                    lambda audit: block_us(audit, SECRET_0="brought-along-0001"), sink
                ),
                None,
            ),
        ]


async def ratio(taken: Any, sink: Any) -> float:
    """Return the best with a sink / the best without, taken in turn."""
    with_it, without = [], []
    for _ in range(3):
        with_it.append(await taken(sink))
        without.append(await taken(None))
    best: float = min(with_it) / min(without)
    return best
