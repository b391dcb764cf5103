"""A fleet: processes over one store, told by one bus, by a clock turned by hand."""

import logging
from contextlib import AsyncExitStack

import anyio
import pytest
from anyio import to_thread

from secretscope import (
    AlreadyOpenError,
    ConfigurationError,
    InvalidRefError,
    InvalidTenantError,
    MissingSecretError,
)
from secretscope.fleet import Fleet, FleetOptions
from secretscope.fleet._notice import Envelope, Kind, Notice
from secretscope.fleet._outbox import Outbox
from secretscope.fleet._seal import Keys, Seal
from tests.fleet.hands import KEY, OPTIONS, Machines, Process, settle
from tests.fleet.hands import Keys as Keyed


def forge(machines: Machines, notice: Notice, **changes: object) -> bytes:
    """Return a genuine message of a sender that a test plays."""
    keys = Keys()
    keys.use("FLEET_KEY", KEY)
    facts = {"sender": "peer", "number": 1, "sent_at": machines.clock.wall(), **changes}
    return Seal(machines.bus.name, keys).close(Envelope(notice, **facts))  # type: ignore[arg-type]  # facts by name


async def two(machines: Machines, stack: AsyncExitStack) -> list[tuple[Process, Fleet]]:
    """Return two processes that have looked at everything after their first join."""
    machines.write("acme", "db", "v1")
    members = [machines.member() for _ in range(2)]
    for process, fleet in members:
        process.fetch("acme", "db")
        await stack.enter_async_context(fleet)
    await machines.clock.turn(61)
    return members


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


async def test_after_a_gap_everything_is_looked_at_within_the_sweep() -> None:
    machines = Machines()
    async with AsyncExitStack() as stack:
        (first, _), (second, fleet) = await two(machines, stack)
        machines.channels[1].cut()
        await settle()
        assert not fleet.status().up
        assert fleet.status().fault == (
            "the channel memory is not there: it is cut; secrets are read as before, and "
            "what has rotated is noticed by freshness alone until it is back"
        )
        machines.write("acme", "db", "v2")
        first.fetch("acme", "db")
        await machines.clock.turn(30)
        assert second.version("acme", "db") == "v1"
        machines.channels[1].mend()
        await machines.clock.turn(31)
        assert fleet.status().up
        assert fleet.status().joins == 2
        await machines.clock.turn(60)
        assert second.version("acme", "db") == "v2"


async def test_what_could_not_be_told_is_told_once_the_channel_is_back() -> None:
    machines = Machines()
    async with AsyncExitStack() as stack:
        (first, teller), (second, _) = await two(machines, stack)
        machines.channels[0].cut()
        machines.write("acme", "db", "v2")
        first.fetch("acme", "db")
        await machines.clock.turn(20)
        assert second.version("acme", "db") == "v1"
        assert teller.status().said == 0
        machines.channels[0].mend()
        await machines.clock.turn(40)
        assert second.version("acme", "db") == "v2"
        assert teller.status().unsaid == 0


async def test_a_message_that_failed_is_sent_again_under_its_number() -> None:
    machines = Machines()
    async with AsyncExitStack() as stack:
        (first, _), (second, hearer) = await two(machines, stack)
        publish = machines.channels[0].publish
        failures = 2

        async def flaky(message: bytes) -> None:
            nonlocal failures
            await publish(message)
            if failures:
                failures -= 1
                raise OSError("the answer was lost")

        machines.channels[0].publish = flaky  # type: ignore[method-assign]  # a bus that answers badly
        machines.write("acme", "db", "v2")
        first.fetch("acme", "db")
        await machines.clock.turn(30)
        assert second.version("acme", "db") == "v2"
        assert hearer.status().dropped == {"replayed": 2}
        assert hearer.status().heard == 1


async def test_a_gap_in_a_senders_numbers_leads_to_a_look_at_everything() -> None:
    machines = Machines()
    async with AsyncExitStack() as stack:
        _, (second, fleet) = await two(machines, stack)
        machines.write("acme", "db", "v2")
        other = Notice(Kind.ROTATED, "other", "globex", "v1")
        machines.bus.carry(forge(machines, other, number=1))
        machines.bus.carry(forge(machines, other, number=3))
        await machines.clock.turn(61)
        assert second.version("acme", "db") == "v2"
        machines.write("acme", "db", "v3")
        machines.bus.carry(forge(machines, Notice(Kind.ALL), number=4))
        await machines.clock.turn(61)
        assert second.version("acme", "db") == "v3"
        assert fleet.status().dropped == {}


async def test_messages_that_are_not_genuine_are_dropped_counted_and_logged_seldom(
    caplog: pytest.LogCaptureFixture,
) -> None:
    machines = Machines()
    async with AsyncExitStack() as stack:
        (first, teller), (_, fleet) = await two(machines, stack)
        machines.write("acme", "db", "v2")
        first.fetch("acme", "db")
        await settle()
        genuine = machines.bus.sent[-1]
        late = Notice(Kind.FORGET, tenant="acme")
        asked = len(machines.store.asked)
        for _ in range(50):
            machines.bus.carry(b"x" * 60)
            machines.bus.carry(b"f" * 43 + b"." + genuine[44:])
            machines.bus.carry(genuine)
            machines.bus.carry(genuine[:50])
            machines.bus.carry(b"z" * 4000)
            machines.bus.carry(forge(machines, late, sent_at=0.0))
        assert fleet.status().dropped == {
            "malformed": 50,
            "forged": 100,
            "replayed": 50,
            "oversized": 50,
            "older or newer than the window allows": 50,
        }
        lines = [line for line in caplog.messages if "dropped so far" in line]
        assert len(lines) == 2 * 5 - 1  # once each in both; own ones are ignored
        await machines.clock.turn(61)
        machines.bus.carry(b"x" * 60)
        assert "51 message(s) dropped so far as malformed" in caplog.text
        assert fleet.status().heard == 1
        assert teller.status().heard == 0
        assert len(machines.store.asked) == asked + 1


async def test_the_key_rotates_and_nobody_is_left_behind() -> None:
    machines = Machines()
    async with AsyncExitStack() as stack:
        (first, _), (second, hearer) = await two(machines, stack)
        await first.application.store("FLEET_KEY", "another-key-of-32-random-bytes!!")
        machines.write("acme", "db", "v2")
        first.fetch("acme", "db")
        await settle()
        assert hearer.status().dropped == {"forged": 1}  # it does not know the key yet
        await second.application.store("FLEET_KEY", "another-key-of-32-random-bytes!!")
        await machines.clock.turn(31)
        machines.write("acme", "db", "v3")
        first.fetch("acme", "db")
        await machines.clock.turn(6)
        assert second.version("acme", "db") == "v3"


async def test_messages_of_an_unknown_key_lead_to_one_look_for_the_key() -> None:
    machines = Machines()

    process, fleet = machines.member()
    keys = process.application
    async with fleet:
        await settle()
        for _ in range(1000):
            machines.bus.carry(b"f" * 43 + b".{}")
        await machines.clock.turn(31)
        assert keys.refreshed == 1
        machines.bus.carry(b"f" * 43 + b".{}")
        await machines.clock.turn(31)
        assert keys.refreshed == 2


async def test_a_key_that_is_gone_or_too_short_later_leaves_the_one_before() -> None:
    machines = Machines()
    async with AsyncExitStack() as stack:
        (first, _), (second, _) = await two(machines, stack)
        await first.application.store("FLEET_KEY", "short")
        second.application.lost = True
        machines.bus.carry(b"f" * 43 + b".{}")
        await machines.clock.turn(31)
        assert second.application.refreshed == 1
        machines.write("acme", "db", "v2")
        first.fetch("acme", "db")
        await machines.clock.turn(6)
        assert second.version("acme", "db") == "v2"


async def test_a_previous_key_is_accepted_where_it_is_there() -> None:
    machines = Machines()
    options = FleetOptions(key_ref="FLEET_KEY", previous_key_refs=("OLD", "NONE"))
    machines.write("acme", "db", "v1")
    (old, first), (new, _) = machines.member(), machines.member()
    new.application = Keyed({"FLEET_KEY": "n" * 32, "OLD": KEY})
    second = Fleet(new, machines.channels[1], options, clock=machines.clock)
    old.fetch("acme", "db")
    new.fetch("acme", "db")
    async with first, second:
        await machines.clock.turn(61)
        machines.write("acme", "db", "v2")
        old.fetch("acme", "db")
        await machines.clock.turn(6)
        assert new.version("acme", "db") == "v2"


async def test_no_key_no_fleet() -> None:
    machines = Machines()
    process, _ = machines.member()
    process.application = Keyed()
    with pytest.raises(MissingSecretError, match="FLEET_KEY"):
        await Fleet(process, machines.channels[0], OPTIONS).__aenter__()
    process.application = Keyed({"FLEET_KEY": "short"})
    with pytest.raises(ConfigurationError, match="shorter than 16 bytes"):
        await Fleet(process, machines.channels[0], OPTIONS).__aenter__()
    assert process.listeners == []


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


async def test_a_fleet_whose_channel_is_down_closes_at_once() -> None:
    machines = Machines()
    machines.bus.cut()
    _, fleet = machines.member()
    async with fleet:
        fleet.rotated("db")
        await settle()
        assert fleet.status().unsaid == 0  # it is on its way
    assert machines.bus.sent == []


async def test_it_waits_until_all_is_told() -> None:
    machines = Machines()
    _, fleet = machines.member()
    async with fleet:
        await fleet.told()
        for ref in ("a", "b", "c"):
            fleet.stale(ref)
        await fleet.told()
        assert len(machines.bus.sent) == 3


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


def test_an_outbox_holds_the_newest_of_each_and_is_bounded() -> None:
    outbox = Outbox(most=3)
    outbox.put(Notice(Kind.ROTATED, "a", version="1"))
    outbox.put(Notice(Kind.ROTATED, "b", version="1"))
    outbox.put(Notice(Kind.ROTATED, "a", version="2"))
    assert outbox.take() == Notice(Kind.ROTATED, "b", version="1")
    assert outbox.take() == Notice(Kind.ROTATED, "a", version="2")
    assert outbox.take() is None
    for tenant in ("t1", "t2", "t3", "t4"):
        outbox.put(Notice(Kind.FORGET, tenant=tenant))
    assert [outbox.take() for _ in range(len(outbox))] == [
        Notice(Kind.FORGET, tenant="t3"),
        Notice(Kind.FORGET, tenant="t4"),
        Notice(Kind.ALL),
    ]


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
