"""Frames: who sees what, for how long, in tasks, threads and nested blocks."""

import threading
from collections.abc import Mapping
from typing import Any

import anyio
import anyio.to_thread
import pytest
from dependency_injector import containers, providers

from secretscope import (
    Agent,
    AgentFactory,
    AlreadyOpenError,
    DictSecrets,
    InvalidRefError,
    InvalidTenantError,
    MalformedSecretError,
    MissingSecretError,
    NestedTenantError,
    NoTenantError,
    NotOpenError,
    NotWarmError,
    OverriddenWhileOpenError,
    ScopeClosedError,
    ScopedSecrets,
    ScopeMismatchError,
    SecretsBackend,
    StoreUnavailableError,
    Tuning,
    UnknownStoreError,
    UnknownTenantError,
    lifetime,
    needs,
    redact,
)


class App(containers.DeclarativeContainer):
    config = providers.Configuration()
    backend = SecretsBackend(config.secrets)
    secrets = ScopedSecrets(backend)
    tuning = providers.Factory(Tuning, secrets=secrets)
    agent = AgentFactory(Agent, "Echo.", model="echo", tuning=tuning)
    reader = needs(secrets, "KEY", optional=["SHARED", "EXTRA"])


VALUES = {
    "KEY": "platform-key-0001",
    "SHARED": "shared-key-00001",
    "tenants/acme/KEY": "acme-key-0000001",
    "tenants/acme2/KEY": "acme2-key-000001",
    "tenants/globex/KEY": "globex-key-00001",
}
TENANTS: dict[str, Any] = {"path": "tenants/{tenant}/{ref}", "inherit": ["SHARED"]}


def application(values: Mapping[str, str] = VALUES, **settings: Any) -> Any:
    app = App()
    app.config.from_dict({"secrets": {"backend": "dict", "dict": values, **settings}})
    return app


async def test_a_tenant_sees_its_own_and_what_it_inherits() -> None:
    app = application(tenants=TENANTS)
    read = app.secrets().lookup_sync
    async with lifetime(app) as secrets:
        assert read("SHARED") == "shared-key-00001"
        with pytest.raises(NoTenantError):
            read("KEY")
        async with secrets.tenant("acme") as acme:
            assert read("KEY") == acme.lookup_sync("KEY") == "acme-key-0000001"
            assert read("SHARED") == "shared-key-00001"
            assert await acme.resolve("SHARED") == "shared-key-00001"
            assert acme.tenant == "acme"
            with pytest.raises(MissingSecretError):
                read("EXTRA")
            with pytest.raises(MissingSecretError):
                await acme.resolve("NOWHERE")
        async with secrets.tenant("globex"):
            assert read("KEY") == "globex-key-00001"
        with pytest.raises(NoTenantError):
            await app.secrets().resolve("KEY")


async def test_without_tenants_configured_a_tenant_sees_only_overrides() -> None:
    app = application()
    async with lifetime(app) as secrets:
        assert app.secrets().lookup_sync("KEY") == "platform-key-0001"
        assert app.secrets().lookup_sync("NOWHERE") is None
        async with secrets.tenant("acme") as acme:
            with pytest.raises(MissingSecretError):
                acme.lookup_sync("KEY")
            with secrets.override(KEY="override-key-0001"):
                assert app.secrets().lookup_sync("KEY") == "override-key-0001"
            with pytest.raises(ValueError, match=r"tenants\.path"):
                await acme.store("KEY", "x")


async def test_without_the_fallback_a_missing_ref_raises_everywhere() -> None:
    async with lifetime(application(env_fallback=False)) as secrets:
        with pytest.raises(MissingSecretError):
            secrets.lookup_sync("NOWHERE")


async def test_overrides_nest_and_end() -> None:
    app = application(tenants=TENANTS)
    read = app.secrets().lookup_sync
    async with lifetime(app) as secrets, secrets.tenant("acme"):
        with secrets.override(
            KEY="outer-key-000001", OTHER="other-key-000001"
        ) as outer:
            with secrets.override({"KEY": "inner-key-000001"}) as inner:
                assert read("KEY") == inner.lookup_sync("KEY") == "inner-key-000001"
                assert read("OTHER") == "other-key-000001"
                assert outer.lookup_sync("KEY") == "outer-key-000001"
                assert inner.tenant == "acme"
                assert redact("x inner-key-000001") == "x [REDACTED]"
            assert read("KEY") == "outer-key-000001"
            with pytest.raises(ScopeClosedError):
                inner.lookup_sync("KEY")
            await outer.refresh("KEY")
            await outer.store("KEY", "stored-key-00001")
            assert outer.lookup_sync("KEY") == await outer.resolve("KEY")
            assert outer.peek("KEY") == "outer-key-000001"
        assert read("KEY") == "stored-key-00001"
        with secrets.override(EMPTY=""):
            assert read("EMPTY") == ""


async def test_entering_a_tenant_hides_overrides_made_outside() -> None:
    app = application(tenants=TENANTS)
    async with lifetime(app) as secrets:
        with secrets.override(KEY="outside-key-0001"):
            assert app.secrets().lookup_sync("KEY") == "outside-key-0001"
            async with secrets.tenant("acme"):
                assert app.secrets().lookup_sync("KEY") == "acme-key-0000001"
                async with secrets.tenant("acme") as again:
                    assert again.lookup_sync("KEY") == "acme-key-0000001"
                with pytest.raises(NestedTenantError):
                    async with secrets.tenant("globex"):
                        pass


async def test_what_an_open_frame_can_read_stays_masked() -> None:
    app = application(tenants=TENANTS)
    async with lifetime(app) as secrets, secrets.tenant("acme") as acme:
        with secrets.override(KEY="held-override-0001"):
            assert acme.lookup_sync("KEY") == "acme-key-0000001"
            held = set(app.secrets.reader.scope.held_values())
            assert {"held-override-0001", "acme-key-0000001"} <= held


async def test_a_block_is_entered_once() -> None:
    async with lifetime(application(tenants=TENANTS)) as secrets:
        block, tenant = secrets.override(A="x"), secrets.tenant("acme")
        with block, pytest.raises(AlreadyOpenError):
            block.__enter__()
        async with tenant:
            with pytest.raises(AlreadyOpenError):
                await tenant.__aenter__()


async def test_bad_names_and_values_are_refused_before_anything_opens() -> None:
    async with lifetime(application(tenants={**TENANTS, "names": "[a-z]+"})) as secrets:
        for name in ("acme/..", "", "Acme", "a2", "../x"):
            with pytest.raises(InvalidTenantError):
                secrets.tenant(name)
        with pytest.raises(InvalidRefError), secrets.override({"a/../b": "x"}):
            pass
        for value in (None, 7, b"x", ["x"]):
            wrong: Any = {"KEY": value}
            with pytest.raises(MalformedSecretError), secrets.override(wrong):
                pass
        with pytest.raises(UnknownStoreError):
            secrets.override(KEY="x", on=object())
        async with secrets.tenant("acme") as acme:
            with pytest.raises(InvalidRefError):
                acme.lookup_sync("../globex/KEY")
            with pytest.raises(MalformedSecretError):
                await acme.store("KEY", b"x")  # type: ignore[arg-type]


async def test_frames_reach_child_tasks_and_threads_but_no_bare_thread() -> None:
    app = application(tenants=TENANTS)
    read = app.secrets().lookup_sync
    async with lifetime(app) as secrets, secrets.tenant("acme"):
        found: list[str | None] = []

        async def child() -> None:
            found.append(read("KEY"))

        async with anyio.create_task_group() as group:
            group.start_soon(child)
        found.append(await anyio.to_thread.run_sync(read, "KEY"))
        assert found == ["acme-key-0000001"] * 2
        errors: list[Exception] = []

        def bare() -> None:
            try:
                read("KEY")
            except NoTenantError as error:
                errors.append(error)

        thread = threading.Thread(target=bare)
        thread.start()
        await anyio.to_thread.run_sync(thread.join)
        assert len(errors) == 1


async def test_a_task_that_outlives_its_block_is_refused() -> None:
    app = application(tenants=TENANTS)
    gate = anyio.Event()
    errors: list[Exception] = []
    entered: list[str | None] = []

    async def late(secrets: Any) -> None:
        with secrets.override(OTHER="other-key-000001"):
            await gate.wait()
            try:
                app.secrets().lookup_sync("KEY")
            except ScopeClosedError as error:
                errors.append(error)
            async with secrets.tenant("globex"):
                entered.append(app.secrets().lookup_sync("KEY"))

    async with lifetime(app) as secrets, anyio.create_task_group() as group:
        async with secrets.tenant("acme") as acme:
            group.start_soon(late, secrets)
            await anyio.wait_all_tasks_blocked()
        gate.set()
        with pytest.raises(ScopeClosedError, match="acme"):
            acme.lookup_sync("KEY")
        with pytest.raises(ScopeClosedError):
            acme.bind()
    assert len(errors) == 1
    assert entered == ["globex-key-00001"]


async def test_a_block_left_in_another_task_ends_all_the_same() -> None:
    app = application(tenants=TENANTS)
    async with lifetime(app) as secrets:
        block = secrets.override(KEY="foreign-key-00001")
        readers: list[Any] = []

        async def enter() -> None:
            readers.append(block.__enter__())

        async with anyio.create_task_group() as group:
            group.start_soon(enter)
        assert readers[0].lookup_sync("KEY") == "foreign-key-00001"
        block.__exit__(None, None, None)
        with pytest.raises(ScopeClosedError):
            readers[0].lookup_sync("KEY")


async def test_nothing_is_read_before_or_after_the_lifetime() -> None:
    app = application(tenants=TENANTS)
    reader = app.secrets()
    with pytest.raises(NotOpenError):
        reader.lookup_sync("KEY")
    async with lifetime(app) as secrets:
        bound = secrets.bind()
        assert "open" in repr(reader)
        assert bound.tenant is None
        assert bound.bind() is bound
        assert "application" in repr(bound)
    for call in (reader.lookup_sync, reader.peek):
        with pytest.raises(NotOpenError):
            call("KEY")
    for ended in (bound.lookup_sync, secrets.lookup_sync):
        with pytest.raises(ScopeClosedError):
            ended("SHARED")
    async with lifetime(app):
        assert reader.lookup_sync("SHARED") == "shared-key-00001"


async def test_a_lifetime_is_entered_once() -> None:
    app = application()
    first = lifetime(app)
    async with first:
        with pytest.raises(AlreadyOpenError):
            await first.__aenter__()
        with pytest.raises(AlreadyOpenError):
            await lifetime(app).__aenter__()


async def test_a_store_overridden_while_open_stops_every_read() -> None:
    app = application(tenants=TENANTS)
    async with lifetime(app) as secrets, secrets.tenant("acme") as acme:
        with app.backend.override(DictSecrets()):
            for reader in (app.secrets(), acme):
                with pytest.raises(OverriddenWhileOpenError):
                    reader.lookup_sync("KEY")
        assert acme.lookup_sync("KEY") == "acme-key-0000001"
        app.backend.override(DictSecrets())
        app.backend.reset_override()
        assert acme.lookup_sync("KEY") == "acme-key-0000001"


async def test_frames_belong_to_their_lifetime() -> None:
    first, second = application(tenants=TENANTS), application()
    async with lifetime(first) as one, lifetime(second), one.tenant("acme"):
        assert first.secrets().lookup_sync("KEY") == "acme-key-0000001"
        assert second.secrets().lookup_sync("KEY") == "platform-key-0001"


async def test_an_agent_belongs_to_the_tenant_it_was_built_in() -> None:
    app = application(
        {"tenants/acme/ECHO_API_KEY": "acme-echo-key-01"}, tenants=TENANTS
    )
    async with lifetime(app, needs=[app.agent]) as secrets:
        outside = app.agent()
        async with secrets.tenant("acme"):
            inside = app.agent()
            assert "[key " in (await inside.run("hi")).output
            assert (await outside.run("hi")).output == (await inside.run("hi")).output
        async with secrets.tenant("globex"):
            assert (await outside.run("hi")).output == "[no key] hi"
            with pytest.raises(ScopeMismatchError, match="acme"):
                inside.run("hi")
        with pytest.raises(ScopeMismatchError, match="outside any tenant"):
            inside.stream("hi")


async def test_a_stream_reads_the_frame_it_was_called_in() -> None:
    app = application(
        {"tenants/acme/ECHO_API_KEY": "acme-echo-key-02"}, tenants=TENANTS
    )
    async with lifetime(app, needs=[app.agent]) as secrets, secrets.tenant("acme"):
        with secrets.override(ECHO_API_KEY="override-echo-key"):
            expected = (await app.agent().run("hi")).output
            stream = app.agent().stream("hi")
        plain = (await app.agent().run("hi")).output
        assert plain != expected
        with pytest.raises(ScopeClosedError):
            await anext(stream)


async def test_a_thousand_tasks_never_read_anothers_value() -> None:
    tenants = [f"t{number}" for number in range(50)]
    values = {f"tenants/{name}/KEY": f"key-of-{name}-0001" for name in tenants}
    app = application(values, tenants=TENANTS)
    read = app.secrets().lookup_sync
    wrong: list[object] = []

    async def work(number: int, secrets: Any) -> None:
        tenant = tenants[number % 50]
        async with secrets.tenant(tenant):
            await anyio.lowlevel.checkpoint()
            if read("KEY") != f"key-of-{tenant}-0001":
                wrong.append(number)
            with secrets.override(KEY=f"override-{number:06d}"):
                await anyio.lowlevel.checkpoint()
                seen = {read("KEY"), await app.secrets().resolve("KEY")}
                if number % 10 == 0:
                    seen.add(await anyio.to_thread.run_sync(read, "KEY"))
                if seen != {f"override-{number:06d}"}:
                    wrong.append(number)
            if read("KEY") != f"key-of-{tenant}-0001":
                wrong.append(number)

    async with lifetime(app) as secrets, anyio.create_task_group() as group:
        for number in range(1000):
            group.start_soon(work, number, secrets)
    assert wrong == []


class Foreign:
    """A store as users have written it: an async fetch, a dict as its cache."""

    def __init__(self) -> None:
        self.remote: dict[str, Any] = {}
        self.cache: dict[str, Any] = {}
        self.down: Exception | None = None

    async def resolve(self, ref: str) -> str:
        await anyio.lowlevel.checkpoint()
        if self.down is not None:
            raise self.down
        self.cache[ref] = self.remote[ref]
        return self.cache[ref]  # type: ignore[no-any-return]

    async def store(self, ref: str, value: str) -> None:
        self.remote[ref] = self.cache[ref] = value

    def redact(self, text: str) -> str:
        return redact(text)

    def lookup_sync(self, ref: str) -> str | None:
        return self.cache.get(ref)


async def test_any_object_with_the_four_methods_is_a_store() -> None:
    store = Foreign()
    store.remote = {"tenants/acme/KEY": "foreign-acme-0001", "SHARED": "foreign-shared"}
    app = App()
    app.backend.override(store)
    app.config.from_dict({"secrets": {"backend": "env", "tenants": TENANTS}})
    async with lifetime(app) as secrets, secrets.tenant("acme") as acme:
        assert acme.lookup_sync("KEY") == "foreign-acme-0001"
        store.cache["tenants/acme/KEY"] = "foreign-acme-0002"
        assert acme.lookup_sync("KEY") == "foreign-acme-0002"
        with pytest.raises(MissingSecretError):
            acme.lookup_sync("EXTRA")
        with pytest.raises(NotWarmError):
            acme.lookup_sync("COLD")
        store.remote["tenants/acme/KEY"] = "foreign-acme-0003"
        await acme.refresh("KEY")
        assert acme.lookup_sync("KEY") == "foreign-acme-0003"
        await acme.store("NEW", "foreign-new-0001")
        assert acme.lookup_sync("NEW") == "foreign-new-0001"
        store.remote["tenants/acme/BYTES"] = b"bytes"
        with pytest.raises(MalformedSecretError, match="bytes"):
            await acme.resolve("BYTES")


async def test_an_outage_is_an_error_as_the_tenant_opens_and_is_not_remembered() -> (
    None
):
    store = Foreign()
    store.remote = {"tenants/acme/KEY": "back-again-0001"}
    app = App()
    app.backend.override(store)
    app.config.from_dict({"secrets": {"backend": "env", "tenants": TENANTS}})
    async with lifetime(app) as secrets:
        store.down = StoreUnavailableError("Foreign", ref="KEY")
        with pytest.raises(StoreUnavailableError):
            async with secrets.tenant("acme"):
                pass
        store.down = None
        async with secrets.tenant("acme") as acme:
            assert acme.lookup_sync("KEY") == "back-again-0001"


@pytest.mark.parametrize("how", ["mapping", "sync", "async"])
async def test_each_tenant_may_have_a_store_of_its_own(how: str) -> None:
    stores = {
        "acme": DictSecrets({"KEY": "own-acme-key-0001"}),
        "globex": DictSecrets({"KEY": "own-globex-key-01"}),
    }

    def sync_factory(name: str) -> DictSecrets:
        return stores[name]

    async def async_factory(name: str) -> DictSecrets:
        return stores[name]

    given = {"mapping": stores, "sync": sync_factory, "async": async_factory}[how]
    app = application(tenants={"stores": given, "inherit": ["SHARED"]})
    async with lifetime(app) as secrets:
        async with secrets.tenant("acme") as acme:
            assert acme.lookup_sync("KEY") == "own-acme-key-0001"
            await stores["acme"].store("KEY", "own-acme-key-0002")
            assert acme.lookup_sync("KEY") == "own-acme-key-0002"
            assert acme.lookup_sync("SHARED") == "shared-key-00001"
        async with secrets.tenant("globex") as globex:
            assert globex.lookup_sync("KEY") == "own-globex-key-01"
        with pytest.raises(UnknownTenantError if how == "mapping" else KeyError):
            async with secrets.tenant("nobody"):
                pass


async def test_what_gives_a_tenants_store_must_give_a_store() -> None:
    app = application(tenants={"stores": lambda name: object()})
    async with lifetime(app) as secrets:
        with pytest.raises(MalformedSecretError):
            async with secrets.tenant("acme"):
                pass


async def test_tenants_may_be_parts_of_a_store(tmp_path: Any) -> None:
    (tmp_path / "customers" / "acme").mkdir(parents=True)
    (tmp_path / "customers" / "acme" / "KEY").write_text("namespaced-key-01")
    app = App()
    app.config.from_dict(
        {
            "secrets": {
                "backend": "files",
                "files": {"directory": str(tmp_path)},
                "tenants": {"namespace": "customers/{tenant}"},
            }
        }
    )
    async with lifetime(app) as secrets, secrets.tenant("acme") as acme:
        assert acme.lookup_sync("KEY") == "namespaced-key-01"


async def test_a_store_without_parts_says_so() -> None:
    async with lifetime(application(tenants={"namespace": "{tenant}"})) as secrets:
        with pytest.raises(ValueError, match="no namespaces"):
            async with secrets.tenant("acme"):
                pass


async def test_an_application_never_reads_a_tenants_place() -> None:
    app = application(tenants=TENANTS)
    async with lifetime(app):
        backend = app.backend()
        assert backend.lookup_sync("KEY") == "platform-key-0001"
        assert await backend.resolve("KEY") == "platform-key-0001"
        with pytest.raises(InvalidRefError, match="tenant's place"):
            backend.lookup_sync("tenants/acme/KEY")


async def test_one_document_holds_all_of_a_tenants_refs() -> None:
    app = application(
        {"tenants/acme": '{"KEY": "document-key-001", "OTHER": "document-other-1"}'},
        tenants={"path": "tenants/{tenant}#{ref}"},
    )
    async with lifetime(app) as secrets, secrets.tenant("acme") as acme:
        assert acme.lookup_sync("KEY") == "document-key-001"
        assert await acme.resolve("OTHER") == "document-other-1"
        with pytest.raises(InvalidRefError):
            await acme.resolve("KEY#field")
