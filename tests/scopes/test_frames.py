"""Frames: who sees what, for how long, in tasks, threads and nested blocks."""

import threading
from typing import Any

import anyio
import anyio.to_thread
import pytest

from secretscope import (
    AlreadyOpenError,
    DictSecrets,
    InvalidRefError,
    InvalidTenantError,
    MalformedSecretError,
    MissingSecretError,
    NestedTenantError,
    NoTenantError,
    NotOpenError,
    OverriddenWhileOpenError,
    ScopeClosedError,
    ScopeMismatchError,
    UnknownStoreError,
    lifetime,
    redact,
)
from tests.scopes.frames_app import (
    TENANTS,
    application,
)


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
