"""Readers of every frame: all of their methods, at every time of their life."""

import copy
import pickle
import threading
from collections.abc import Callable
from typing import Any

import anyio
import anyio.lowlevel
import anyio.to_thread
import pytest
from dependency_injector import containers, providers

from secretscope import (
    AlreadyOpenError,
    AmbiguousStoreError,
    CachedSecrets,
    ChainSecrets,
    DeletedSecretError,
    DestroyedSecretError,
    DictSecrets,
    EnvSecrets,
    ExpiredError,
    InvalidRefError,
    MissingSecretError,
    NoTenantError,
    NotOpenError,
    NotWarmError,
    Policy,
    ScopeClosedError,
    ScopedSecrets,
    Secret,
    SecretsBackend,
    UnknownStoreError,
    lifetime,
    needs,
)
from secretscope.scopes import AppPlan, Lifetime
from secretscope.scopes._frame import NOWHERE, POSITION, Frame
from secretscope.scopes._reader import Reader
from secretscope.scopes._view import NOTHING
from tests.plain import PlainStore


class App(containers.DeclarativeContainer):
    config = providers.Configuration()
    backend = SecretsBackend(config.secrets)
    secrets = ScopedSecrets(backend)


class Two(containers.DeclarativeContainer):
    one = SecretsBackend(DictSecrets, {"A": "value-of-a-0001"})
    two = SecretsBackend(EnvSecrets)
    a = ScopedSecrets(one)
    b = ScopedSecrets(two)


TENANTS = {"path": "t/{tenant}/{ref}", "inherit": ["SHARED", "GONE"]}


def application(**values: str) -> Any:
    settings = {"backend": "dict", "dict": values, "tenants": TENANTS}
    return App(config={"secrets": settings})


async def test_every_method_follows_the_frame() -> None:
    app = application(**{"t/acme/KEY": "acme-key-000001", "SHARED": "shared-key-0001"})
    async with lifetime(app) as secrets:
        reader = app.secrets()
        assert reader.peek("SHARED") == "shared-key-0001"
        await reader.refresh("SHARED")
        await reader.store("SHARED", "shared-key-0002")
        assert reader.lookup_sync("SHARED") == "shared-key-0002"
        with pytest.raises(NoTenantError):
            await reader.refresh("KEY")
        async with secrets.tenant("acme") as acme:
            await acme.refresh("KEY")
            await acme.refresh("SHARED")
            await secrets.rotate("KEY")
            with pytest.raises(MissingSecretError):
                await acme.resolve("GONE")
            with pytest.raises(MissingSecretError):
                acme.peek("GONE")
            with secrets.override(KEY="over-key-000001") as over:
                assert over.peek("KEY") == await over.resolve("KEY")
                assert over.redact("over-key-000001") == "[REDACTED]"
                await over.refresh("KEY")
                assert over.lookup_sync("SHARED") == "shared-key-0002"
                assert reader.lookup_sync("SHARED") == "shared-key-0002"
                assert secrets.bind() is over
            assert repr(over) == "<secrets of tenant 'acme', ended>"


async def test_readers_are_neither_copied_nor_pickled() -> None:
    app = application()
    async with lifetime(app) as secrets:
        with secrets.override(KEY="over-key-000001") as over:
            assert copy.copy(over) is copy.deepcopy(over) is over
            with pytest.raises(TypeError, match="hand on the ref"):
                pickle.dumps(over)
            assert "over-key" not in repr(over)


async def test_a_block_is_entered_once_and_says_what_it_is() -> None:
    async with lifetime(application()) as secrets:
        block = secrets.override(KEY="over-key-000001")
        assert repr(block) == "<an override to enter>"
        with block:
            pass
        with pytest.raises(AlreadyOpenError), block:
            pass


async def test_a_value_may_be_overridden_again_and_again() -> None:
    app = application()
    async with lifetime(app) as secrets:
        for _ in range(3):
            with secrets.override({"KEY": "over-key-000001", "B": "over-key-000001"}):
                assert app.secrets().lookup_sync("B") == "over-key-000001"
        for number in range(1100):
            with secrets.override(KEY=f"one-of-many-{number:05d}"):
                pass
        wanted: Any = {"KEY": ["x"]}
        with pytest.raises(ValueError, match="not list"), secrets.override(wanted):
            pass


async def test_blocks_of_several_stores_read_none_of_them() -> None:
    app = Two()
    async with lifetime(app) as secrets:
        with secrets.override(A="both-over-0001") as both:
            for reader in (both, secrets):
                with pytest.raises(AmbiguousStoreError):
                    reader.lookup_sync("A")
            with pytest.raises(AmbiguousStoreError):
                await both.resolve("A")
            with pytest.raises(AmbiguousStoreError):
                both.bind()
            assert both.tenant is None
            assert "Two.a" in repr(both)
            assert app.a().lookup_sync("A") == app.b().lookup_sync("A")
        block = secrets.override(A="both-over-0001")
        with block, pytest.raises(AlreadyOpenError), block:
            pass
        with secrets.override(A="b-alone-000001", on=app.b()) as bound:
            assert bound.lookup_sync("A") == "b-alone-000001"
            assert app.a().lookup_sync("A") == "value-of-a-0001"
        async with secrets.tenant("acme") as acme:
            with pytest.raises(AmbiguousStoreError):
                acme.lookup_sync("A")
            with pytest.raises(MissingSecretError):
                app.a().lookup_sync("A")


async def test_a_lifetime_without_stores_has_blocks_all_the_same() -> None:
    class Empty(containers.DeclarativeContainer):
        thing = providers.Object(1)

    async with lifetime(Empty()) as secrets:
        with secrets.override(A="x") as none:
            assert none.tenant is None
        async with secrets.tenant("acme") as acme:
            assert acme.tenant == "acme"


async def test_nothing_is_asked_of_a_reader_that_is_not_open() -> None:
    app = application()
    secrets = lifetime(app)._reader
    for ask in (secrets.lookup_sync, secrets.tenant):
        with pytest.raises(NotOpenError):
            ask("KEY")
    with pytest.raises(NotOpenError):
        secrets.override(KEY="x")
    with pytest.raises(UnknownStoreError, match="it has none"):
        Lifetime().scope_of(app.secrets)


async def test_a_tenants_block_is_refused_once_the_lifetime_is_over() -> None:
    app = application()
    async with lifetime(app) as secrets:
        early = secrets.tenant("acme")
        block = secrets.tenant("globex")
    for late in (early, block):
        with pytest.raises(ScopeClosedError, match="the lifetime"):
            await late.__aenter__()
    await secrets.tenant("acme").__aexit__(None, None, None)


async def test_a_tenants_opening_is_given_up_with_the_lifetime() -> None:
    class Hanging(DictSecrets):
        async def resolve(self, ref: str) -> str:
            await anyio.sleep_forever()
            return ""

        def peek(self, ref: str) -> str:
            return str(DictSecrets().peek(ref))

    class Slow(containers.DeclarativeContainer):
        backend = SecretsBackend(
            Hanging, settings={"tenants": {"path": "{tenant}/{ref}"}}
        )
        secrets = ScopedSecrets(backend)
        thing = needs(secrets, "KEY")

    errors: list[Exception] = []

    async def enter(secrets: Any) -> None:
        try:
            async with secrets.tenant("acme"):
                raise AssertionError
        except ScopeClosedError as error:
            errors.append(error)

    async with anyio.create_task_group() as group, lifetime(Slow()) as secrets:
        for _ in range(2):
            group.start_soon(enter, secrets)
        await anyio.wait_all_tasks_blocked()
    assert len(errors) == 2


async def test_an_outer_block_that_ends_takes_the_inner_ones_along() -> None:
    app = application(**{"t/acme/KEY": "acme-key-000001"})
    gate, done = anyio.Event(), anyio.Event()
    refused: list[str] = []

    async def inner(secrets: Any, number: int) -> None:
        with secrets.override(KEY=f"inner-key-{number:05d}") as over:
            with secrets.override(OTHER="x" * 20):
                await gate.wait()
            for read in (app.secrets().lookup_sync, over.lookup_sync):
                with pytest.raises(ScopeClosedError):
                    read("KEY")
                refused.append("KEY")
        if len(refused) == 6:
            done.set()

    async with lifetime(app) as secrets, anyio.create_task_group() as group:
        async with secrets.tenant("acme") as acme:
            for number in range(3):
                group.start_soon(inner, secrets, number)
            await anyio.wait_all_tasks_blocked()
            held = set(app.secrets().scope.held_values())
            assert {f"inner-key-{number:05d}" for number in range(3)} < held
        gate.set()
        await done.wait()
    assert "ended" in repr(acme)


async def test_frames_may_be_left_in_any_order() -> None:
    app = application()
    async with lifetime(app) as secrets:
        base = app.secrets().scope.base
        blocks: list[Any] = [
            secrets.override(KEY=f"in-order-{n:06d}") for n in range(4)
        ]

        def run(block: Any, gates: tuple[threading.Event, threading.Event]) -> None:
            with block:
                gates[0].set()
                gates[1].wait(10)

        gates = [(threading.Event(), threading.Event()) for _ in blocks]
        async with anyio.create_task_group() as group:
            for block, gate in zip(blocks, gates, strict=True):
                group.start_soon(anyio.to_thread.run_sync, run, block, gate)
                await anyio.to_thread.run_sync(gate[0].wait)
            assert len(list(base.family())) == 5
            for number in (1, 3, 0, 2):
                gates[number][1].set()
                while not blocks[number].ended:
                    await anyio.lowlevel.checkpoint()
        assert list(base.family()) == [base]


async def test_threads_enter_and_leave_side_by_side() -> None:
    app = application()
    wrong: list[str | None] = []

    def work(secrets: Any, number: int) -> None:
        for turn in range(200):
            value = f"thread-{number}-turn-{turn:04d}"
            with secrets.override(KEY=value):
                found = app.secrets().lookup_sync("KEY")
                if found != value:
                    wrong.append(found)

    async with lifetime(app) as secrets:
        async with anyio.create_task_group() as group:
            for number in range(8):
                group.start_soon(anyio.to_thread.run_sync, work, secrets, number)
        base = app.secrets().scope.base
        assert list(base.family()) == [base]
    assert wrong == []


async def test_nothing_is_seen_where_nothing_was_entered() -> None:
    assert POSITION.get() is NOWHERE
    assert NOWHERE.scope.base is NOWHERE
    assert NOWHERE.name == "the application"
    asked: list[Callable[..., Any]] = [NOTHING.resolve, NOTHING.put, NOTHING.refresh]
    for ask in asked:
        with pytest.raises(ScopeClosedError):
            await ask("KEY", *([""] if ask != NOTHING.resolve else []))
    with pytest.raises(ScopeClosedError):
        await NOTHING.resolve_secret("KEY")
    for peek in (NOTHING.peek, NOTHING.peek_secret):
        with pytest.raises(ScopeClosedError):
            peek("KEY")
    frame = Frame(NOWHERE.scope, NOTHING, outer=NOWHERE)
    frame.part()
    assert list(NOWHERE.family()) == [NOWHERE]


def test_places_and_refs_belong_together() -> None:
    plan = AppPlan("prod/{ref}", {"KEY": "elsewhere#key"})
    assert plan.refs_at("prod/A") == ("A",)
    assert plan.refs_at("elsewhere") == ("KEY",)
    assert plan.place("A#b") == "prod/A#b"
    with pytest.raises(InvalidRefError, match="one document"):
        AppPlan("prod#{ref}").place("A#b")


class Shelf:
    """A source whose secrets may go."""

    def __init__(self) -> None:
        self.kept = {"KEY": "shelf-key-000001"}

    async def fetch(self, location: str) -> Secret:
        if location not in self.kept:
            raise MissingSecretError(location, where="the shelf")
        return Secret(self.kept[location])


class Four(PlainStore):
    """A user's store: cold until it is resolved, and it says so in its own words."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}
        self.asked = 0

    async def resolve(self, ref: str) -> str:
        self.asked += 1
        if ref == "LATER":
            raise NotWarmError(ref, where="a store of mine")
        self.kept[ref] = f"value-{self.asked:08d}"
        return self.kept[ref]

    def lookup_sync(self, ref: str) -> str | None:
        return self.kept.get(ref)


def over(store: Any) -> Any:
    class Over(containers.DeclarativeContainer):
        backend = SecretsBackend(providers.Object(store))
        secrets = ScopedSecrets(backend)

    return Over()


async def test_a_secret_that_is_gone_is_seen_to_be_gone() -> None:
    shelf = Shelf()
    app = over(CachedSecrets(shelf, Policy(refresh_gap=0)))
    async with lifetime(app) as secrets:
        assert await secrets.resolve("KEY") == secrets.lookup_sync("KEY")
        shelf.kept.clear()
        await secrets.rotate("KEY")
        assert secrets.lookup_sync("KEY") is None


async def test_a_users_store_is_asked_again_and_speaks_for_itself() -> None:
    store = Four()
    async with lifetime(over(store)) as secrets:
        with pytest.raises(NotWarmError):
            secrets.lookup_sync("KEY")
        assert await secrets.resolve("KEY") == "value-00000001"
        await secrets.rotate("KEY")
        assert secrets.lookup_sync("KEY") == "value-00000002"
        with pytest.raises(NotWarmError):
            await secrets.resolve("LATER")
        with pytest.raises(NotWarmError):
            await ChainSecrets([store]).resolve("LATER")


async def test_what_is_asked_of_a_frame_that_ends_meanwhile_is_refused() -> None:
    class Slow(Four):
        def __init__(self) -> None:
            super().__init__()
            self.gate = anyio.Event()

        async def resolve(self, ref: str) -> str:
            await self.gate.wait()
            return await super().resolve(ref)

    store, errors = Slow(), []

    async def read(reader: Any) -> None:
        with pytest.raises(ScopeClosedError) as caught:
            await reader.resolve("KEY")
        errors.append(caught.value)

    async with lifetime(over(store)) as secrets, anyio.create_task_group() as group:
        with secrets.override(OTHER="x" * 20) as block:
            group.start_soon(read, block)
            await anyio.wait_all_tasks_blocked()
        store.gate.set()
    assert len(errors) == 1


async def test_a_tenant_is_not_entered_from_a_block_that_ended_meanwhile() -> None:
    store, errors, gate = Four(), [], anyio.Event()

    async def own(tenant: str) -> Any:
        await gate.wait()
        return store

    class Apart(containers.DeclarativeContainer):
        backend = SecretsBackend(Four, settings={"tenants": {"stores": own}})
        secrets = ScopedSecrets(backend)

    async def enter(secrets: Any) -> None:
        with pytest.raises(ScopeClosedError) as caught:
            await secrets.tenant("acme").__aenter__()
        errors.append(caught.value)

    async with lifetime(Apart()) as secrets, anyio.create_task_group() as group:
        with secrets.override(OTHER="x" * 20):
            group.start_soon(enter, secrets)
            await anyio.wait_all_tasks_blocked()
        gate.set()
    assert len(errors) == 1


def test_a_reader_must_say_what_it_reads() -> None:
    with pytest.raises(NotImplementedError):
        Reader().redact(str(Reader()._here()))


async def test_a_lifetime_knows_what_its_frames_hold() -> None:
    app = application(**{"t/acme/KEY": "acme-key-000001"})
    async with lifetime(app) as secrets, secrets.tenant("acme") as acme:
        acme.lookup_sync("KEY")
        held = app.secrets().scope.lifetime.held_values()
        assert set(held) == {"acme-key-000001"}
        await app.backend().store("t2", "value-of-nobody")
        await app.secrets().scope.store.store("t/other/KEY", "others-key-00001")


class Bin:
    """A source whose secrets were deleted and destroyed, and which says what helps."""

    async def fetch(self, location: str) -> Secret:
        kinds = {"GONE": DestroyedSecretError, "BINNED": DeletedSecretError}
        kind = kinds.get(location, MissingSecretError)
        raise kind(location, where="the bin", cure=f"dig for {location}")


@pytest.mark.parametrize(
    ("ref", "kind"),
    [
        ("GONE", DestroyedSecretError),
        ("BINNED", DeletedSecretError),
        ("NEVER", MissingSecretError),
    ],
)
async def test_why_it_is_missing_and_what_helps_reaches_the_reader(
    ref: str, kind: type[MissingSecretError]
) -> None:
    class Binned(containers.DeclarativeContainer):
        backend = SecretsBackend(Bin)
        secrets = ScopedSecrets(backend)

    app: Any = Binned()
    async with lifetime(app) as secrets:
        for _ in range(2):
            with pytest.raises(kind) as caught:
                await secrets.resolve(ref)
            assert type(caught.value) is kind
            assert "the application (the bin)" in str(caught.value)
            assert str(caught.value).endswith(f"dig for {ref}")
        with pytest.raises(kind) as caught:
            secrets.peek(ref)
        assert str(caught.value).endswith(f"dig for {ref}")
        with pytest.raises(kind) as caught:
            await app.backend().resolve(ref)


class Ended:
    """A source that hands out what its store has ended already."""

    async def fetch(self, location: str) -> Secret:
        return Secret("ended-value-0001", expires_at=0.0)


async def test_a_tenant_opens_though_its_store_holds_what_has_ended() -> None:
    class Late(containers.DeclarativeContainer):
        backend = SecretsBackend(
            providers.Object(CachedSecrets(Ended())),
            settings={"tenants": {"path": "t/{tenant}/{ref}"}},
        )
        secrets = ScopedSecrets(backend)
        thing = needs(providers.Object(1), "KEY", secrets=secrets)

    app: Any = Late()
    async with lifetime(app) as secrets, secrets.tenant("acme") as acme:
        with pytest.raises(ExpiredError):
            await acme.resolve("KEY")
