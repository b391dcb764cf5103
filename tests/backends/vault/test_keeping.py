"""Tokens kept alive in the background, and given back at the end."""

import anyio
import anyio.lowlevel
import pytest
from attrs import define, field

from secretscope.backends.vault import (
    AppRole,
    Door,
    Grant,
)
from tests.backends.vault.admin import Admin
from tests.backends.vault.double import Double, Fault
from tests.backends.vault.roles import LOGIN, RENEW, REVOKE, cluster
from tests.backends.vault.stores import opened


@define
class Beat:
    """A sleep that a test steps through."""

    looks: int = 0
    wake: anyio.Event = field(factory=anyio.Event)
    asleep: anyio.Event = field(factory=anyio.Event)

    async def __call__(self, seconds: float) -> None:
        self.looks += 1
        self.asleep.set()
        await self.wake.wait()
        self.wake = anyio.Event()

    async def step(self) -> None:
        """Let one look happen, and wait until it is over."""
        await self.asleep.wait()
        self.asleep = anyio.Event()
        self.wake.set()
        await self.asleep.wait()


async def test_tokens_in_use_are_renewed_while_nobody_reads(
    double: Double, approle: AppRole
) -> None:
    beat = Beat()
    async with opened(double, auth=approle) as source:
        cluster(source).sessions.sleep = beat
        await source.fetch("key")
        async with anyio.create_task_group() as group:
            await group.start(source.serve)
            await beat.step()
            assert RENEW not in double.paths()
            double.core.clock.now += 41
            await beat.step()
            assert double.paths().count(RENEW) == 1
            double.core.clock.now += 41
            await beat.step()  # nobody has used it since: it is left to die
            assert double.paths().count(RENEW) == 1
            group.cancel_scope.cancel()
    assert double.paths().count(LOGIN) == 1


async def test_a_renewal_in_the_background_that_fails_is_told_by_health(
    double: Double, approle: AppRole
) -> None:
    async with opened(double, auth=approle) as source:
        await source.fetch("key")
        double.core.clock.now += 61
        double.core.faults.append(Fault("login", status=503, times=0))
        await cluster(source).sessions.renew_due()
        assert "login" in source.health() or "sealed" in source.health()


async def test_a_login_of_yours_that_raises_is_told_by_its_kind_alone(
    double: Double, double_admin: Admin
) -> None:
    class Mine:
        failing = False

        async def login(self, door: Door) -> Grant:
            if self.failing:
                message = "secret-in-the-message"
                raise RuntimeError(message)
            return Grant(double.token, 60.0, renewable=False, ours=False)

    double_admin.write("secret", "key", value="v-1")
    mine = Mine()
    async with opened(double, auth=mine) as source:
        await source.fetch("key")
        mine.failing = True
        double.core.clock.now += 41
        await source.fetch("key")
        assert source.health() == "the login failed with RuntimeError"
        double.core.clock.now += 41
        with pytest.raises(RuntimeError):
            await source.fetch("key")


async def test_our_tokens_are_revoked_once_at_the_end(
    double: Double, approle: AppRole
) -> None:
    async with opened(double, auth=approle) as source:
        await source.fetch("key")
        part = source.namespaced("x")
        await part.aclose()
        assert REVOKE not in double.paths()
        await source.aclose()
        await source.aclose()
    assert double.paths().count(REVOKE) == 1
    assert list(double.core.tokens.held) == [double.token]


async def test_a_token_that_has_died_is_not_given_back(
    double: Double, approle: AppRole
) -> None:
    async with opened(double, auth=approle) as source:
        await source.fetch("key")
        double.core.clock.now += 61
    assert REVOKE not in double.paths()


async def test_a_source_that_was_closed_logs_in_again_when_it_is_read(
    double: Double, approle: AppRole
) -> None:
    async with opened(double, auth=approle) as source:
        await source.fetch("key")
        await source.aclose()
        assert (await source.fetch("key")).reveal() == "v-1"
    assert double.paths().count(LOGIN) == 2
