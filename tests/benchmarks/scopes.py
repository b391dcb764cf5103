"""Reads, frames, agents and warm-up beside their peers."""

from __future__ import annotations

import os
import timeit
from contextvars import ContextVar
from functools import partial
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
from tests.benchmarks.table import Row, ratio
from tests.plain import PlainStore

BARE: ContextVar[int] = ContextVar("bare", default=0)


NAME, KEY = "ANTHROPIC_API_KEY", "x" * 108
"""A key of the usual length: the environment is decoded at each read."""


class App(containers.DeclarativeContainer):
    config = providers.Configuration()
    backend = SecretsBackend(config.secrets)
    secrets = ScopedSecrets(backend)
    tuning = providers.Factory(Tuning, secrets=secrets)
    agent = AgentFactory(Agent, "x", model="echo", tuning=tuning)
    plain = providers.Factory(Agent, "x", model="echo", tuning=tuning)


SETTINGS = {
    "backend": "dict",
    "dict": {f"t/acme/{NAME}": "a-tenants-value-1"},
    "tenants": {"path": "t/{tenant}/{ref}"},
}


class Slow(PlainStore):
    """A store whose every answer takes 20 ms."""

    async def resolve(self, ref: str) -> str:
        await anyio.sleep(0.02)
        return f"slow-value-{ref}"


def bare() -> None:
    BARE.reset(BARE.set(1))


async def rows() -> list[Row]:
    app = App(config={"secrets": SETTINGS})
    env, plain = loom.EnvSecrets(), loom.DictSecrets({NAME: KEY})
    peers: list[tuple[Any, float]] = [(env, 0.3), (plain, 2.0)]
    os.environ.setdefault(NAME, KEY)
    scopes = dishka.make_container()
    found: list[Row] = []

    def enter_dishka() -> None:
        with scopes():
            pass

    def enter_dishka_with_a_value() -> None:
        with scopes(context={str: "an-override-value"}):
            pass

    async with lifetime(app) as secrets, secrets.tenant("acme"):
        read = app.secrets().lookup_sync

        def enter() -> None:
            with secrets.override(ANTHROPIC_API_KEY="an-override-value"):
                pass

        read(NAME)
        for what in ("a tenant's", "an override's"):
            over = {NAME: "over-value-00001"} if what.startswith("an ") else {}
            with secrets.override(over):
                for peer, limit in peers:
                    label = f"read of {what} value / loomflow's {type(peer).__name__}"
                    mine = ratio(partial(read, NAME), partial(peer.lookup_sync, NAME))
                    found.append((label, mine, limit))
        found.append(("override frame / bare ContextVar", ratio(enter, bare), 5.0))
        found.append(
            ("override frame / dishka's scope, empty", ratio(enter, enter_dishka), 0.6)
        )
        found.append(
            (
                "override frame / dishka's scope with one value",
                ratio(enter, enter_dishka_with_a_value),
                None,
            )
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
