"""A fleet: processes over one store, told by one bus, by a clock turned by hand."""

import logging
from contextlib import AsyncExitStack

import anyio
import pytest
from anyio import to_thread

from secretscope import (
    AlreadyOpenError,
    InvalidRefError,
    InvalidTenantError,
)
from secretscope.fleet import Fleet
from secretscope.fleet._notice import Kind, Notice
from tests.fleet.hands import Machines, settle
from tests.fleet.pairs import (
    forge,
    two,
)


async def test_a_rotation_noticed_in_one_process_reaches_the_other() -> None:
    machines = Machines()
    async with AsyncExitStack() as stack:
        (first, teller), (second, hearer) = await two(machines, stack)
        machines.write("acme", "db", "v2")
        first.fetch("acme", "db")
        await settle()
        assert second.version("acme", "db") == "v1"
        await machines.clock.turn(5)
        assert second.version("acme", "db") == "v2"
        assert teller.status().said == 1
        assert hearer.status().said == 0
        assert hearer.status().heard == 1


async def test_a_thousand_rotations_are_told_once_each_and_never_echoed() -> None:
    machines = Machines()
    async with AsyncExitStack() as stack:
        members = await two(machines, stack)
        members.append(machines.member())
        await stack.enter_async_context(members[2][1])
        await machines.clock.turn(61)
        for number in range(1000):
            machines.write("acme", "db", f"w{number}")
            members[number % 2][0].fetch("acme", "db")
        await machines.clock.turn(30)
        assert sum(fleet.status().said for _, fleet in members) <= 1000
        assert {m[0].version("acme", "db") for m in members[:2]} == {"w999"}
        assert members[2][1].status().looked == 0  # it holds nothing of it


async def test_both_notice_at_once_and_each_hears_what_it_knows() -> None:
    machines = Machines()
    async with AsyncExitStack() as stack:
        (first, one), (second, other) = await two(machines, stack)
        asked = len(machines.store.asked)
        machines.write("acme", "db", "v2")
        first.fetch("acme", "db")
        second.fetch("acme", "db")
        await machines.clock.turn(30)
        assert len(machines.store.asked) == asked + 2
        assert one.status().waiting == other.status().waiting == 0


async def test_without_versions_a_look_is_not_told_as_news() -> None:
    machines = Machines()
    async with AsyncExitStack() as stack:
        (first, one), (second, other) = await two(machines, stack)
        first.versioned = second.versioned = False
        first.fetch("acme", "db")
        await machines.clock.turn(30)
        assert (one.status().said, other.status().said) == (1, 0)
        assert second.fetched["acme", "db"] >= first.fetched["acme", "db"]


async def test_a_store_that_lags_is_asked_again() -> None:
    machines = Machines()
    async with AsyncExitStack() as stack:
        (first, _), (second, fleet) = await two(machines, stack)
        machines.write("acme", "db", "v2")
        first.fetch("acme", "db")
        machines.store.lag["acme", "db"] = 2
        await machines.clock.turn(6)
        assert second.version("acme", "db") == "v1"
        await machines.clock.turn(45)
        assert second.version("acme", "db") == "v2"
        assert fleet.status().given_up == 0


async def test_what_is_never_found_is_given_up() -> None:
    machines = Machines()
    async with AsyncExitStack() as stack:
        (_, teller), (second, fleet) = await two(machines, stack)
        teller.rotated("db", tenant="acme", version="v9")
        await machines.clock.turn(2000, step=5)
        assert second.version("acme", "db") == "v1"
        assert fleet.status().given_up == 1
        assert fleet.status().waiting == 0


async def test_an_outage_of_the_store_delays_a_look(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO, "secretscope.fleet")
    machines = Machines()
    async with AsyncExitStack() as stack:
        (first, _), (second, _) = await two(machines, stack)
        machines.write("acme", "db", "v2")
        first.fetch("acme", "db")
        machines.store.up = False
        await machines.clock.turn(12)
        machines.store.up = True
        await machines.clock.turn(30)
        assert second.version("acme", "db") == "v2"
    assert "db could not be looked at: StoreUnavailableError" in caplog.text


async def test_a_secret_that_is_gone_ends_its_look() -> None:
    machines = Machines()
    async with AsyncExitStack() as stack:
        (_, teller), (second, fleet) = await two(machines, stack)
        machines.write("acme", "db", None)
        teller.stale("db", tenant="acme")
        await machines.clock.turn(30)
        assert second.has == {}
        assert fleet.status().waiting == 0


async def test_a_whole_tenant_is_made_stale() -> None:
    machines = Machines()
    async with AsyncExitStack() as stack:
        (first, teller), (second, _) = await two(machines, stack)
        machines.write("acme", "api", "v1")
        second.fetch("acme", "api")
        for ref in ("db", "api"):
            machines.write("acme", ref, "v2")
        await machines.clock.turn(1)
        teller.stale(tenant="acme")
        await machines.clock.turn(6)
        assert [second.version("acme", ref) for ref in ("db", "api")] == ["v2", "v2"]
        assert first.version("acme", "db") == "v2"


async def test_the_applications_own_rotate_too() -> None:
    machines = Machines()
    async with AsyncExitStack() as stack:
        (first, _), (second, _) = await two(machines, stack)
        machines.write(None, "shared", "v1")
        first.fetch(None, "shared")
        second.fetch(None, "shared")
        machines.write(None, "shared", "v2")
        first.fetch(None, "shared")
        await machines.clock.turn(6)
        assert second.version(None, "shared") == "v2"


async def test_a_tenant_that_is_forgotten_is_gone_everywhere() -> None:
    machines = Machines()
    async with AsyncExitStack() as stack:
        (first, teller), (second, _) = await two(machines, stack)
        teller.stale("db", tenant="acme")
        await settle()
        await teller.forget("acme")
        await machines.clock.turn(10)
        assert first.forgotten == second.forgotten == ["acme"]
        assert first.has == second.has == {}


async def test_a_tenant_that_cannot_be_let_go_hurts_no_other(
    caplog: pytest.LogCaptureFixture,
) -> None:
    machines = Machines()
    async with AsyncExitStack() as stack:
        (_, teller), (second, _) = await two(machines, stack)
        forget = second.forget

        async def fail(tenant: str) -> None:
            await forget(tenant)
            if tenant == "acme":
                raise OSError("its store's own text: hunter2-hunter2")

        second.forget = fail  # type: ignore[method-assign]  # a store that fails to close
        await teller.forget("acme")
        await teller.forget("globex")
        await settle()
        assert second.forgotten == ["acme", "globex"]
    assert "letting go of tenant 'acme' failed: OSError" in caplog.text
    assert "hunter2" not in caplog.text


async def test_a_flood_of_partings_becomes_one_look_at_everything() -> None:
    machines = Machines()
    async with AsyncExitStack() as stack:
        _, (second, fleet) = await two(machines, stack)
        for number in range(1, 5000):
            notice = Notice(Kind.FORGET, tenant=f"t{number}")
            machines.bus.carry(forge(machines, notice, number=number))
        await machines.clock.turn(1)
        assert len(second.forgotten) == 4096
        assert fleet.status().waiting <= 2


async def test_a_fleet_is_entered_once_and_its_end_is_quick() -> None:
    machines = Machines()
    process, fleet = machines.member()
    async with fleet:
        with pytest.raises(AlreadyOpenError):
            await fleet.__aenter__()
        await settle()
        fleet.rotated("db", version="v1")
    assert len(machines.bus.sent) == 1  # its last words got out
    assert process.listeners == []
    with pytest.raises(KeyError, match="the body's own"):
        async with fleet:
            raise KeyError("the body's own")


async def test_a_fleet_that_was_not_entered_is_left_in_peace() -> None:
    _, fleet = Machines().member()
    await fleet.__aexit__(None, None, None)


async def test_a_rotation_noticed_on_another_thread_is_told() -> None:
    machines = Machines()
    async with AsyncExitStack() as stack:
        (first, _), (second, _) = await two(machines, stack)
        machines.write("acme", "db", "v2")
        await to_thread.run_sync(first.fetch, "acme", "db")
        await machines.clock.turn(6)
        assert second.version("acme", "db") == "v2"
        listener = first.listeners[0]
    assert first.listeners == []
    del listener


async def test_names_are_checked_before_anything_is_told() -> None:
    machines = Machines()
    _, fleet = machines.member()
    async with fleet:
        with pytest.raises(InvalidRefError):
            fleet.rotated("../x")
        with pytest.raises(InvalidTenantError):
            fleet.stale("x", tenant="a/b")
        with pytest.raises(InvalidTenantError):
            await fleet.forget("a/b")
    assert machines.bus.sent == []


async def test_a_look_that_fails_in_the_holder_hurts_no_other(
    caplog: pytest.LogCaptureFixture,
) -> None:
    machines = Machines()
    async with AsyncExitStack() as stack:
        (_, teller), (second, _) = await two(machines, stack)
        held, calls = second.held, 0

        def fail(
            tenant: str | None, ref: str | None = None, *, store: str = ""
        ) -> object:
            nonlocal calls
            calls += 1
            if calls == 2:
                raise RuntimeError
            return held(tenant, ref)

        second.held = fail  # type: ignore[method-assign,assignment]  # a fault of ours
        machines.write("acme", "db", "v2")
        teller.rotated("db", tenant="acme", version="v2")
        await machines.clock.turn(6)
        assert "a look at the store failed: RuntimeError" in caplog.text
        teller.rotated("db", tenant="acme", version="v2")
        await machines.clock.turn(6)
        assert second.version("acme", "db") == "v2"


async def test_a_notice_that_comes_during_a_look_leads_to_another_look() -> None:
    machines = Machines()
    async with AsyncExitStack() as stack:
        (_, teller), (second, _) = await two(machines, stack)
        recheck, gate = second.recheck, anyio.Event()

        async def slow(ref: str, *, tenant: str | None, store: str) -> None:
            await recheck(ref, tenant=tenant, store=store)
            await gate.wait()

        second.recheck = slow  # type: ignore[method-assign]  # a slow store
        machines.write("acme", "db", "v2")
        teller.rotated("db", tenant="acme", version="v2")
        await machines.clock.turn(6)
        machines.write("acme", "db", "v3")
        teller.rotated("db", tenant="acme", version="v3")
        await machines.clock.turn(6)
        assert second.version("acme", "db") == "v2"
        gate.set()
        await machines.clock.turn(6)
        assert second.version("acme", "db") == "v3"


async def take_part(fleet: Fleet) -> None:
    async with fleet:
        await anyio.sleep_forever()


@pytest.mark.timeout(120)  # a thousand fleets on one loop
async def test_a_thousand_processes_ask_the_store_one_after_the_other() -> None:
    machines = Machines()
    machines.write("acme", "db", "v1")
    async with anyio.create_task_group() as group:
        for _ in range(1000):
            process, fleet = machines.member()
            process.fetch("acme", "db")
            group.start_soon(take_part, fleet)
        await machines.clock.turn(60, step=20)
        machines.store.asked.clear()
        machines.write("acme", "db", "v2")
        start = machines.clock.now
        machines.processes[0].fetch("acme", "db")
        await machines.clock.turn(5, step=0.5)
        assert {p.version("acme", "db") for p in machines.processes} == {"v2"}
        assert len(machines.store.asked) == 1000
        halves = [0] * 11
        for at, _ in machines.store.asked[1:]:
            halves[int((at - start) / 0.5)] += 1
        assert max(halves) < 150  # 100 is what a perfect spread would give
        assert len(machines.bus.sent) == 1
        group.cancel_scope.cancel()
