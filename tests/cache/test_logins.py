"""Denials: one login and one more try for all, and then the store's word counts."""

import anyio
import pytest

from secretscope import AccessDeniedError, StoreUnavailableError
from secretscope.testing import (
    ScriptedBatches,
    ScriptedLeases,
    ScriptedLogins,
    ScriptedSource,
    settle,
)
from tests.cache.served import of, served

HELD = {f"R{n}": f"login-value-{n:04}" for n in range(100)}


class Both(ScriptedLogins, ScriptedBatches):
    """Logs in, and fetches many at once."""


async def test_a_dead_token_costs_one_login_and_one_try_more_each() -> None:
    source, secrets, _ = of(ScriptedLogins, HELD, concurrency=100)
    source.alive = False
    found: list[str] = []

    async def read(ref: str) -> None:
        found.append(await secrets.resolve(ref))

    async with served(secrets), anyio.create_task_group() as group:
        for ref in HELD:
            group.start_soon(read, ref)
    assert sorted(found) == sorted(HELD.values())
    assert source.asked(act="login") == 1
    assert source.asked(act="fetch") == 200


async def test_who_was_denied_by_the_old_token_tries_the_new_one_without_a_login() -> (
    None
):
    source, secrets, _ = of(ScriptedLogins, HELD)
    async with served(secrets), anyio.create_task_group() as group:
        source.hang()
        group.start_soon(secrets.resolve, "R0")
        await settle()
        gate, source._gate = source._gate, None
        source.fail(AccessDeniedError("the store"), on="R1", times=1)
        await secrets.resolve("R1")  # logs in, while R0's answer is under way
        source.fail(AccessDeniedError("the store"), on="R0", times=1)
        gate.set()
        await settle()
        assert secrets.peek("R0") == HELD["R0"]
    assert source.asked(act="login") == 1


async def test_a_denial_after_a_login_is_final_and_makes_no_further_login() -> None:
    source, secrets, clock = of(ScriptedLogins, HELD)
    source.deny("R1")
    for _ in range(10):
        with pytest.raises(AccessDeniedError):
            await secrets.resolve("R1")
        clock.now += 0.5
    assert source.asked(act="login") == 1
    assert source.asked("R1") <= 10
    assert await secrets.resolve("R2") == HELD["R2"]


async def test_a_refused_login_is_the_answer_for_all_and_is_not_tried_without_end() -> (
    None
):
    source, secrets, clock = of(ScriptedLogins, HELD, concurrency=100)
    source.alive = False
    source.refused = AccessDeniedError("the store", reason="the role is gone")
    failed: list[str] = []

    async def read(ref: str) -> None:
        try:
            await secrets.resolve(ref)
        except AccessDeniedError as error:
            failed.append(str(error))

    async with served(secrets), anyio.create_task_group() as group:
        for ref in HELD:
            group.start_soon(read, ref)
    assert len(failed) == 100
    assert all("the role is gone" in line for line in failed)
    assert source.asked(act="login") == 1
    for number in range(60):
        await read(f"R{number}")
        clock.now += 1
    assert source.asked(act="login") < 25
    source.refused = None
    clock.now += 60
    assert await secrets.resolve("R99") == HELD["R99"]


async def test_a_login_that_meets_an_outage_ends_nothing() -> None:
    source, secrets, clock = of(ScriptedLogins, HELD, ttl=60)
    await secrets.resolve("R1")
    clock.now += 60
    source.alive = False
    source.refused = StoreUnavailableError("the store")
    assert await secrets.resolve("R1") == HELD["R1"]
    assert secrets.report()[0].stale


async def test_a_batch_logs_in_and_asks_once_more() -> None:
    source, secrets, _ = of(Both, HELD)
    source.alive = False
    assert await secrets.resolve_many(["R1", "R2"]) == {
        "R1": HELD["R1"],
        "R2": HELD["R2"],
    }
    assert source.asked(act="login") == 1


async def test_only_those_of_a_batch_that_were_denied_are_asked_for_again() -> None:
    source, secrets, _ = of(Both, HELD)
    source.deny("R3")
    found = await secrets.resolve_many(["R1", "R2", "R3"])
    assert isinstance(found["R3"], AccessDeniedError)
    assert [call.locations for call in source.calls] == [
        ("R1", "R2", "R3"),
        (),
        ("R3",),
    ]


async def test_where_batches_are_refused_each_is_asked_for_alone() -> None:
    source, secrets, _ = of(Both, HELD)
    source.fail(AccessDeniedError("the store"), act="fetch_many")
    found = await secrets.resolve_many(["R1", "R2"])
    assert found == {"R1": HELD["R1"], "R2": HELD["R2"]}
    assert source.asked(act="fetch") == 2


async def test_a_refused_login_is_the_answer_for_a_batch() -> None:
    source, secrets, _ = of(Both, HELD)
    source.alive = False
    source.refused = AccessDeniedError("the store", reason="the role is gone")
    found = await secrets.resolve_many(["R1", "R2"])
    assert all("the role is gone" in str(error) for error in found.values())
    assert source.asked(act="fetch") == 0


async def test_where_nobody_can_log_in_a_denial_of_a_batch_stands() -> None:
    source, secrets, _ = of(ScriptedBatches, HELD)
    source.deny("R1")
    found = await secrets.resolve_many(["R1", "R2"])
    assert isinstance(found["R1"], AccessDeniedError)
    assert found["R2"] == HELD["R2"]
    assert source.asked() == 1


async def test_a_write_logs_in_too() -> None:
    class Writing(ScriptedLogins):
        async def put(
            self, location: str, value: str, *, field: str | None = None
        ) -> None:
            if not self.alive:
                await self._request("put", location)
                raise AccessDeniedError("the store")
            await super().put(location, value, field=field)

    source, secrets, _ = of(Writing, {})
    source.alive = False
    await secrets.store("A", "written-value-1")
    assert secrets.peek("A") == "written-value-1"
    assert [call.act for call in source.calls] == ["put", "login", "put", "fetch"]


async def test_a_renewal_logs_in_too() -> None:
    class Leased(ScriptedLogins, ScriptedLeases):
        pass

    source, secrets, clock = of(Leased, {"db": "a role"})
    async with served(secrets):
        secrets.keep("db")
        await secrets.resolve("db#user")
        source.fail(AccessDeniedError("the store"), act="renew", times=1)
        await clock.advance(59)
        assert source.made == 1
        assert source.asked(act="login") == 1


async def test_writing_one_field_leaves_the_others() -> None:
    _, secrets, _ = of(ScriptedSource, {"db": {"user": "u-0001", "password": "p-1"}})
    await secrets.store("db#password", "p-2")
    assert await secrets.resolve("db#user") == "u-0001"
    assert secrets.peek("db#password") == "p-2"
    await secrets.store("mq#password", "p-3")
    assert secrets.peek_secret("mq").fields == ("password",)
