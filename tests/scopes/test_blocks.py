"""Blocks: entered once, left in any order, ended with what they stand in."""

import threading
from typing import Any

import anyio
import anyio.lowlevel
import anyio.to_thread
import pytest
from dependency_injector import containers, providers

from secretscope import (
    AlreadyOpenError,
    AmbiguousStoreError,
    DictSecrets,
    MissingSecretError,
    ScopeClosedError,
    ScopedSecrets,
    SecretsBackend,
    lifetime,
    needs,
)
from tests.scopes.readers_app import (
    Four,
    Two,
    application,
    over,
)


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
