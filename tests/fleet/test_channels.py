"""What a channel may do to the fleet that listens to it; the one in memory."""

from random import Random

import anyio
import pytest
from anyio import TASK_STATUS_IGNORED, to_thread
from anyio.abc import TaskStatus

from secretscope import ChannelError
from secretscope.fleet import Channel, Fleet, Heard, MemoryBus
from secretscope.fleet._echoes import Echoes
from secretscope.fleet._link import Link
from secretscope.fleet._loop import Loop
from secretscope.fleet._notice import Kind, Notice
from tests.fleet.hands import OPTIONS, HandClock, Machines, settle


class Fickle:
    """A bus of somebody else's, that fails as it likes."""

    name = "fickle"

    def __init__(self) -> None:
        self.ends: list[Exception | None] = []
        self.listened = 0

    async def publish(self, message: bytes) -> None:
        """Lose it."""

    async def listen(
        self, heard: Heard, *, task_status: TaskStatus[None] = TASK_STATUS_IGNORED
    ) -> None:
        self.listened += 1
        if not self.ends:
            await anyio.sleep_forever()
        task_status.started()
        end = self.ends.pop(0)
        if end is not None:
            raise end


async def test_a_bus_that_ends_in_any_way_is_listened_to_again(
    caplog: pytest.LogCaptureFixture,
) -> None:
    clock, joined = HandClock(), 0
    bus = Fickle()
    assert isinstance(bus, Channel)
    bus.ends = [
        None,
        ChannelError("fickle", reason="x"),
        RuntimeError("redis://:hunter2@x"),
        ExceptionGroup("several", [OSError()]),
    ]

    def join() -> None:
        nonlocal joined
        joined += 1

    link = Link(bus, lambda message: None, join, clock, Random(1))
    async with anyio.create_task_group() as group:
        group.start_soon(link.run)
        await clock.turn(20)
        assert (joined, bus.listened) == (4, 5)
        assert not link.up.is_set()
        assert link.fault == "ExceptionGroup"
        group.cancel_scope.cancel()
    assert "it has ended" in caplog.text
    assert "hunter2" not in caplog.text


def test_pauses_grow_up_to_half_a_minute_and_are_spread() -> None:
    link = Link(Fickle(), lambda m: None, lambda: None, HandClock(), Random(1))
    pauses = [[link.pause(failures) for _ in range(200)] for failures in range(1, 20)]
    assert 0.125 <= min(pauses[0]) < max(pauses[0]) <= 0.5
    assert 7.5 <= min(pauses[-1]) < 10
    assert 28 < max(pauses[-1]) <= 30


async def test_a_link_that_held_for_long_begins_with_short_pauses_again() -> None:
    clock, bus = HandClock(), MemoryBus()
    channel = bus.channel()
    link = Link(channel, lambda m: None, lambda: None, clock, Random(1))
    async with anyio.create_task_group() as group:
        group.start_soon(link.run)
        bus.cut()
        await clock.turn(100)  # the pauses have grown
        bus.mend()
        await clock.turn(31)
        assert link.joins == 1
        await clock.turn(60)
        bus.cut()
        await settle()
        bus.mend()
        await clock.turn(1)
        assert link.joins == 2
        group.cancel_scope.cancel()


async def test_one_end_of_a_bus_in_memory_is_cut_by_itself() -> None:
    bus = MemoryBus("m")
    heard: list[bytes] = []
    one, other = bus.channel(), bus.channel()
    assert one.name == "m"
    async with anyio.create_task_group() as group:
        await group.start(one.listen, heard.append)
        await other.publish(b"1")
        one.hand_on(b"2")
        group.cancel_scope.cancel()
    await other.publish(b"3")
    one.hand_on(b"4")  # nobody listens any more
    assert heard == [b"1", b"2"]
    assert bus.sent == [b"1", b"3"]
    other.cut()
    for act in (other.publish(b"5"), other.listen(heard.append)):
        with pytest.raises(ChannelError, match="it is cut"):
            await act


async def test_a_fleet_goes_on_over_a_bus_that_never_comes_up() -> None:
    machines = Machines()
    process, _ = machines.member()
    bus = Fickle()
    async with Fleet(process, bus, OPTIONS, clock=machines.clock) as fleet:
        await machines.clock.turn(5)
        assert fleet.status().fault == "it has not been reached yet"
        assert not fleet.status().up
        assert len(process.listeners) == 1  # it follows rotations all the same
    assert process.listeners == []
    assert process.forgets == []


def test_a_loop_that_has_ended_rests() -> None:
    loop, done = Loop(), list[int]()
    loop.do(done.append, 1)  # no loop yet: at once

    async def settle_here() -> None:
        loop.settle()
        loop.do(done.append, 2)
        await to_thread.run_sync(loop.do, done.append, 3)
        await settle()

    anyio.run(settle_here)
    loop._thread = None  # as from another thread
    loop.do(done.append, 4)
    assert done == [1, 2, 3]


def test_echoes_are_bounded() -> None:
    echoes = Echoes(most=2)
    told = [Notice(Kind.ROTATED, ref, version="1") for ref in ("a", "b", "c")]
    for notice in told:
        echoes.note(notice)
    assert [echoes.holds(notice) for notice in told] == [False, True, True]
    unversioned = Notice(Kind.ROTATED, "a")
    echoes.note(unversioned)
    assert not echoes.holds(unversioned)
