"""After a gap everything is looked at again, and what could not be told is told."""

from contextlib import AsyncExitStack

from secretscope.fleet._notice import Kind, Notice
from secretscope.fleet._outbox import Outbox
from tests.fleet.hands import Machines, settle
from tests.fleet.pairs import (
    forge,
    two,
)


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
