"""The wheel: what is due, a tick late at most, and never twice."""

import anyio
from hypothesis import given
from hypothesis import strategies as st

from secretscope.cache._wheel import Wheel
from secretscope.testing import ScriptedSource
from tests.cache.served import of, served


class Thing:
    def __init__(self, name: str = "") -> None:
        self.name = name
        self.due: float | None = None


def drain(wheel: Wheel[Thing], now: float) -> list[Thing]:
    found = []
    while chunk := wheel.pop(now):
        for thing in chunk:
            if thing.due is not None and thing.due <= now:
                thing.due = None
                found.append(thing)
    return found


times = st.floats(min_value=0, max_value=100, allow_nan=False)


@given(st.lists(st.tuples(st.integers(0, 9), times)), times)
def test_only_the_last_time_counts_and_nothing_comes_early_or_late(
    adds: list[tuple[int, float]], now: float
) -> None:
    wheel: Wheel[Thing] = Wheel()
    things = [Thing() for _ in range(10)]
    last: dict[int, float] = {}
    for number, due in adds:
        wheel.add(things[number], due)
        last[number] = due
    found = drain(wheel, now)
    assert len(found) == len(set(found))
    for number, due in last.items():
        if due <= now - 1:
            assert things[number] in found
        if due > now:
            assert things[number] not in found
    pause = wheel.pause(now)
    waiting = [due for number, due in last.items() if things[number] not in found]
    if waiting:
        assert pause is not None
        assert pause <= max(0, min(waiting) + 1 - now)
    assert sorted(drain(wheel, 102), key=id) == sorted(
        (things[n] for n in last if things[n] not in found), key=id
    )
    assert wheel.pause(0) is None
    assert wheel.size == 0


def test_adding_tells_whether_the_first_tick_is_another_now() -> None:
    wheel: Wheel[Thing] = Wheel()
    a, b = Thing(), Thing()
    assert wheel.add(a, 10.5)
    assert not wheel.add(a, 10.7)
    assert not wheel.add(b, 10.6)
    assert not wheel.add(b, 11.6)
    assert wheel.add(b, 9.6)
    assert wheel.size == 4
    wheel.clear()
    assert (wheel.size, a.due, wheel.pop(100)) == (0, None, [])


async def test_it_does_not_grow_with_how_often_a_secret_changes() -> None:
    _, secrets, clock = of(ScriptedSource, {"A": "often-stored-01"}, ttl=3600)
    async with served(secrets):
        secrets.keep("A")
        for number in range(1300):
            clock.now += 1.1
            await secrets.store("A", f"often-stored-{number:04}")
        assert secrets._parts.shared.engine._wheel.size < 1100
        await clock.advance(3000)
        assert secrets.report()[0].refreshes >= 1300


async def test_while_nothing_is_due_nothing_runs() -> None:
    _, secrets, clock = of(ScriptedSource, {"A": "sleeping-value"}, ttl=3600)
    naps: list[float] = []
    sleep = clock.sleep

    async def counted(seconds: float) -> None:
        naps.append(seconds)
        await sleep(seconds)

    clock.sleep = counted  # type: ignore[method-assign]
    secrets = of(ScriptedSource, {})[1].__class__(
        ScriptedSource({"A": "sleeping-value"}, clock=clock), clock=clock
    )
    async with served(secrets):
        await anyio.wait_all_tasks_blocked()
        assert naps == []
        secrets.keep("A")
        await secrets.resolve("A")
        await clock.advance(100)
    assert [nap for nap in naps if nap != 10] == naps[-1:]
