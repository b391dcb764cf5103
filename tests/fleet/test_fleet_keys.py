"""The fleet's key: what it does not sign is dropped, and it rotates itself."""

from contextlib import AsyncExitStack

import pytest

from secretscope import (
    ConfigurationError,
    MissingSecretError,
)
from secretscope.fleet import Fleet, FleetOptions
from secretscope.fleet._notice import Kind, Notice
from tests.fleet.hands import KEY, OPTIONS, Machines, settle
from tests.fleet.hands import Keys as Keyed
from tests.fleet.pairs import (
    forge,
    two,
)


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
