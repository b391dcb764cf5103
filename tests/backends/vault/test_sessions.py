"""Tokens: one login for all, renewed at two thirds of their lives, replaced when dead."""

import anyio
import anyio.lowlevel
import pytest

from secretscope import (
    AccessDeniedError,
    StoreUnavailableError,
)
from secretscope.backends.vault import (
    AppRole,
    Layout,
)
from tests.backends.vault.admin import Admin
from tests.backends.vault.double import Double, Fault
from tests.backends.vault.roles import LOGIN, LOOKUP, RENEW, role
from tests.backends.vault.stores import opened


async def test_any_number_of_callers_make_one_login(
    double: Double, approle: AppRole
) -> None:
    async with (
        opened(double, auth=approle) as source,
        anyio.create_task_group() as group,
    ):
        for _ in range(50):
            group.start_soon(source.fetch, "key")
    assert double.paths().count(LOGIN) == 1


async def test_a_caller_that_is_cancelled_leaves_the_login_to_the_next(
    double: Double, approle: AppRole
) -> None:
    double.core.faults.append(Fault("approle/login", hang=True))
    found: list[str] = []
    first = anyio.CancelScope()
    async with opened(double, auth=approle) as source:

        async def leader() -> None:
            with first:
                await source.fetch("key")

        async def follower() -> None:
            found.append((await source.fetch("key")).reveal())

        async with anyio.create_task_group() as group:
            group.start_soon(leader)
            while LOGIN not in double.paths():
                await anyio.lowlevel.checkpoint()
            group.start_soon(follower)
            await anyio.wait_all_tasks_blocked()
            first.cancel()
    assert found == ["v-1"]


async def test_a_token_is_renewed_at_two_thirds_of_its_life(
    double: Double, approle: AppRole
) -> None:
    async with opened(double, auth=approle) as source:
        await source.fetch("key")
        double.core.clock.now += 39
        await source.fetch("key")
        assert RENEW not in double.paths()
        double.core.clock.now += 2
        async with anyio.create_task_group() as group:
            for _ in range(10):
                group.start_soon(source.fetch, "key")
        assert double.paths().count(RENEW) == 1
        double.core.clock.now += 59
        await source.fetch("key")
    assert double.paths().count(LOGIN) == 1


async def test_what_cannot_be_renewed_is_replaced_and_given_back_at_the_end(
    double: Double, double_admin: Admin
) -> None:
    approle = role(double, double_admin, token_ttl="60s", renewable=False)
    async with opened(double, auth=approle) as source:
        await source.fetch("key")
        double.core.clock.now += 41
        await source.fetch("key")
        assert double.paths().count(LOGIN) == 2
        assert RENEW not in double.paths()
        assert double.core.tokens.revoked == []
    assert len(double.core.tokens.revoked) == 2


async def test_a_life_that_nears_its_maximum_is_not_renewed_for_ever(
    double: Double, double_admin: Admin
) -> None:
    approle = role(double, double_admin, token_ttl="60s", token_max_ttl="70s")
    async with opened(double, auth=approle) as source:
        await source.fetch("key")
        double.core.clock.now += 45
        await source.fetch("key")
        assert double.paths().count(RENEW) == 1
        double.core.clock.now += 20
        await source.fetch("key")
    assert (double.paths().count(RENEW), double.paths().count(LOGIN)) == (1, 2)


@pytest.mark.parametrize("status", [400, 403])
async def test_a_renewal_that_is_refused_becomes_a_login(
    double: Double, approle: AppRole, status: int
) -> None:
    double.core.faults.append(Fault("renew-self", status=status))
    async with opened(double, auth=approle) as source:
        await source.fetch("key")
        double.core.clock.now += 41
        await source.fetch("key")
        assert source.health() == "ok"
    assert double.paths().count(LOGIN) == 2


async def test_an_outage_of_renewals_is_borne_while_the_token_lives(
    double: Double, approle: AppRole
) -> None:
    double.core.faults.append(Fault("renew-self", status=500, times=0))
    async with opened(double, auth=approle) as source:
        await source.fetch("key")
        double.core.clock.now += 41
        for _ in range(5):
            await source.fetch("key")
        assert (
            double.paths().count(RENEW) == 1
        )  # and again after a third of what is left
        assert "status 500" in source.health()
        double.core.clock.now += 7
        await source.fetch("key")
        assert double.paths().count(RENEW) == 2
        double.core.faults.clear()
        double.core.clock.now += 5
        await source.fetch("key")
        assert source.health() == "ok"
    assert double.paths().count(LOGIN) == 1


async def test_a_renewal_that_outlasts_the_token_raises_if_there_is_no_login(
    double: Double, approle: AppRole
) -> None:
    async with opened(double, auth=approle) as source:
        await source.fetch("key")
        double.core.clock.now += 61
        double.core.faults.append(Fault("approle/login", status=503))
        with pytest.raises(StoreUnavailableError, match="sealed"):
            await source.fetch("key")
        await source.fetch("key")
    assert double.paths().count(LOGIN) == 3


async def test_a_dead_token_is_replaced_once_for_all_who_were_denied(
    double: Double, approle: AppRole
) -> None:
    async with opened(double, auth=approle) as source:
        await source.fetch("key")
        double.core.tokens.held.clear()
        with pytest.raises(AccessDeniedError):
            await source.fetch("key")
        double.seen.clear()
        async with anyio.create_task_group() as group:
            for _ in range(100):
                group.start_soon(source.login)
        assert double.paths() == [LOOKUP, LOGIN]
        assert (await source.fetch("key")).reveal() == "v-1"
    assert len(double.core.tokens.revoked) == 1


async def test_a_policy_that_says_no_makes_no_login(
    double: Double, approle: AppRole
) -> None:
    async with opened(double, Layout("secret", path="x"), auth=approle) as source:
        double.core.namespaces[""].policies.clear()
        with pytest.raises(AccessDeniedError):
            await source.fetch("key")
        await source.login()
        with pytest.raises(AccessDeniedError):
            await source.fetch("key")
    assert double.paths().count(LOGIN) == 1


async def test_an_outage_while_a_denial_is_looked_into_is_told(
    double: Double, approle: AppRole
) -> None:
    async with opened(double, auth=approle) as source:
        await source.fetch("key")
        double.core.faults.append(
            Fault("lookup-self", status=429, headers={"retry-after": "7"})
        )
        with pytest.raises(StoreUnavailableError) as caught:
            await source.login()
    assert caught.value.retry_after == 7


async def test_a_login_that_is_refused_is_an_access_error_with_its_place(
    double: Double, double_admin: Admin
) -> None:
    double_admin.login("approle", "approle")
    async with opened(double, auth=AppRole("no-such-id", "x")) as source:
        with pytest.raises(AccessDeniedError, match="auth/approle/login was refused"):
            await source.open()


@pytest.mark.parametrize(
    "body", [b"{}", b'{"auth": {}}', b'{"auth": {"client_token": 7}}', b"<"]
)
async def test_a_login_without_a_token_is_a_broken_answer(
    double: Double, approle: AppRole, body: bytes
) -> None:
    double.core.faults.append(Fault("login", status=200, body=body))
    async with opened(double, auth=approle) as source:
        with pytest.raises(StoreUnavailableError, match="broken"):
            await source.open()
