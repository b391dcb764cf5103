"""Forgetting a tenant: nothing of it is left, and nobody else notices."""

from typing import Any

import anyio
import anyio.lowlevel
import pytest
from dependency_injector import containers, providers

from secretscope import (
    DictSecrets,
    InvalidTenantError,
    Rotating,
    ScopeClosedError,
    ScopedSecrets,
    SecretsBackend,
    SecretValue,
    lifetime,
    needs,
    redact,
)
from tests.scopes.remote import Remote, cached

TENANTS = {"path": "t/{tenant}/{ref}", "inherit": ["SHARED"]}


def application(store: Any, **settings: Any) -> Any:
    class App(containers.DeclarativeContainer):
        backend = SecretsBackend(
            providers.Object(store), settings=settings or {"tenants": TENANTS}
        )
        secrets = ScopedSecrets(backend)
        reader: Any = needs(secrets, "KEY", optional=["SHARED", "EXTRA"])

    return App()


async def test_a_forgotten_tenant_leaves_nothing_behind_but_in_redaction() -> None:
    far = Remote(
        {
            "t/acme/KEY": "acme-key-fgt-0001",
            "t/acme2/KEY": "acme2-key-fgt-001",
            "SHARED": "shared-fgt-00001",
        }
    )
    store = cached(far)
    app = application(store)
    async with lifetime(app) as secrets:
        entered, forgotten = anyio.Event(), anyio.Event()

        async def work() -> None:
            async with secrets.tenant("acme") as acme:
                with secrets.override(OTHER="other-fgt-000001") as over:
                    entered.set()
                    await forgotten.wait()
                    readers: list[Any] = [acme, over, app.secrets()]
                    for reader in readers:
                        with pytest.raises(ScopeClosedError):
                            reader.lookup_sync("KEY")
                        with pytest.raises(ScopeClosedError):
                            await reader.resolve("KEY")

        async with anyio.create_task_group() as group:
            group.start_soon(work)
            await entered.wait()
            async with secrets.tenant("acme2") as other:
                await secrets.forget("acme")
                assert other.lookup_sync("KEY") == "acme2-key-fgt-001"
            forgotten.set()
        held = {status.ref for status in store.report()}
        assert held == {"SHARED", "t/acme2/KEY", "t/acme2/SHARED", "t/acme2/EXTRA"}
        assert {status.tenant for status in secrets.status()} == {None, "acme2"}
        assert redact("acme-key-fgt-0001") == "[REDACTED]"


async def test_a_forgotten_tenant_is_loaded_anew_when_it_is_entered_again() -> None:
    far = Remote({"t/acme/KEY": "acme-key-fgt-0001"})
    async with lifetime(application(cached(far))) as secrets:
        for number in (1, 2):
            far.held["t/acme/KEY"] = f"acme-key-fgt-000{number}"
            async with secrets.tenant("acme") as acme:
                assert acme.lookup_sync("KEY") == f"acme-key-fgt-000{number}"
            await secrets.forget("acme")


async def test_what_was_built_in_its_blocks_is_closed() -> None:
    class App(containers.DeclarativeContainer):
        backend = SecretsBackend(
            DictSecrets,
            {"t/acme/KEY": "acme-key-fgt-01"},
            settings={"tenants": TENANTS},
        )
        secrets = ScopedSecrets(backend)
        client: Any = Rotating(dict, key=SecretValue(secrets, "KEY"), closer=dict.clear)

    app: Any = App()
    async with lifetime(app) as secrets, secrets.tenant("acme"):
        shared = app.client()
        with secrets.override(KEY="brought-fgt-0001"):
            mine = app.client()
            await secrets.forget("acme")
            assert mine == shared == {}


async def test_stores_that_keep_nothing_are_forgotten_too() -> None:
    stores = {"acme": DictSecrets({"KEY": "dict-key-fgt-001"})}
    app = application(DictSecrets(), tenants={"stores": stores})
    async with lifetime(app) as secrets, secrets.tenant("acme") as acme:
        assert acme.lookup_sync("KEY") == "dict-key-fgt-001"
        await secrets.forget("acme")
        with pytest.raises(ScopeClosedError):
            acme.lookup_sync("KEY")


async def test_forgetting_closes_the_stores_of_its_own_once() -> None:
    fars = {name: Remote({"KEY": f"{name}-own-00001"}) for name in ("acme", "globex")}
    app = application(
        DictSecrets(), tenants={"stores": lambda name: cached(fars[name])}
    )
    async with lifetime(app) as secrets:
        for name in fars:
            async with secrets.tenant(name) as reader:
                assert reader.lookup_sync("KEY") == f"{name}-own-00001"
        await secrets.forget("acme")
        assert (fars["acme"].open_now, fars["globex"].open_now) == (0, 1)
        await secrets.forget("acme")
        await secrets.forget("nobody")
        async with secrets.tenant("acme") as reader:
            assert fars["acme"].open_now == 1
    assert (fars["acme"].open_now, fars["globex"].open_now) == (0, 0)


async def test_a_store_that_two_tenants_share_is_closed_with_the_last_of_them() -> None:
    far = Remote({"KEY": "shared-by-two-01"})
    store = cached(far)
    app = application(DictSecrets(), tenants={"stores": lambda name: store})
    async with lifetime(app) as secrets:
        async with anyio.create_task_group() as group:
            far.gate = anyio.Event()

            async def enter(name: str) -> None:
                async with secrets.tenant(name) as reader:
                    assert reader.lookup_sync("KEY") == "shared-by-two-01"

            group.start_soon(enter, "one")
            group.start_soon(enter, "two")
            await anyio.wait_all_tasks_blocked()
            far.gate.set()
        assert far.open_now == 1
        await secrets.forget("one")
        assert far.open_now == 1
        await secrets.forget("two")
        assert far.open_now == 0


class Broken(Remote):
    """Opens, or does not; and never closes."""

    refused = False

    async def open(self) -> None:
        await anyio.lowlevel.checkpoint()
        if self.refused:
            raise OSError("no door")

    async def aclose(self) -> None:
        raise OSError("the door sticks")


async def test_what_fails_to_close_is_told_and_the_tenant_is_gone_all_the_same() -> (
    None
):
    far = Broken({"KEY": "sticky-key-00001"})
    app = application(DictSecrets(), tenants={"stores": lambda name: cached(far)})
    async with lifetime(app) as secrets:
        async with secrets.tenant("acme") as acme:
            with pytest.raises(ExceptionGroup, match="did not close"):
                await secrets.forget("acme")
            with pytest.raises(ScopeClosedError):
                acme.lookup_sync("KEY")
        assert secrets.status() == []
        with pytest.raises(InvalidTenantError):
            await secrets.forget("../acme")


async def test_a_store_that_does_not_open_is_an_error_for_all_who_wait() -> None:
    far = Broken({"KEY": "sticky-key-00001"})
    store = cached(far)
    far.refused = True
    app = application(DictSecrets(), tenants={"stores": lambda name: store})
    failures: list[str] = []
    async with lifetime(app) as secrets:

        async def enter(name: str) -> None:
            try:
                async with secrets.tenant(name):
                    pass
            except OSError as error:
                failures.append(str(error))

        async with anyio.create_task_group() as group:
            for name in ("one", "two", "one"):
                group.start_soon(enter, name)
    assert failures == ["no door"] * 3


async def test_what_is_on_its_way_as_it_is_forgotten_is_not_kept() -> None:
    names = ("KEY", "MORE", "WHOLE")
    far = Remote({f"t/acme/{name}": f"acme-{name}-fgt-0001" for name in names})
    store = cached(far)
    refused: list[str] = []
    async with lifetime(application(store)) as secrets:
        async with secrets.tenant("acme") as acme, anyio.create_task_group() as group:

            async def read(act: Any, ref: str) -> None:
                with pytest.raises(ScopeClosedError):
                    await act(ref)
                refused.append(ref)

            far.gate = anyio.Event()
            group.start_soon(read, acme.resolve, "MORE")
            group.start_soon(read, acme.resolve_secret, "WHOLE")
            await anyio.wait_all_tasks_blocked()
            await secrets.forget("acme")
            far.gate.set()
        assert sorted(refused) == ["MORE", "WHOLE"]
        held = {status.ref for status in store.report()}
        assert not {ref for ref in held if ref.startswith("t/acme/")}


async def test_what_an_opening_has_loaded_is_not_kept_where_it_never_opened() -> None:
    far = Remote({"t/acme/KEY": "acme-key-fgt-0001"})
    store = cached(far)
    async with lifetime(application(store)) as secrets:
        far.gate = anyio.Event()

        async def enter() -> None:
            with pytest.raises(ScopeClosedError):
                async with secrets.tenant("acme"):
                    pass

        async with anyio.create_task_group() as group:
            group.start_soon(enter)
            await anyio.wait_all_tasks_blocked()
            group.start_soon(store.resolve, "t/acme/KEY")  # so that the load goes on
            await anyio.wait_all_tasks_blocked()
            await secrets.forget("acme")
            far.gate.set()
        held = {status.ref for status in store.report()}
        assert not {ref for ref in held if ref.startswith("t/acme/")}


async def test_forgetting_ends_an_opening_that_is_under_way() -> None:
    far = Remote({"t/acme/KEY": "acme-key-000001"})
    far.gate = anyio.Event()
    app = application(cached(far))
    ended: list[str] = []
    async with lifetime(app, needs=[]) as secrets:
        app.secrets.reader.scope.needs = ("KEY",)

        async def enter() -> None:
            with pytest.raises(ScopeClosedError, match="acme"):
                async with secrets.tenant("acme"):
                    pass
            ended.append("acme")

        async with anyio.create_task_group() as group:
            group.start_soon(enter)
            await anyio.wait_all_tasks_blocked()
            await secrets.forget("acme")
        far.gate.set()
        assert ended == ["acme"]
        async with secrets.tenant("acme") as acme:
            assert acme.lookup_sync("KEY") == "acme-key-000001"
