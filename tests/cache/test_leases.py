"""Leases: renewed while they can be, read anew before their end, given back once."""

import anyio
import pytest

from secretscope import ExpiredError, StoreTimeoutError, StoreUnavailableError
from secretscope.testing import ScriptedBatches, ScriptedLeases, settle
from secretscope.values import Rotation
from tests.cache.served import of, served

HELD = {"db": "a role"}
DOWN = StoreUnavailableError("the store")


async def test_a_renewable_lease_is_renewed_and_its_credential_stays() -> None:
    source, secrets, clock = of(ScriptedLeases, HELD)
    told: list[Rotation] = []
    secrets.on_rotation(told.append)
    async with served(secrets):
        secrets.keep("db")
        await secrets.resolve("db#user")
        await clock.advance(1000)
        assert secrets.peek("db#user") == "user-1-of-db"
        assert source.asked(act="renew") > 20
        assert source.made == 1
    assert told == []


async def test_one_that_can_not_be_renewed_is_read_anew_once_a_period() -> None:
    source, secrets, clock = of(ScriptedLeases, HELD)
    source.renewable = False
    told: list[Rotation] = []
    secrets.on_rotation(told.append)
    async with served(secrets):
        secrets.keep("db")
        await secrets.resolve("db#user")
        await clock.advance(600)
        user = secrets.peek("db#user")
        assert source.asked(act="renew") == 0
        assert 10 <= source.made <= 19
        assert user == f"user-{source.made}-of-db"
    assert len(told) == source.made - 1


async def test_a_lease_that_is_prolonged_no_more_is_read_anew_before_its_end() -> None:
    source, secrets, clock = of(ScriptedLeases, HELD)
    source.longest = 200
    async with served(secrets):
        secrets.keep("db")
        await secrets.resolve("db#user")
        for _ in range(200):
            await clock.advance(1)
            assert secrets.peek("db#user")
        assert source.made == 2


async def test_a_failed_renewal_is_tried_again_within_the_remaining_validity() -> None:
    source, secrets, clock = of(ScriptedLeases, HELD)
    async with served(secrets):
        secrets.keep("db")
        await secrets.resolve("db#user")
        source.fail(DOWN, act="renew", times=4)
        await clock.advance(59)
        assert secrets.peek("db#user") == "user-1-of-db"
        assert source.asked(act="renew") >= 5
        await clock.advance(300)
        assert source.made == 1


async def test_a_renewal_that_fails_to_the_end_makes_one_credential_a_period() -> None:
    source, secrets, clock = of(ScriptedLeases, HELD)
    async with served(secrets):
        secrets.keep("db")
        await secrets.resolve("db#user")
        source.fail(DOWN, act="renew")
        for _ in range(600):
            await clock.advance(1)
            assert secrets.peek("db#user")  # never a moment without one
        assert 10 <= source.made <= 12
        assert source.asked(act="renew") <= 20 * 11


async def test_a_lease_is_never_stale() -> None:
    source, secrets, clock = of(ScriptedLeases, HELD, max_stale=3600)
    async with served(secrets):
        secrets.keep("db")
        await secrets.resolve("db#user")
        source.fail(DOWN)
        await clock.advance(60)
        with pytest.raises(ExpiredError):
            secrets.peek("db#user")
        with pytest.raises(StoreUnavailableError):
            await secrets.resolve("db#user")
        source.mend()
        await clock.advance(61)
        assert secrets.peek("db#user") == "user-2-of-db"


async def test_a_lease_that_the_store_has_lost_is_read_anew() -> None:
    source, secrets, clock = of(ScriptedLeases, HELD)
    async with served(secrets):
        secrets.keep("db")
        await secrets.resolve("db#user")
        source._leases.clear()
        await clock.advance(50)
        assert secrets.peek("db#user") == "user-2-of-db"


async def test_one_that_the_source_can_not_renew_is_read_anew() -> None:
    class Leased(ScriptedBatches):
        made = 0

        async def fetch(self, location: str) -> object:  # type: ignore[override]
            self.made += 1
            self.hold(location, f"leased-value-{self.made}")
            secret = await super().fetch(location)
            secret.expires_at = self.clock() + 60
            secret.renewable, secret.lease_id = True, f"lease-{self.made}"
            return secret

    _, secrets, clock = of(Leased, {})
    async with served(secrets):
        secrets.keep("A")
        await secrets.resolve("A")
        await clock.advance(50)
        assert secrets.peek("A") == "leased-value-2"


async def test_leases_are_renewed_and_secrets_fetched_in_one_round() -> None:
    class Both(ScriptedLeases, ScriptedBatches):
        leased = frozenset({"db"})

    source, secrets, clock = of(Both, {"db": "a role", "A": "plain-value-01"}, ttl=60)
    async with served(secrets):
        for ref in ("db", "A"):
            secrets.keep(ref)
            await secrets.resolve_secret(ref)
        await clock.advance(55)
        assert source.made >= 1
        assert source.asked(act="renew") >= 1
        assert {s.ref: s.refreshes > 0 for s in secrets.report()} == {
            "db": True,
            "A": True,
        }


async def test_every_lease_that_is_out_is_given_back_once_at_the_end() -> None:
    source, secrets, clock = of(ScriptedLeases, {"db": "x", "mq": "y"}, refresh_gap=0)
    async with served(secrets):
        await secrets.resolve("db#user")
        await secrets.resolve("mq#user")
        await secrets.refresh("db")  # the first one is still out
        await clock.advance(1)
    await secrets.aclose()
    assert sorted(source.revoked) == ["db/1", "db/3", "mq/2"]
    await secrets.aclose()
    assert source.asked(act="revoke") == 3


async def test_leases_that_have_run_out_are_not_given_back() -> None:
    source, secrets, clock = of(ScriptedLeases, {f"db{n}": "x" for n in range(150)})
    for number in range(150):
        await secrets.resolve(f"db{number}#user")
        clock.now += 30
    assert len(secrets._keeper.leases) < 100
    await secrets.aclose()
    assert source.revoked == ["db149/150"]


async def test_giving_back_is_bounded_in_time_and_tells_what_failed() -> None:
    source, secrets, clock = of(ScriptedLeases, {"db": "x", "mq": "y"}, close_timeout=3)
    await secrets.resolve("db#user")
    await secrets.resolve("mq#user")
    source.hang()
    failures: list[Exception] = []

    async def close() -> None:
        try:
            await secrets.aclose()
        except StoreTimeoutError as error:
            failures.append(error)

    async with anyio.create_task_group() as group:
        group.start_soon(close)
        await clock.advance(3)
        assert len(failures) == 1
    source.release()
    await secrets.resolve("db#user")
    await secrets.resolve("mq#user")
    source.fail(DOWN)
    with pytest.raises(ExceptionGroup) as caught:
        await secrets.aclose()
    assert len(caught.value.exceptions) == 2
    await settle()
