"""1,000 tasks over 50 tenants that override and read: how many reads are another's."""

from __future__ import annotations

from typing import Any

import anyio
import anyio.lowlevel
from dependency_injector import containers, providers

from secretscope import ScopedSecrets, SecretsBackend, SecretValue, lifetime
from tests.benchmarks.table import Row

TASKS, TENANTS = 1000, 50


class Ours(containers.DeclarativeContainer):
    backend = SecretsBackend(
        {"backend": "dict", "dict": {}, "tenants": {"path": "t/{tenant}/{ref}"}}
    )
    secrets = ScopedSecrets(backend)
    key = SecretValue(secrets, "KEY")


class Theirs(containers.DeclarativeContainer):
    key = providers.Object("")


async def rows() -> list[Row]:
    return [
        ("secretscope: wrong reads of 2,000", await ours(), 0),
        (
            "dependency-injector's override(): wrong reads of 2,000",
            await theirs(),
            None,
        ),
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
