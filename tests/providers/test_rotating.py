"""Rotating: one instance a tenant, built anew once for all when its secret rotates."""

import copy
import sys
import threading
from contextlib import suppress
from contextvars import copy_context
from typing import Annotated, Any

import anyio
import anyio.lowlevel
import anyio.to_thread
import pytest
from dependency_injector import containers, providers
from dependency_injector.wiring import Provide, inject

from secretscope import (
    CaptiveError,
    ConfigurationError,
    DictSecrets,
    ExpiredError,
    MissingSecretError,
    NoTenantError,
    NotOpenError,
    Policy,
    Rotating,
    ScopeClosedError,
    ScopedSecrets,
    SecretFields,
    SecretsBackend,
    SecretValue,
    StoreUnavailableError,
    lifetime,
)
from tests.plain import PlainStore
from tests.scopes.remote import Clock, Remote, cached

TENANTS = {"path": "t/{tenant}/{ref}", "inherit": ["SHARED"]}


class Client:
    """A client as SDKs have them: it keeps the key that it was built with."""

    def __init__(self, key: Any = None, part: Any = None) -> None:
        self.key = key
        self.part = part
        self.closed = 0

    def close(self) -> None:
        if self.part is not None:
            assert not self.part.closed
        self.closed += 1


class AsyncClient(Client):
    """One that is closed by awaiting."""

    async def aclose(self) -> None:
        await anyio.lowlevel.checkpoint()
        self.closed += 1


def values() -> DictSecrets:
    return DictSecrets(
        {
            "SHARED": "shared-rt-000001",
            "PLATFORM": "platform-rt-0001",
            "t/acme/KEY": "acme-key-rt-0001",
            "t/acme/OTHER": "acme-other-rt-01",
            "t/globex/KEY": "globex-key-rt-01",
        }
    )


class App(containers.DeclarativeContainer):
    store = providers.Singleton(values)
    backend = SecretsBackend(store, settings={"tenants": TENANTS})
    secrets = ScopedSecrets(backend)
    key = SecretValue(secrets, "KEY")
    client = Rotating(Client, key=key)
    waiting = Rotating(AsyncClient, key=key)
    leased = Rotating(Client, key=SecretValue(secrets, "SHARED"), grace=0)
    platform = Rotating(Client, key=SecretValue(backend, "PLATFORM"))
    service = Rotating(Client, part=client)


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


async def test_inside_an_override_of_its_secret_it_is_built_for_that_block() -> None:
    app: Any = App()
    async with lifetime(app) as secrets, secrets.tenant("acme") as acme:
        tenants = app.client()
        with secrets.override(OTHER="other-brought-01"):
            assert app.client() is tenants
        with secrets.override(KEY="brought-along-01"):
            mine = app.client()
            assert mine.key == "brought-along-01"
            assert app.client() is mine
            with secrets.override(OTHER="other-brought-01"):
                assert app.client() is mine
                with secrets.override(KEY="brought-along-02"):
                    inner = app.client()
                    assert inner.key == "brought-along-02"
                    with secrets.override(KEY="acme-key-rt-0001"):
                        assert app.client() is tenants  # the very same secret
                assert inner.closed == 1
                await acme.store("KEY", "acme-key-rt-0002")
                assert app.client() is mine
            assert mine.closed == 0
        assert mine.closed == 1
        assert app.client().key == "acme-key-rt-0002"
        with secrets.override(KEY="brought-along-03"), app.client.lease() as late:
            pass
        assert late.closed == 1


async def test_what_is_built_first_inside_an_override_is_nobody_elses() -> None:
    app: Any = App()
    async with lifetime(app) as secrets, secrets.tenant("acme"):
        with secrets.override(KEY="brought-along-01") as block:
            first = app.client()
        assert app.client().key == "acme-key-rt-0001"
        assert first.closed == 1
        with pytest.raises(ScopeClosedError):
            block.lookup_sync("KEY")


async def test_within_an_override_another_secret_may_rotate() -> None:
    class Both(App):
        both: Any = Rotating(
            dict,
            key=App.key,
            other=SecretValue(App.secrets, "OTHER"),
            closer=lambda made: made.update(closed=True),
        )

    app: Any = Both()
    async with lifetime(app) as secrets, secrets.tenant("acme") as acme:
        with secrets.override(KEY="brought-along-01"):
            first = app.both()
            await acme.store("OTHER", "acme-other-rt-02")
            second = app.both()
            assert second["other"] == "acme-other-rt-02"
            assert "closed" not in second
    assert first["closed"]
    assert second["closed"]


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


async def test_reads_of_its_constructor_count() -> None:
    class Reads:
        def __init__(self, secrets: Any, backend: Any, own: Any) -> None:
            self.seen = [
                secrets.lookup_sync("KEY"),
                secrets.bind().peek("OTHER"),
                backend.lookup_sync("PLATFORM"),
                own,
            ]
            with suppress(MissingSecretError):
                secrets.lookup_sync("NOT_YET")

    own = DictSecrets({"OWN": "own-store-rt-001"})

    class Reading(App):
        reads: Any = Rotating(
            Reads,
            App.secrets,
            App.backend,
            providers.Callable(str, SecretValue(own, "OWN")),
        )

    app: Any = Reading()
    seen = []
    async with lifetime(app) as secrets, secrets.tenant("acme") as acme:
        for ref in ("OTHER", "NOT_YET", "KEY"):
            seen.append(app.reads())
            await acme.store(ref, f"stored-for-{ref}-01")
        seen.append(app.reads())
        await app.backend().store("PLATFORM", "platform-rt-0002")
        seen.append(app.reads())
        await own.store("OWN", "own-store-rt-002")
        seen.append(app.reads())
        assert app.reads() is seen[-1]
    assert len({id(each) for each in seen}) == 6


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


async def test_it_is_overridden_as_any_provider_is() -> None:
    fake = Client("a-fake")
    with App.client.override(providers.Object(fake)):
        of_class: Any = App()
    app: Any = App()
    for each in (of_class, app):
        if each is app:
            app.client.override(providers.Object(fake))
        async with lifetime(each) as secrets, secrets.tenant("acme"):
            assert each.client() is fake
            assert each.service().part is fake
            with each.client.lease() as leased:
                assert leased is fake
    app.client.reset_override()
    async with lifetime(app) as secrets, secrets.tenant("acme"):
        mine = app.client()
        with app.client.override(Rotating(Client, key="not open")):
            with pytest.raises(NotOpenError):
                app.client()
            with pytest.raises(NotOpenError):
                app.client.lease()
        assert app.client() is mine
    assert fake.closed == 0


async def test_an_old_instance_is_replaced_in_its_block_and_at_its_place() -> None:
    far = Remote({"KEY": "plain-key-rt-001"})

    class Plain:
        """A store that tells nobody of anything."""

        resolve = far.fetch
        store = far.put

        def redact(self, text: str) -> str:
            return text

        def lookup_sync(self, ref: str) -> Any:
            return far.held.get(ref)

    class Apps(containers.DeclarativeContainer):
        backend = SecretsBackend(providers.Object(Plain()))
        secrets = ScopedSecrets(backend)
        client = Rotating(Client, SecretValue(secrets, "KEY", default=None), grace=0)

    app: Any = Apps()
    async with lifetime(app, needs=[]):
        first = app.client()
        far.held["KEY"] = "plain-key-rt-002"
        second = app.client()
        assert (first.closed, second.closed) == (1, 0)
        assert second.key == "plain-key-rt-002"


async def test_it_belongs_to_the_block_that_overrides_and_not_to_one_inside() -> None:
    app: Any = App()
    async with lifetime(app) as secrets, secrets.tenant("acme"):
        with secrets.override(KEY="brought-along-01"):
            with secrets.override(OTHER="other-brought-01"):
                mine = app.client()
            assert mine.closed == 0
            assert app.client() is mine
        assert mine.closed == 1


def test_a_copy_is_one_copy() -> None:
    memo: dict[Any, Any] = {}
    provider = App.client
    copied = provider.__deepcopy__(memo)
    assert copied is provider.__deepcopy__(memo)
    assert copied is not provider
    bare: Rotating[Any] = Rotating()
    assert list(bare.related) == []
    assert copy.deepcopy(provider) is not provider


async def test_a_plain_store_that_lacks_the_secret_is_told() -> None:
    with pytest.raises(MissingSecretError):
        SecretValue(PlainStore(), "KEY")()
    assert SecretValue(PlainStore(), "KEY", default="x")() == "x"


async def test_what_has_no_closer_is_let_go() -> None:
    class Bare(App):
        bare: Any = Rotating(dict, key=App.key, grace=0)

    app: Any = Bare()
    async with lifetime(app) as secrets, secrets.tenant("acme") as acme:
        with app.bare.lease() as first:
            await acme.store("KEY", "acme-key-rt-0002")
        assert app.bare() != first


async def test_a_building_that_opens_a_block_of_its_own_reads_what_is_there() -> None:
    def build(secrets: Any) -> Client:
        with secrets.override(KEY="built-with-this-1"):
            return Client(secrets.lookup_sync("KEY"))

    made: list[Any] = []

    def build_and_leave(key: str) -> Client:
        made.append(copy_context())
        return Client(key)

    class Blocks(App):
        one: Any = Rotating(build, App.secrets)
        left: Any = Rotating(build_and_leave, App.key)

    app: Any = Blocks()
    reader = app.secrets()
    async with lifetime(app) as secrets:
        app.one.factory.set_args(secrets)
        async with secrets.tenant("acme"):
            assert app.one().key == "built-with-this-1"
            app.left()
            assert made[0].run(reader.lookup_sync, "KEY") == "acme-key-rt-0001"


async def test_a_block_that_ends_during_the_building_leaves_nothing_open() -> None:
    made: list[Client] = []
    blocks: list[Any] = []

    def build(key: str) -> Client:
        blocks.pop().__exit__(None, None, None)
        made.append(Client(key))
        return made[-1]

    class Ending(App):
        ending: Any = Rotating(build, App.key)

    app: Any = Ending()
    async with lifetime(app) as secrets, secrets.tenant("acme"):
        block = secrets.override(KEY="brought-along-01")
        blocks.append(block)
        block.__enter__()
        with pytest.raises(ScopeClosedError):
            app.ending()
    assert made[0].closed == 1


async def test_each_container_has_its_own() -> None:
    one, two = App(), App()
    async with lifetime(one) as first, lifetime(two) as second:
        async with first.tenant("acme"):
            mine = one.client()
        async with second.tenant("acme"):
            assert two.client() is not mine


async def test_racing_threads_build_it_once() -> None:
    built: list[int] = []
    barrier = threading.Barrier(8)

    class Slow(Client):
        def __init__(self, key: Any) -> None:
            built.append(threading.get_ident())
            turns = app.slow._instances._turns
            while turns["acme"].waiting < 8:
                threading.Event().wait(0.001)
            super().__init__(key)

    class Raced(App):
        slow: Any = Rotating(Slow, App.key)

    app: Any = Raced()
    got: list[Any] = []

    def race() -> None:
        barrier.wait()
        got.append(app.slow())

    async with lifetime(app) as secrets, secrets.tenant("acme") as acme:
        for _ in range(2):
            async with anyio.create_task_group() as group:
                for _ in range(8):
                    group.start_soon(anyio.to_thread.run_sync, race)
            await acme.store("KEY", "acme-key-rt-0002")
    assert len(built) == 2
    assert len({id(each) for each in got}) == 2


async def test_a_lease_may_end_and_an_override_too_in_another_thread() -> None:
    app: Any = App()
    made: list[Any] = []

    def elsewhere(secrets: Any) -> None:
        with secrets.override(KEY="brought-along-01"):
            made.append(app.waiting())
        with secrets.override(KEY="brought-along-02"), app.client.lease() as client:
            made.append(client)

    async with lifetime(app) as secrets, secrets.tenant("acme"):
        await anyio.to_thread.run_sync(elsewhere, secrets)
        await anyio.wait_all_tasks_blocked()
    assert [client.closed for client in made] == [1, 1]


async def test_a_failed_building_lets_its_parts_go_and_is_tried_again() -> None:
    class Picky(Client):
        def __init__(self, part: Any) -> None:
            if part.key == "acme-key-rt-0001":
                raise ValueError("too old")
            super().__init__(part=part)

    class Failing(App):
        client: Any = Rotating(Client, key=App.key, grace=0)
        picky: Any = Rotating(Picky, client)

    app: Any = Failing()
    async with lifetime(app) as secrets, secrets.tenant("acme") as acme:
        with pytest.raises(ValueError, match="too old"):
            app.picky()
        with app.client.lease() as first:
            await acme.store("KEY", "acme-key-rt-0002")
        assert first.closed == 1
        assert app.picky().part.key == "acme-key-rt-0002"


async def test_a_secret_that_rotates_during_the_building_is_read_again() -> None:
    store = DictSecrets({"USER": "user-rt-0000001", "PASS": "pass-rt-0000001"})

    turns: list[int] = []

    def meanwhile() -> None:
        if turns:
            number = turns.pop(0)
            store._values.update(USER=f"user-rt-000000{number}")
            store._values.update(PASS=f"pass-rt-000000{number}")
            for listener in store._listeners:
                listener("USER")
                listener("PASS")

    class Torn(containers.DeclarativeContainer):
        backend = SecretsBackend(providers.Object(store))
        secrets = ScopedSecrets(backend)
        pair: Any = Rotating(
            lambda *made: Client(made),
            SecretValue(secrets, "USER"),
            providers.Callable(meanwhile),
            SecretValue(secrets, "PASS"),
        )

    app: Any = Torn()
    async with lifetime(app):
        turns[:] = [2]
        user, _, password = app.pair().key
        assert (user[-1], password[-1]) == ("2", "2")
        await app.secrets().store("USER", "user-rt-0000003")
        turns[:] = [4, 5, 6, 7, 8]
        app.pair()
        assert turns == [7, 8]  # it is not built for ever


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


async def test_a_secret_that_has_run_out_is_an_error_until_it_is_there_again() -> None:
    clock = Clock()
    far = Remote({"KEY": "short-lived-0001"})
    policy = Policy(ttl=10, refresh_gap=0, max_stale=0)
    store = cached(far, policy, clock=clock)

    class Short(containers.DeclarativeContainer):
        backend = SecretsBackend(providers.Object(store))
        secrets = ScopedSecrets(backend)
        client: Any = Rotating(Client, SecretValue(secrets, "KEY"))
        direct: Any = Rotating(Client, SecretValue(backend, "KEY"))

    app: Any = Short()
    async with lifetime(app) as secrets:
        mine, direct = app.client(), app.direct()
        assert app.client() is mine
        assert app.direct() is direct
        far.down = StoreUnavailableError("the remote")
        await clock.turn(11)
        for provider in (app.client, app.direct):
            with pytest.raises(ExpiredError):
                provider()
        far.down = None
        await secrets.resolve("KEY")
        assert app.client() is mine
        assert app.direct() is direct


async def test_what_can_not_be_built_again_is_refused() -> None:
    arguments: list[tuple[Any, dict[str, Any]]] = [
        (providers.Singleton(Client), {}),
        (providers.Resource(Client), {}),
        (providers.Factory(Client), {"key": 1}),
        (Client, {"grace": -1}),
        (Client, {"grace": float("nan")}),
    ]
    for wrong, options in arguments:
        with pytest.raises(ConfigurationError, match="Rotating"):
            Rotating(wrong, **options)

    class Kept(App):
        kept: Any = providers.Singleton(Client, App.platform)

    with pytest.raises(CaptiveError, match=r"Kept\.kept -> its argument"):
        async with lifetime(Kept()):
            pass
    handed: Any = providers.Singleton(Client, App.platform.provider)

    class Handed(App):
        kept: Any = handed

    async with lifetime(Handed()) as secrets, secrets.tenant("acme"):
        pass


async def test_the_fields_of_one_secret_are_one_snapshot() -> None:
    far = Remote({"db": {"user": "user-sf-000001", "password": "pass-sf-000001"}})
    text = DictSecrets({"db": '{"user": "user-sf-000002", "password": "pass-sf-2"}'})

    class Pairs(containers.DeclarativeContainer):
        backend = SecretsBackend(providers.Object(cached(far)))
        secrets = ScopedSecrets(backend)
        db = SecretFields(secrets, "db", "user", "password")
        direct = SecretFields(backend, "db", "user")
        plain = SecretFields(text, providers.Object("db"), "user", "password")
        pool: Any = Rotating(Client, db)

    app: Any = Pairs()
    async with lifetime(app) as secrets:
        pool = app.pool()
        assert app.pool() is pool
        assert pool.key.reveal("user") == "user-sf-000001"
        assert app.direct().reveal("password") == "pass-sf-000001"
        assert app.plain().reveal("password") == "pass-sf-2"
        assert "user-sf" not in repr(pool.key)
        far.held["db"] = {"user": "user-sf-000003", "password": "pass-sf-000003"}
        await secrets.rotate("db")
        assert app.pool() is not pool
        assert app.pool().key.reveal("password") == "pass-sf-000003"
        with secrets.override({"db#password": "brought-pass-01"}):
            mine = app.pool()
            assert mine.key.reveal("password") == "brought-pass-01"
            assert mine.key.reveal("user") == "user-sf-000003"
            assert app.pool() is mine
        assert mine.closed == 1
        with secrets.override(db='{"user": "u", "password": "p"}'):
            assert app.pool().key.reveal("user") == "u"
            assert (await secrets.resolve_secret("db")).reveal("password") == "p"


async def test_a_snapshot_without_one_of_its_fields_is_missing() -> None:
    far = Remote({"db": {"user": "user-sf-000001", "password": "pass-sf-000001"}})

    class Pairs(containers.DeclarativeContainer):
        backend = SecretsBackend(providers.Object(cached(far)))
        secrets = ScopedSecrets(backend)
        db = SecretFields(secrets, "db", "user", "password")

    app: Any = Pairs()
    async with lifetime(app) as secrets:
        far.held["db"] = {"user": "user-sf-000004"}
        await secrets.rotate("db")
        with pytest.raises(MissingSecretError, match="password"):
            app.db()
        with app.db.override("a fake"):
            assert app.db() == "a fake"
    with pytest.raises(ConfigurationError, match="names no field"):
        SecretFields(App.secrets, "db")
