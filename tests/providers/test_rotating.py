"""Rotating: one instance a tenant, built anew once for all when its secret rotates."""

import copy
import sys
from typing import Annotated, Any

import anyio
import anyio.lowlevel
import anyio.to_thread
import pytest
from dependency_injector import providers
from dependency_injector.wiring import Provide, inject

from secretscope import (
    NoTenantError,
    NotOpenError,
    Rotating,
    ScopeClosedError,
    lifetime,
)
from tests.providers.rotating_app import (
    App,
    Client,
)
from tests.scopes.remote import Clock


async def test_one_instance_a_tenant_is_kept_and_rebuilt_when_its_secret_rotates() -> (
    None
):
    app: Any = App()
    async with lifetime(app) as secrets:
        async with secrets.tenant("acme") as acme:
            first = app.client()
            assert first is app.client()
            assert first.key == "acme-key-rt-0001"
            await acme.store("OTHER", "acme-other-rt-02")
            assert app.client() is first
            await acme.store("KEY", "acme-key-rt-0002")
            second = app.client()
            assert second.key == "acme-key-rt-0002"
            assert second is app.client()
            assert first.closed == 0  # it has its grace
        async with secrets.tenant("globex"):
            other = app.client()
            assert other.key == "globex-key-rt-01"
        async with secrets.tenant("acme"):
            assert app.client() is second
        with pytest.raises(NoTenantError):
            app.client()
    assert (first.closed, second.closed, other.closed) == (1, 1, 1)
    with pytest.raises(NotOpenError, match="Client"):
        app.client()


async def test_what_reads_no_tenants_secret_is_one_for_all() -> None:
    app: Any = App()
    async with lifetime(app) as secrets:
        async with secrets.tenant("acme"):
            one = app.platform()
        async with secrets.tenant("globex"):
            assert app.platform() is one
        assert app.platform() is one
        await app.backend().store("PLATFORM", "platform-rt-0002")
        assert app.platform().key == "platform-rt-0002"


async def test_an_inherited_secret_rotates_for_every_tenant() -> None:
    app: Any = App()
    made = []
    async with lifetime(app) as secrets:
        for name in [*(f"t{n}" for n in range(300)), "acme"]:
            async with secrets.tenant(name):
                made.append(app.leased())
        await secrets.store("SHARED", "shared-rt-000002")
        await anyio.wait_all_tasks_blocked()
        assert {client.closed for client in made} == {1}  # no grace, and nobody asked
        async with secrets.tenant("acme"):
            assert app.leased().key == "shared-rt-000002"


async def test_a_lease_holds_the_old_one_until_its_block_ends() -> None:
    app: Any = App()
    async with lifetime(app) as secrets, secrets.tenant("acme") as acme:
        with app.client.lease() as old:
            await acme.store("KEY", "acme-key-rt-0002")
            with app.client.lease() as new, app.client.lease() as again:
                assert new is again
                assert new.key == "acme-key-rt-0002"
                assert (old.key, old.closed) == ("acme-key-rt-0001", 0)
            assert (old.closed, new.closed) == (0, 0)
        assert (old.closed, new.closed) == (1, 0)
    assert (old.closed, new.closed) == (1, 1)


async def test_a_plain_call_has_its_grace_and_no_more() -> None:
    app: Any = App()
    clock = Clock()
    async with lifetime(app, clock=clock) as secrets, secrets.tenant("acme") as acme:
        first = app.client()
        await acme.store("KEY", "acme-key-rt-0002")
        await clock.turn(20)
        second = app.client()
        await acme.store("KEY", "acme-key-rt-0003")
        await anyio.wait_all_tasks_blocked()
        await clock.turn(9)
        assert (first.closed, second.closed) == (0, 0)
        await clock.turn(1)
        assert (first.closed, second.closed) == (1, 0)
        await clock.turn(20)
        assert (first.closed, second.closed) == (1, 1)
        third = app.client()
        with app.client.lease() as leased:
            assert leased is third
            await acme.store("KEY", "acme-key-rt-0004")
            await anyio.wait_all_tasks_blocked()
            await clock.turn(60)
            assert third.closed == 0
        assert third.closed == 1


async def test_async_closers_run_and_are_awaited_at_the_end() -> None:
    app: Any = App()
    async with lifetime(app) as secrets, secrets.tenant("acme") as acme:
        with app.waiting.lease() as first:
            await acme.store("KEY", "acme-key-rt-0002")
        await anyio.wait_all_tasks_blocked()
        assert first.closed == 1
        second = app.waiting()
        with secrets.override(KEY="brought-along-01"):
            third = app.waiting()
    assert (first.closed, second.closed, third.closed) == (1, 1, 1)


async def test_it_works_nested_and_the_outer_is_closed_first() -> None:
    app: Any = App()
    async with lifetime(app) as secrets, secrets.tenant("acme") as acme:
        first = app.service()
        assert first.part is app.client()
        with app.service.lease() as leased:
            assert leased is first
            await acme.store("KEY", "acme-key-rt-0002")
            second = app.service()
            assert second is not first
            assert second.part is app.client()
            assert second.part.key == "acme-key-rt-0002"
            with secrets.override(KEY="brought-along-01"):
                mine = app.service()
                assert mine.part.key == "brought-along-01"
                assert app.service() is mine
            assert mine.closed == mine.part.closed == 1
            assert first.closed == first.part.closed == 0
    for made in (first, second, mine):
        assert made.closed == made.part.closed == 1


async def test_a_part_outlives_the_lease_of_what_was_built_from_it() -> None:
    class Nested(App):
        client: Any = Rotating(Client, key=App.key, grace=0)
        service: Any = Rotating(Client, part=client, grace=0)

    app: Any = Nested()
    async with lifetime(app) as secrets, secrets.tenant("acme") as acme:
        with app.service.lease() as service:
            await acme.store("KEY", "acme-key-rt-0002")
            assert app.client() is not service.part
            assert (service.closed, service.part.closed) == (0, 0)
        assert (service.closed, service.part.closed) == (1, 1)


@inject
async def handler(client: Annotated[Client, Provide["client"]]) -> Client:
    return client


async def test_provided_attributes_and_wiring_work() -> None:
    class Wired(App):
        shown: Any = providers.Factory(dict, key=App.client.provided.key)

    app: Any = Wired()
    here: Any = sys.modules[__name__]
    app.wire(modules=[here])
    try:
        async with lifetime(app) as secrets, secrets.tenant("acme") as acme:
            assert app.shown() == {"key": "acme-key-rt-0001"}
            assert await here.handler() is app.client()
            await acme.store("KEY", "acme-key-rt-0002")
            assert app.shown() == {"key": "acme-key-rt-0002"}
            assert (await here.handler()).key == "acme-key-rt-0002"
    finally:
        app.unwire()


def test_a_copy_is_one_copy() -> None:
    memo: dict[Any, Any] = {}
    provider = App.client
    copied = provider.__deepcopy__(memo)
    assert copied is provider.__deepcopy__(memo)
    assert copied is not provider
    bare: Rotating[Any] = Rotating()
    assert list(bare.related) == []
    assert copy.deepcopy(provider) is not provider


async def test_what_has_no_closer_is_let_go() -> None:
    class Bare(App):
        bare: Any = Rotating(dict, key=App.key, grace=0)

    app: Any = Bare()
    async with lifetime(app) as secrets, secrets.tenant("acme") as acme:
        with app.bare.lease() as first:
            await acme.store("KEY", "acme-key-rt-0002")
        assert app.bare() != first


async def test_each_container_has_its_own() -> None:
    one, two = App(), App()
    async with lifetime(one) as first, lifetime(two) as second:
        async with first.tenant("acme"):
            mine = one.client()
        async with second.tenant("acme"):
            assert two.client() is not mine


async def test_closers_that_fail_are_told_and_hurt_nobody(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def bad(client: Client) -> None:
        raise OSError(f"{client.key} did not close")

    async def worse(client: Client) -> None:
        await anyio.lowlevel.checkpoint()
        raise OSError(f"{client.key} did not close")

    class Bad(App):
        one: Any = Rotating(Client, App.key, closer=bad)
        two: Any = Rotating(Client, App.key, closer=worse)

    app: Any = Bad()
    with pytest.raises(ExceptionGroup) as failed:
        async with lifetime(app) as secrets, secrets.tenant("acme"):
            with secrets.override(KEY="brought-along-01"):
                app.one()
                app.two()
            await anyio.wait_all_tasks_blocked()
            app.one()
            app.two()
    assert len(failed.value.exceptions) == 2
    assert caplog.text.count("did not close") == 4
    assert "brought-along-01" not in caplog.text


async def test_a_forgotten_tenants_instances_are_closed_at_once() -> None:
    app: Any = App()
    async with lifetime(app) as secrets:
        async with secrets.tenant("acme"):
            mine = app.client()
            with app.client.lease() as leased:
                await secrets.forget("acme")
                assert leased.closed == 0
                with pytest.raises(ScopeClosedError):
                    app.client()
            assert mine.closed == 1
        await secrets.forget("acme")
