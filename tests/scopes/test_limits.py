"""Many tenants: bounded, let go of without hurting a block, and fair to each other."""

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
    Rotating,
    ScopedSecrets,
    SecretsBackend,
    SecretValue,
    StoreUnavailableError,
    TenantLimits,
    UnknownTenantError,
    lifetime,
    needs,
)
from secretscope.scopes._breaker import Breakers
from secretscope.scopes._limits import strictest
from tests.plain import PlainStore
from tests.scopes.remote import Clock, Remote, cached


def application(store: Any, **tenants: Any) -> Any:
    class App(containers.DeclarativeContainer):
        backend = SecretsBackend(
            providers.Object(store),
            settings={"tenants": tenants or {"path": "t/{tenant}/{ref}"}},
        )
        secrets = ScopedSecrets(backend)
        reader: Any = needs(secrets, "KEY")
        client: Any = Rotating(dict, key=SecretValue(secrets, "KEY"), closer=dict.clear)

    return App()


def remote(count: int = 20) -> Remote:
    return Remote({f"t/t{n}/KEY": f"key-of-t{n:03d}-lim" for n in range(count)})


async def visit(secrets: Any, *names: str) -> None:
    for name in names:
        async with secrets.tenant(name) as reader:
            assert reader.lookup_sync("KEY") == f"key-of-t{int(name[1:]):03d}-lim"


async def hold(secrets: Any, name: str, until: anyio.Event) -> None:
    async with secrets.tenant(name) as reader:
        value = reader.lookup_sync("KEY")
        await until.wait()
        assert reader.lookup_sync("KEY") == value


def names(secrets: Any) -> set[str]:
    return {status.tenant for status in secrets.open_tenants()}


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


async def test_a_million_made_up_names_take_up_no_more_than_a_few() -> None:
    far = remote()
    store = cached(far)
    limits = TenantLimits(max_open=50)
    app = application(store)
    async with lifetime(app, limits=limits) as secrets:
        for number in range(2000):  # the rest of the million is more of the same
            async with secrets.tenant(f"made-up-{number}"):
                pass
        lived = app.secrets.reader.scope
        assert len(lived.tenants) == 50
        assert len(secrets._opened().tenants.crowd._ring) <= 2 * 50 + 200
        assert len(store.report()) <= 50
        assert len(secrets.status()) <= 50


async def test_a_noisy_tenant_evicts_its_own_refs_alone() -> None:
    far = remote()
    far.held |= {f"t/t0/R{n}": f"ref-value-{n:04d}" for n in range(40)}
    store = cached(far)
    app = application(store, path="t/{tenant}/{ref}", max_refs=10)
    async with lifetime(app) as secrets:
        await visit(secrets, "t1")
        async with secrets.tenant("t0") as noisy:
            for number in range(40):
                assert await noisy.resolve(f"R{number}") == f"ref-value-{number:04d}"
                with pytest.raises(KeyError):
                    await noisy.resolve(f"NOWHERE{number}")
            assert noisy.lookup_sync("KEY") == "key-of-t000-lim"
            assert len(store.report()) <= 12
        asked = len(far.asked)
        await visit(secrets, "t1")
        assert len(far.asked) == asked
        assert all(s.refs <= 10 for s in secrets.open_tenants())


async def test_one_document_is_kept_while_one_of_its_refs_is() -> None:
    far = Remote({"t/t0": {f"R{n}": f"ref-value-{n:04d}" for n in range(40)}})
    store = cached(far)
    app = application(store, path="t/{tenant}#{ref}", max_refs=10)
    async with lifetime(app, needs=[]) as secrets, secrets.tenant("t0") as noisy:
        for number in range(40):
            assert await noisy.resolve(f"R{number}") == f"ref-value-{number:04d}"
        assert len(far.asked) == 1


async def test_a_noisy_tenants_loads_wait_for_each_other_alone() -> None:
    far = remote()
    far.held |= {f"t/t0/R{n}": f"ref-value-{n:04d}" for n in range(12)}
    far.gate = held = anyio.Event()
    app = application(cached(far), path="t/{tenant}/{ref}", max_loads=2)
    async with lifetime(app, needs=[]) as secrets:
        async with secrets.tenant("t0") as noisy, anyio.create_task_group() as group:
            for number in range(12):
                group.start_soon(noisy.resolve, f"R{number}")
            await anyio.wait_all_tasks_blocked()
            assert far.running == 2
            far.gate = None
            async with anyio.create_task_group() as other:

                async def quiet() -> None:
                    async with secrets.tenant("t1") as reader:
                        assert await reader.resolve("KEY") == "key-of-t001-lim"

                Context().run(other.start_soon, quiet)
            held.set()
        assert far.most <= 3
        assert len(app.secrets.reader.scope.shelf.turns) == 0


class Flaky(PlainStore):
    """A store that fails, or does not, and counts how often it is asked."""

    def __init__(self) -> None:
        self.asked = 0
        self.down: Exception | None = None

    async def resolve(self, ref: str) -> str:
        self.asked += 1
        if self.down is not None:
            raise self.down
        return "a-value-of-flaky"


async def test_what_keeps_failing_fails_at_once_for_a_while() -> None:
    store, clock = Flaky(), Clock()
    app = application(store, path="t/{tenant}/{ref}", failures=3, pause=5)

    async def fails(name: str, *, asked: int) -> None:
        with pytest.raises(StoreUnavailableError):
            async with secrets.tenant(name):
                pass
        assert store.asked == asked

    async with lifetime(app, clock=clock) as secrets:
        store.down = StoreUnavailableError("Flaky")
        for asked in (1, 2, 3, 3, 3):
            await fails("t0", asked=asked)
        await fails("t1", asked=4)
        await clock.turn(4)
        await fails("t0", asked=4)
        await clock.turn(1)
        await fails("t0", asked=5)
        await fails("t0", asked=5)
        await clock.turn(5)
        store.down = None
        for name in ("t0", "t1"):
            async with secrets.tenant(name):
                pass
        store.down = StoreUnavailableError("Flaky", retry_after=30)
        for asked in (8, 9, 10, 10):
            await fails("t2", asked=asked)
        await clock.turn(29)
        await fails("t2", asked=10)
        await clock.turn(1)
        await fails("t2", asked=11)
        await secrets.forget("t2")
        await fails("t2", asked=12)


def test_breakers_remember_a_bounded_number_and_no_unknown_names() -> None:
    clock = Clock.__new__(Clock)
    clock.now = 0.0
    breakers = Breakers(TenantLimits(failures=1), clock)
    assert not breakers.failed("nobody", UnknownTenantError("nobody", where="here"))
    assert breakers.refusal("nobody") is None
    for number in range(5000):
        assert breakers.failed(f"made-up-{number}", OSError("down"))
    assert len(breakers) == 4096
    assert breakers.refusal("made-up-0") is None
    assert isinstance(breakers.refusal("made-up-4999"), OSError)
    breakers.succeeded("made-up-4999")
    assert breakers.refusal("made-up-4999") is None


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
