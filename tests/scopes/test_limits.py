"""Many tenants: bounded, and let go of without hurting a block."""

import sys
from contextvars import Context
from typing import Any

import anyio
import anyio.lowlevel
import pytest
from dependency_injector import containers, providers

from secretscope import (
    ConfigurationError,
    DictSecrets,
    ScopedSecrets,
    SecretsBackend,
    TenantLimits,
    lifetime,
    needs,
)
from secretscope.scopes._limits import strictest
from tests.scopes.crowd import (
    application,
    hold,
    names,
    remote,
    visit,
)
from tests.scopes.remote import Clock, Remote, cached


async def test_those_that_come_back_stay_and_the_others_go() -> None:
    far, clock = remote(), Clock()
    store = cached(far)
    limits = TenantLimits(max_open=3)
    async with lifetime(application(store), limits=limits, clock=clock) as secrets:
        await visit(secrets, "t0", "t0", "t1", "t1", "t2", "t3", "t4")
        assert names(secrets) == {"t0", "t1", "t4"}
        assert {s.ref for s in store.report()} == {f"t/t{n}/KEY" for n in (0, 1, 4)}
        asked = len(far.asked)
        await visit(secrets, "t0")
        assert len(far.asked) == asked
        await visit(secrets, "t2")
        assert len(far.asked) == asked + 1
        await clock.turn(3)
        await visit(secrets, "t2")
        last = secrets.open_tenants()[-1]
        assert (last.tenant, last.blocks, last.refs, last.idle) == ("t2", 0, 1, 0)
        assert last.as_dict()["weight"] > 600
        await visit(secrets, "t0", "t1", "t2", "t5", "t0", "t1", "t2", "t6")
        assert len(names(secrets)) == 3


async def test_an_open_block_is_never_cut_short() -> None:
    limits = TenantLimits(max_open=1)
    done = anyio.Event()
    async with lifetime(application(cached(remote())), limits=limits) as secrets:
        async with anyio.create_task_group() as group:
            group.start_soon(hold, secrets, "t0", done)
            await anyio.wait_all_tasks_blocked()
            await visit(secrets, "t1", "t2")
            assert "t0" in names(secrets)
            done.set()
        await visit(secrets, "t3")
        assert names(secrets) == {"t3"}


async def test_more_at_once_than_may_stay_are_all_served() -> None:
    limits = TenantLimits(max_open=2)
    served: list[str] = []

    async def serve(secrets: Any, number: int) -> None:
        async with secrets.tenant(f"t{number % 20}") as reader:
            await anyio.lowlevel.checkpoint()
            served.append(reader.lookup_sync("KEY"))

    async with lifetime(application(cached(remote())), limits=limits) as secrets:
        async with anyio.create_task_group() as group:
            for number in range(100):
                group.start_soon(serve, secrets, number)
        assert len(names(secrets)) <= 20
        await visit(secrets, "t1")
        assert len(names(secrets)) <= 2
    assert sorted(set(served)) == [f"key-of-t{n:03d}-lim" for n in range(20)]


async def test_the_bytes_of_their_values_are_bounded() -> None:
    far = Remote({f"t/t{n}/KEY": f"{n}" * 5000 for n in range(10)})
    app = application(cached(far), path="t/{tenant}/{ref}", max_bytes=20_000)
    async with lifetime(app) as secrets:
        for number in range(10):
            async with secrets.tenant(f"t{number}"):
                pass
        assert len(names(secrets)) == 3
        assert sum(status.weight for status in secrets.open_tenants()) <= 20_000
        await secrets.forget("t9")
        assert len(names(secrets)) == 2


async def test_who_is_not_entered_for_long_goes() -> None:
    clock = Clock()
    app = application(cached(remote()), path="t/{tenant}/{ref}", idle=100)
    done = anyio.Event()
    async with lifetime(app, clock=clock) as secrets:
        await visit(secrets, "t0", "t1")
        async with anyio.create_task_group() as group:
            group.start_soon(hold, secrets, "t2", done)
            await clock.turn(60)
            await visit(secrets, "t1")
            await clock.turn(60)
            assert names(secrets) == {"t1", "t2"}
            await clock.turn(100)
            assert names(secrets) == {"t2"}
            done.set()
        await clock.turn(60)
        assert secrets.open_tenants()[0].idle == 60


async def test_one_that_goes_takes_its_stores_and_instances_with_it(
    caplog: pytest.LogCaptureFixture,
) -> None:
    fars = {f"t{n}": Remote({"KEY": f"key-of-t{n:03d}-lim"}) for n in range(3)}
    app = application(DictSecrets(), stores=lambda name: cached(fars[name]), max_open=1)
    async with lifetime(app) as secrets:
        async with secrets.tenant("t0"):
            client = app.client()
        await visit(secrets, "t1")
        await anyio.wait_all_tasks_blocked()
        assert client == {}
        assert [far.open_now for far in fars.values()] == [0, 1, 0]
        await visit(secrets, "t0")

        async def sticks() -> None:
            raise OSError("key-of-t000-lim sticks")

        fars["t0"].aclose = sticks  # type: ignore[method-assign]
        await visit(secrets, "t2")
        await anyio.wait_all_tasks_blocked()
        assert "'t0' did not close" in caplog.text
        assert "key-of-t000-lim" not in caplog.text


async def test_a_store_is_not_opened_while_it_is_being_closed() -> None:
    far = Remote({"KEY": "key-of-t000-lim"})
    store = cached(far)
    gate = anyio.Event()
    closing = far.aclose

    async def slowly() -> None:
        await gate.wait()
        await closing()

    far.aclose = slowly  # type: ignore[method-assign]
    app = application(DictSecrets(), stores=lambda name: store)
    async with lifetime(app) as secrets, anyio.create_task_group() as group:
        await visit(secrets, "t0")
        group.start_soon(secrets.forget, "t0")
        await anyio.wait_all_tasks_blocked()
        group.start_soon(visit, secrets, "t0")
        await anyio.wait_all_tasks_blocked()
        assert far.open_now == 1
        gate.set()
        await anyio.wait_all_tasks_blocked()
        assert far.open_now == 1
        assert names(secrets) == {"t0"}


def test_limits_are_checked_and_the_strictest_counts() -> None:
    for wrong in (
        {"max_open": 0},
        {"max_open": "many"},
        {"max_refs": None},
        {"idle": -1},
        {"idle": True},
        {"pause": float("nan")},
    ):
        options: dict[str, Any] = wrong
        with pytest.raises(ConfigurationError, match=rf"tenants\.{next(iter(wrong))}"):
            TenantLimits(**options)
    one = TenantLimits(max_open=None, idle=10, pause=1)
    two = TenantLimits(max_open=5, idle=None, pause=9, max_bytes=None)
    both = strictest([one, two])
    assert (both.max_open, both.idle, both.pause, both.max_bytes) == (5, 10, 9, None)
    assert strictest([]) == TenantLimits()


def test_a_plain_with_makes_room_too() -> None:
    limits = TenantLimits(max_open=1)
    app = application(cached(remote()))
    with lifetime(app, limits=limits) as secrets:
        one, two = Context(), Context()
        first, second = secrets.tenant("t0"), secrets.tenant("t1")
        one.run(first.__enter__)
        two.run(second.__enter__)
        assert names(secrets) == {"t0", "t1"}
        one.run(first.__exit__, None, None, None)
        two.run(second.__exit__, None, None, None)
        with secrets.tenant("t2"):
            pass
        assert names(secrets) == {"t2"}


class Reluctant:
    """Lets one tenant go between its opening and its entry."""

    def __init__(self, tenants: Any) -> None:
        self.enter = tenants.enter
        self.tenants = tenants
        self.times = 0

    def __call__(self, views: Any) -> bool:
        self.times += 1
        if self.times == 1:
            self.tenants._evict(views[0])
        return bool(self.enter(views))


async def test_one_that_goes_before_it_is_entered_is_opened_again() -> None:
    async with lifetime(application(cached(remote()))) as secrets:
        opened = secrets._opened().tenants
        opened.enter = reluctant = Reluctant(opened)  # type: ignore[method-assign]
        await visit(secrets, "t0")
        assert reluctant.times == 2


def test_the_same_goes_for_a_plain_with() -> None:
    with lifetime(application(cached(remote()))) as secrets:
        opened = secrets._opened().tenants
        opened.enter = reluctant = Reluctant(opened)  # type: ignore[method-assign]
        with secrets.tenant("t0") as reader:
            assert reader.lookup_sync("KEY") == "key-of-t000-lim"
        assert reluctant.times == 2


async def test_a_tenant_of_several_stores_goes_as_a_whole() -> None:
    class Two(containers.DeclarativeContainer):
        one = SecretsBackend(
            providers.Object(cached(remote())),
            settings={"tenants": {"path": "t/{tenant}/{ref}", "max_open": 2}},
        )
        two = SecretsBackend(
            DictSecrets, settings={"tenants": {"path": "t/{tenant}/{ref}"}}
        )
        a = ScopedSecrets(one)
        b = ScopedSecrets(two)

    app: Any = Two()
    async with lifetime(app) as secrets:
        for number in range(5):
            async with secrets.tenant(f"t{number}"):
                assert await app.a().resolve("KEY") == f"key-of-t{number:03d}-lim"
        assert len(app.a.reader.scope.tenants) == len(app.b.reader.scope.tenants) == 2


async def test_the_bytes_of_all_of_its_stores_count() -> None:
    class Two(containers.DeclarativeContainer):
        one = SecretsBackend(
            providers.Object(cached(remote())),
            settings={"tenants": {"path": "t/{tenant}/{ref}", "max_bytes": 20_000}},
        )
        two = SecretsBackend(
            providers.Object(
                cached(Remote({f"t/t{n}/BIG": "b" * 5000 for n in range(9)}))
            ),
            settings={"tenants": {"path": "t/{tenant}/{ref}"}},
        )
        a = ScopedSecrets(one)
        b = ScopedSecrets(two)
        reader: Any = needs(b, "BIG")

    async with lifetime(Two()) as secrets:
        for number in range(9):
            async with secrets.tenant(f"t{number}"):
                pass
        weights = [status.weight for status in secrets.open_tenants()]
        assert len(weights) == 2
        assert all(weight > 5000 for weight in weights)


async def test_views_of_the_same_refs_share_their_keys() -> None:
    far = remote()
    async with lifetime(application(cached(far))) as secrets:
        await visit(secrets, *(f"t{n}" for n in range(20)))
        views = secrets._opened().scopes[0].tenants
        small = {sys.getsizeof(view.values) for view in views.values()}
        assert max(small) < sys.getsizeof(dict(views["t0"].values))
        far.held["t/t0/KEY"] = "a-new-key-of-t0"
        async with secrets.tenant("t0") as reader:
            await reader.refresh("KEY")
            assert reader.lookup_sync("KEY") == "a-new-key-of-t0"
        assert sys.getsizeof(views["t0"].values) in small


async def test_without_bounds_all_stay() -> None:
    limits = TenantLimits(max_open=None, idle=None)
    async with lifetime(application(cached(remote())), limits=limits) as secrets:
        await visit(secrets, *(f"t{n}" for n in range(20)))
        assert len(names(secrets)) == 20


async def test_a_tenant_in_use_is_not_let_go_of_and_forgotten_ones_leave_the_ring() -> (
    None
):
    limits = TenantLimits(max_open=None, max_refs=2)
    values = {f"t/t{n}/R{m}": "dict-value-of-lim" for n in range(200) for m in range(4)}
    app = application(DictSecrets(values))
    async with lifetime(app, limits=limits, needs=[]) as secrets:
        opened = secrets._opened().tenants
        async with secrets.tenant("t0") as reader:
            for number in range(4):
                assert await reader.resolve(f"R{number}") == "dict-value-of-lim"
            assert secrets.open_tenants()[0].refs == 2
            assert not opened._evict(opened.crowd.members()[0])
        for number in range(200):
            async with secrets.tenant(f"t{number}"):
                pass
        for number in range(200):
            await secrets.forget(f"t{number}")
        assert len(opened.crowd._ring) <= 128
