"""``python -m tests.benchmarks``: each figure beside its peer, as a ratio of one run."""

from __future__ import annotations

import timeit
from collections.abc import Callable
from contextvars import ContextVar
from functools import partial
from statistics import median
from typing import Any

import anyio
import dishka
import loomflow.security.secrets as loom
from dependency_injector import containers, providers

from secretscope import (
    Agent,
    AgentFactory,
    ScopedSecrets,
    SecretsBackend,
    Tuning,
    lifetime,
    needs,
)

BARE: ContextVar[int] = ContextVar("bare", default=0)
ROUNDS, CALLS = 15, 20_000


class App(containers.DeclarativeContainer):
    config = providers.Configuration()
    backend = SecretsBackend(config.secrets)
    secrets = ScopedSecrets(backend)
    tuning = providers.Factory(Tuning, secrets=secrets)
    agent = AgentFactory(Agent, "x", model="echo", tuning=tuning)
    plain = providers.Factory(Agent, "x", model="echo", tuning=tuning)


SETTINGS = {
    "backend": "dict",
    "dict": {"t/acme/PATH": "a-tenants-value-1"},
    "tenants": {"path": "t/{tenant}/{ref}"},
}


class Slow:
    """A store whose every answer takes 20 ms."""

    async def resolve(self, ref: str) -> str:
        await anyio.sleep(0.02)
        return f"slow-value-{ref}"

    async def store(self, ref: str, value: str) -> None:
        raise NotImplementedError

    def redact(self, text: str) -> str:
        return text

    def lookup_sync(self, ref: str) -> str | None:
        return None


def ratio(ours: Callable[[], Any], peer: Callable[[], Any]) -> float:
    """Return the median over rounds of ours / peer, measured in turn."""
    found = []
    for _ in range(ROUNDS):
        a = timeit.timeit(ours, number=CALLS)
        found.append(a / timeit.timeit(peer, number=CALLS))
    return median(found)


def bare() -> None:
    BARE.reset(BARE.set(1))


async def rows() -> list[tuple[str, float, float]]:
    app = App(config={"secrets": SETTINGS})
    env, plain = loom.EnvSecrets(), loom.DictSecrets({"PATH": "x"})
    peers: list[tuple[Any, float]] = [(env, 0.3), (plain, 2.0)]
    scopes = dishka.make_container()
    found: list[tuple[str, float, float]] = []

    def enter_dishka() -> None:
        with scopes():
            pass

    async with lifetime(app) as secrets, secrets.tenant("acme"):
        read = app.secrets().lookup_sync

        def enter() -> None:
            with secrets.override(PATH="an-override-value"):
                pass

        read("PATH")
        for what in ("tenant's", "override's"):
            with secrets.override(
                {"PATH": "over-value-00001"} if what[0] == "o" else {}
            ):
                for peer, limit in peers:
                    label = f"read of a {what} value / loomflow's {type(peer).__name__}"
                    mine = ratio(
                        partial(read, "PATH"), partial(peer.lookup_sync, "PATH")
                    )
                    found.append((label, mine, limit))
        found.append(("override frame / bare ContextVar", ratio(enter, bare), 5.0))
        found.append(
            ("override frame / dishka's scope", ratio(enter, enter_dishka), 0.6)
        )
        found.append(
            ("container.agent() / plain factories", ratio(app.agent, app.plain), 1.5)
        )
    found.append(("warm-up of 200 needs at 20 ms / ideal", await warm_up(), 1.3))
    return found


async def warm_up() -> float:
    class Needy(containers.DeclarativeContainer):
        backend = SecretsBackend(Slow)
        secrets = ScopedSecrets(backend)
        thing = needs(providers.Object(1), *[f"R{n}" for n in range(200)])

    start = timeit.default_timer()
    async with lifetime(Needy(), concurrency=40):
        took = timeit.default_timer() - start
    return took / (0.02 * 200 / 40)


for loop in ("asyncio", "trio"):
    print(f"{loop:<58} ratio  limit")
    for label, value, limit in anyio.run(rows, backend=loop):
        print(
            f"  {label:<54} {value:6.2f} {limit:6.2f} {'' if value <= limit else ' over'}"
        )
