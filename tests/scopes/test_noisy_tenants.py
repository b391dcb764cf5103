"""A noisy tenant: what it takes up, and waits for, is its own alone."""

from contextvars import Context

import anyio
import anyio.lowlevel
import pytest

from secretscope import (
    TenantLimits,
    lifetime,
)
from tests.scopes.crowd import (
    application,
    remote,
    visit,
)
from tests.scopes.remote import Remote, cached


async def test_what_is_kept_of_made_up_names_does_not_grow_with_their_number() -> None:
    far = remote()
    store = cached(far)
    limits = TenantLimits(max_open=50)
    app = application(store)
    async with lifetime(app, limits=limits) as secrets:
        opened = secrets._opened().tenants
        kept: list[tuple[int, ...]] = []
        for number in range(600):
            async with secrets.tenant(f"made-up-{number}"):
                pass
            if number >= 200:
                kept.append(
                    (
                        len(app.secrets.reader.scope.tenants),
                        len(store.report()),
                        len(store._shelf.traces),
                        len(store._shelf.kept),
                        len(store._keeper.outcomes.troubles),
                        len(secrets.status()),
                        len(opened._opening),
                        len(opened._breakers),
                        len(app.secrets.reader.scope.shelf.turns),
                    )
                )
        assert all(max(sizes) <= 50 for sizes in zip(*kept, strict=True))
        assert len(opened.crowd._ring) <= 2 * 50 + 128


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
