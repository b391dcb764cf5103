"""Single flight: one load for all, of one key or of many."""

from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from typing import Any

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st

from secretscope import MissingSecretError, ScopeClosedError, Secret
from secretscope.cache._engine import Engine
from secretscope.cache._entry import Entry, fingerprint
from secretscope.cache._flight import Flights
from secretscope.cache._policy import Policy
from secretscope.cache._refresher import Refresher
from secretscope.cache._shelf import Shelf
from secretscope.testing import HandClock, ScriptedBatches, ScriptedSource, settle
from tests.cache.served import of, served

WHO: ContextVar[str] = ContextVar("flights_who", default="nobody")


class Loads:
    """Loads that wait for a gate, and say who they run as."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, ...]] = []
        self.seen: list[str] = []
        self.cancelled = 0
        self.gate = anyio.Event()

    async def __call__(self, keys: Sequence[str]) -> Mapping[str, str | Exception]:
        self.asked.append(tuple(keys))
        self.seen.append(WHO.get())
        try:
            await self.gate.wait()
        except BaseException:
            self.cancelled += 1
            raise
        if "boom" in keys:
            raise ValueError("boom")
        return {key: f"{key}!" for key in keys}


def flights() -> tuple[Flights[str], Engine]:
    engine = Engine(HandClock())
    return Flights(engine, "the store"), engine


@pytest.mark.parametrize("hosted", [True, False])
async def test_a_load_of_many_serves_whoever_wants_one_of_them(*, hosted: bool) -> None:
    ours, engine = flights()
    load = Loads()
    found: list[Mapping[str, object]] = []

    async def read(*keys: str) -> None:
        found.append(await ours.load(keys, load))

    async with anyio.create_task_group() as group:
        if hosted:
            await group.start(engine.host)
        group.start_soon(read, "A", "B")
        await settle()
        group.start_soon(read, "B")
        group.start_soon(read, "B", "C")
        await settle()
        load.gate.set()
        await settle()
        group.cancel_scope.cancel()
    assert load.asked == [("A", "B"), ("C",)]
    assert sorted(sorted(answer) for answer in found) == [["A", "B"], ["B"], ["B", "C"]]


async def test_the_last_to_leave_cancels_and_not_the_one_before() -> None:
    ours, engine = flights()
    load = Loads()
    scopes = [anyio.CancelScope() for _ in range(2)]

    async def read(scope: anyio.CancelScope) -> None:
        with scope:
            await ours.load(["A"], load)

    async with anyio.create_task_group() as group:
        await group.start(engine.host)
        for scope in scopes:
            group.start_soon(read, scope)
        await settle()
        scopes[0].cancel()
        await settle()
        assert load.cancelled == 0
        scopes[1].cancel()
        assert len(ours) == 1
        await settle()
        assert (load.cancelled, len(ours)) == (1, 0)
        group.cancel_scope.cancel()


async def test_a_load_that_is_wanted_in_the_background_outlives_its_waiters() -> None:
    ours, engine = flights()
    load = Loads()
    over: list[str] = []
    async with anyio.create_task_group() as group:
        await group.start(engine.host)
        async with anyio.create_task_group() as readers:
            readers.start_soon(ours.load, ["A"], load)
            await settle()
            ours.start(["A"], load, lambda: over.append("joined"))
            readers.cancel_scope.cancel()
        await settle()
        assert (load.cancelled, "A" in ours) == (0, True)
        ours.start(["A", "B"], load, lambda: over.append("B"))
        await settle()
        ours.abandon("A")
        ours.abandon("B")
        load.gate.set()
        await settle()
        group.cancel_scope.cancel()
    assert over == ["joined", "B"]
    assert load.asked == [("A",), ("B",)]
    ours.start(["A"], load, lambda: over.append("unhosted"))
    assert over == ["joined", "B", "unhosted"]


async def test_an_abandoned_load_is_for_those_who_wait_for_it_alone() -> None:
    ours, engine = flights()
    first, second = Loads(), Loads()
    found: list[Any] = []

    async def wait(load: Loads) -> None:
        found.append(await ours.load(["A"], load))

    async with anyio.create_task_group() as group:
        await group.start(engine.host)
        group.start_soon(wait, first)
        await settle()
        number = ours.number("A")
        ours.abandon("A")
        assert ours.number("A") is None
        group.start_soon(wait, second)
        await settle()
        assert ours.number("A") not in (None, number)
        first.gate.set()
        await settle()
        assert len(found) == 1
        assert "A" in ours
        second.gate.set()
        await settle()
        assert len(found) == 2
        assert (first.asked, second.asked) == ([("A",)], [("A",)])
        group.cancel_scope.cancel()


async def test_an_abandoned_load_ends_as_the_store_is_closed() -> None:
    ours, engine = flights()
    load = Loads()
    async with anyio.create_task_group() as group:
        await group.start(engine.host)

        async def wait() -> None:
            with pytest.raises(ScopeClosedError):
                await ours.load(["A"], load)

        async with anyio.create_task_group() as readers:
            readers.start_soon(wait)
            await settle()
            ours.abandon("A")
            ours.close()
        group.cancel_scope.cancel()
    assert load.cancelled == 1


async def test_what_is_to_be_done_waits_for_a_host() -> None:
    _, engine = flights()
    done: list[str] = []

    def work() -> None:
        done.append("done")

    engine.after(work)
    assert done == []
    async with anyio.create_task_group() as group:
        await group.start(engine.host)
        await settle()
        assert done == ["done"]
        group.cancel_scope.cancel()


async def test_each_waiter_gets_an_error_of_its_own() -> None:
    ours, _ = flights()
    load = Loads()
    load.gate.set()
    one = (await ours.load(["boom"], load))["boom"]
    two = (await ours.load(["boom"], load))["boom"]
    assert isinstance(one, ValueError)
    assert one is not two


async def test_a_load_runs_as_nobody_and_hosted_as_its_host() -> None:
    ours, engine = flights()
    load = Loads()
    load.gate.set()
    WHO.set("acme")
    await ours.load(["A"], load)
    async with anyio.create_task_group() as group:
        WHO.set("host")
        await group.start(engine.host)
        WHO.set("globex")
        await ours.load(["A"], load)
        group.cancel_scope.cancel()
    assert load.seen == ["nobody", "host"]


async def test_a_fresh_load_begins_after_the_one_that_is_under_way() -> None:
    ours, _ = flights()
    load = Loads()
    async with anyio.create_task_group() as group:
        group.start_soon(ours.load, ["A"], load)
        await settle()

        async def fresh() -> None:
            await ours.load(["A"], load, fresh=True)

        group.start_soon(fresh)
        group.start_soon(fresh)
        await settle()
        load.gate.set()
    assert len(load.asked) == 2


@given(st.lists(st.tuples(*[st.sampled_from(["a", "b", "ab", ""])] * 4), unique=True))
def test_no_two_places_ever_share_a_slot(
    places: list[tuple[str, str, str, str]],
) -> None:
    """Each store, namespace and tenant has a shelf of its own; refs are its keys."""
    shelves: dict[tuple[str, str, str], Shelf] = {}
    for store, namespace, tenant, ref in places:
        shelf = shelves.setdefault((store, namespace, tenant), Shelf("x", HandClock()))
        entry = Entry(ref, _Nowhere(), Policy(), 0)
        entry.answer = Secret(f"{store}/{namespace}/{tenant}/{ref}")
        shelf.entries[ref] = entry
    for store, namespace, tenant, ref in places:
        held = shelves[store, namespace, tenant].read(ref, ref)
        assert held.reveal() == f"{store}/{namespace}/{tenant}/{ref}"


class _Nowhere:
    def fire(self, entry: Entry, now: float) -> None: ...

    def entries(self) -> list[Entry]:
        return []

    def began(self) -> None: ...


@given(st.dictionaries(st.text(), st.text()), st.dictionaries(st.text(), st.text()))
def test_a_fingerprint_tells_secrets_apart(
    one: dict[str, str], two: dict[str, str]
) -> None:
    assert (fingerprint(Secret(one)) == fingerprint(Secret(two))) == (one == two)
    assert fingerprint(Secret({"value": "x"})) != fingerprint(Secret("x"))


def test_an_entry_shows_its_version_alone() -> None:
    entry = Entry("A", _Nowhere(), Policy(), 0)
    entry.answer, entry.version = Secret("a-value-in-an-entry"), "7"
    assert repr(entry) == "<Entry A version=7>"


def test_the_oldest_traces_of_what_went_cold_are_dropped() -> None:
    shelf = Shelf("the store", HandClock())
    for number in range(10_001):
        entry = Entry(str(number), _Nowhere(), Policy(), 0)
        entry.answer = Secret("cold")
        shelf.bury(entry)
    assert len(shelf.traces) == 9_001
    assert "0" not in shelf.traces


def test_what_waits_to_be_refreshed_waits_once() -> None:
    begun: list[Sequence[str]] = []
    refresher = Refresher(
        lambda bases, over: (begun.append(bases), over())[1],  # type: ignore[func-returns-value]
        at_once=1,
        batch=2,
    )
    for base in ("A", "B", "A", "C"):
        refresher.add(base)
    refresher.pump()
    assert begun == [["A", "B"], ["C"]]
    refresher.add("D")
    refresher.clear()
    refresher.pump()
    assert len(begun) == 2


async def test_thousands_are_watched_by_one_task() -> None:
    held = {f"R{n}": f"thousands-{n:05}" for n in range(1500)}
    _, secrets, clock = of(ScriptedBatches, held, ttl=600)
    async with served(secrets):
        for ref in held:
            secrets.keep(ref)
        await secrets.resolve_many(list(held))
        await clock.advance(600)
        assert {status.refreshes for status in secrets.report()} == {1}
        for ref, value in held.items():
            await secrets.store(ref, f"{value}-new")
        await clock.advance(600)
        assert {status.refreshes for status in secrets.report()} == {3}


async def test_what_was_forgotten_while_it_was_fetched_is_still_handed_out() -> None:
    _, secrets, _ = of(ScriptedSource, {"A": "handed-out-001"})
    secrets.subscribe(secrets.forget)
    assert await secrets.resolve("A") == "handed-out-001"
    assert secrets.report() == []
    secrets.subscribe(secrets.forget)


@pytest.mark.parametrize("kept", [True, False])
async def test_serving_again_watches_what_is_there(*, kept: bool) -> None:
    source, secrets, clock = of(ScriptedSource, {"A": "served-again-1"}, ttl=60, idle=0)
    async with served(secrets):
        await secrets.resolve("A")
        await clock.advance(50)  # nobody needs it
    if kept:
        secrets.keep("A")
    async with served(secrets):
        await clock.advance(60)
        assert (source.asked() > 1) is kept
        assert (secrets.lookup_sync("A") is not None) is kept


async def test_a_missing_field_names_those_there_are() -> None:
    _, secrets, _ = of(ScriptedSource, {"db": {"user": "u-000001", "password": "p-1"}})
    for ref in ("db", "db#x"):
        with pytest.raises(MissingSecretError, match="user, password"):
            await secrets.resolve(ref)
