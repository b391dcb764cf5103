"""Everything at random, against a simple model of what a reader may see."""

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import anyio
import pytest
from attrs import define, field
from dependency_injector import containers, providers
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from secretscope import (
    AccessDeniedError,
    CachedSecrets,
    DeletedSecretError,
    ExpiredError,
    MissingSecretError,
    Policy,
    ScopedSecrets,
    SecretReadError,
    SecretsBackend,
    StoreError,
    StoreTimeoutError,
    StoreUnavailableError,
    lifetime,
    needs,
)
from secretscope.testing import HandClock, ScriptedWatch
from secretscope.values import Rotation

TENANTS, REFS = ("acme", "globex"), ("KEY", "db")
TTL, MAX_STALE, ATTEMPTS = 30.0, 90.0, 20
POLICY = Policy(
    ttl=TTL, max_stale=MAX_STALE, attempts=ATTEMPTS, negative_ttl=5, idle=60, timeout=10
)
FAULTS: tuple[Exception, ...] = (
    StoreUnavailableError("the store", reason="503"),
    StoreUnavailableError("the store", reason="429", retry_after=7),
    StoreTimeoutError("the store", seconds=10),
    ConnectionResetError("reset"),
)


@define
class Place:
    """What was true of one place, and what was seen of it.

    Attributes:
        number: which value the store holds; None is none.
        ended: when each value was the store's no more.
        bound: the end that the store itself gave a value.
        gone: a reader was told that it is not there, or not ours.
        seen: the number that was read last.
        rotations: how many were told since.
        told: how many were told at all.
        changes: how often what the store holds has changed.
    """

    name: str
    number: int | None = None
    last: int = 0
    ended: dict[int, float] = field(factory=dict)
    bound: dict[int, float] = field(factory=dict)
    gone: bool = False
    seen: int | None = None
    rotations: int = 0
    told: int = 0
    changes: int = 0


class World:
    """A lifetime with two tenants over a scripted store, and the model beside it."""

    def __init__(self) -> None:
        self.clock = HandClock()
        self.source = ScriptedWatch(clock=self.clock)
        self.cached = CachedSecrets(
            self.source, POLICY, name="the store", clock=self.clock
        )
        self.places = {
            (tenant, ref): Place(f"t/{tenant}/{ref}")
            for tenant in TENANTS
            for ref in REFS
        }
        self.readers: dict[str, Any] = {}
        self.faulty: list[tuple[float, float]] = []
        self.failing_since: float | None = None
        self.awaited = 0

    # --- what the store does ---------------------------------------------------------

    def change(self, place: Place, *, number: int | None) -> None:
        if place.number is not None:
            place.ended[place.number] = self.clock()
        place.number = number
        place.gone = False
        place.changes += 1

    def hold(self, place: Place, seconds: float | None) -> None:
        place.last += 1
        number = place.last
        end = None if seconds is None else self.clock() + seconds
        pair = {
            "user": f"user {number} of {place.name}",
            "password": f"password {number} of {place.name}",
        }
        self.source.hold(place.name, pair, expires_at=end)
        self.change(place, number=number)
        if end is not None:
            place.bound[number] = end

    def drop(self, place: Place, error: MissingSecretError | None) -> None:
        if error is None:
            self.source.deny(place.name)
        else:
            self.source.drop(place.name, error)
        self.change(place, number=None)

    def fail(self, error: Exception) -> None:
        self.source.mend()
        self.source.fail(error)
        if self.failing_since is None:
            self.failing_since = self.clock()

    def mend(self) -> None:
        self.source.mend()
        if self.failing_since is not None:
            self.faulty.append((self.failing_since, self.clock()))
            self.failing_since = None

    def faulty_since(self, moment: float) -> bool:
        """Tell whether some request may have failed since."""
        return self.failing_since is not None or any(
            end >= moment - TTL for _, end in self.faulty
        )

    # --- what readers see ------------------------------------------------------------

    def heard(self, told: Rotation) -> None:
        place = next(p for p in self.places.values() if p.name == told.ref)
        assert told.old != told.new
        place.rotations += 1
        place.told += 1

    def saw(self, place: Place, user: str, password: str) -> None:
        """Hold what was read against what may be read."""
        kind, number, owner = user.split(" ", 2)
        assert (kind, owner) == ("user", f"of {place.name}")  # nobody else's
        assert password == f"password {number} of {place.name}"  # whole
        now, read = self.clock(), int(number)
        assert not place.gone, "what the store said is gone was read"
        if read in place.bound:
            assert now < place.bound[read], "read past the store's own end"
        if read in place.ended:
            limit = TTL + (MAX_STALE if self.faulty_since(place.ended[read]) else 0)
            assert now - place.ended[read] <= limit, "stale past its limit"
        if place.seen is not None and read != place.seen:
            assert place.rotations, "a rotation was lost"
        place.seen, place.rotations = read, 0

    def look(self, tenant: str, ref: str) -> None:
        place = self.places[tenant, ref]
        reader = self.readers[tenant]
        try:
            user = reader.lookup_sync(f"{ref}#user")
            password = reader.lookup_sync(f"{ref}#password")
        except SecretReadError:
            return
        assert user is not None  # a tenant's own never falls through
        self.saw(place, user, password)

    async def read(self, tenant: str, ref: str) -> None:
        place = self.places[tenant, ref]
        self.awaited += 1
        try:
            user = await self.readers[tenant].resolve(f"{ref}#user")
        except (MissingSecretError, AccessDeniedError):
            place.gone = place.number is None
        except ExpiredError:  # the store itself holds what has run out
            assert place.number is not None
            assert self.clock() >= place.bound[place.number]
        except (StoreError, ConnectionError):
            assert self.faulty_since(self.clock() - 120)
        else:
            pair = self.cached.peek_secret(place.name)
            assert pair.reveal("user") == user
            self.saw(place, user, pair.reveal("password"))

    async def refresh(self, tenant: str, ref: str) -> None:
        self.awaited += 1
        with suppress(StoreError, ConnectionError):
            await self.readers[tenant].refresh(ref)

    async def override(self, tenant: str, ref: str, secrets: Any) -> None:
        mine = f"override of {tenant} {ref}"
        try:
            async with secrets.tenant(tenant):
                with secrets.override({ref: mine}) as bound:
                    assert secrets.lookup_sync(ref) == mine
                    await self.clock.advance(1)
                    assert bound.lookup_sync(ref) == mine
        except (StoreError, ConnectionError):
            self.awaited += 1

    async def to_an_end(self) -> None:
        """Go to just past the next moment at which something may be read no more."""
        now = self.clock()
        ends = [entry.until for entry in self.cached._keeper.entries()]
        coming = [end for end in ends if end is not None and end > now]
        await self.clock.advance(min(coming, default=now) - now + 0.01)

    # --- the whole -------------------------------------------------------------------

    def judge(self) -> None:
        """Hold the requests and rotations against what is allowed."""
        elapsed = self.clock() - 1000
        for place in self.places.values():
            asked = self.source.asked(place.name)
            background = elapsed / (TTL * 2 / 3 * 0.8) + elapsed / 60 * ATTEMPTS
            allowed = self.awaited + place.changes + background + ATTEMPTS
            assert asked <= allowed + 4 + elapsed / 4, "asked for too often"
            minutes = Counter(
                int((call.at - 1000) // 60)
                for call in self.source.calls
                if place.name in call.locations
            )
            assert all(
                count <= 2 * ATTEMPTS + self.awaited + place.changes
                for count in minutes.values()
            )
            assert place.told <= 2 * place.changes + 1


Step = Callable[[World, Any], Any]


def step(act: Callable[..., Any], **given: Any) -> st.SearchStrategy[Any]:
    return st.fixed_dictionaries(given).map(lambda chosen: (act, chosen))


place = st.tuples(st.sampled_from(TENANTS), st.sampled_from(REFS))
steps = st.one_of(
    step(lambda w, _, at: w.look(*at), at=place),
    step(lambda w, _, at: w.look(*at), at=place),
    step(lambda w, _, at: w.read(*at), at=place),
    step(lambda w, _, at: w.read(*at), at=place),
    step(lambda w, _, at: w.refresh(*at), at=place),
    step(lambda w, s, at: w.override(*at, s), at=place),
    step(
        lambda w, s, at, seconds: w.hold(w.places[at], seconds),
        at=place,
        seconds=st.none() | st.floats(1, 100),
    ),
    step(
        lambda w, s, at, error: w.drop(w.places[at], error),
        at=place,
        error=st.sampled_from(
            [
                None,
                MissingSecretError("x", where="the store"),
                DeletedSecretError("x", where="the store"),
            ]
        ),
    ),
    step(lambda w, s, error: w.fail(error), error=st.sampled_from(FAULTS)),
    step(lambda w, s: w.mend()),
    step(lambda w, s: w.to_an_end()),
    step(lambda w, _, at: w.source.tell(f"t/{at[0]}/{at[1]}"), at=place),
    step(lambda w, s, error: w.source.tell(error), error=st.sampled_from(FAULTS)),
    step(
        lambda w, s, seconds: w.clock.advance(seconds),
        seconds=st.sampled_from([0.5, 1, 5, 16, 30, 31, 60, 121]),
    ),
    step(
        lambda w, s, seconds: w.clock.advance(seconds),
        seconds=st.floats(0.1, 200),
    ),
)


def container(world: World) -> Any:
    class App(containers.DeclarativeContainer):
        backend = SecretsBackend(
            providers.Object(world.cached),
            settings={"tenants": {"path": "t/{tenant}/{ref}"}},
        )
        secrets = ScopedSecrets(backend)
        thing = needs(providers.Object(1), optional=["KEY#user"], secrets=secrets)

    return App()


async def stay(world: World, secrets: Any, tenant: str, *, task_status: Any) -> None:
    """Keep a tenant open, with a reader that is bound to it."""
    async with secrets.tenant(tenant) as reader:
        world.readers[tenant] = reader
        task_status.started()
        await anyio.sleep_forever()


async def play(script: list[tuple[Step, dict[str, Any]]]) -> None:
    world = World()
    for place in world.places.values():
        world.hold(place, None)
    async with (
        lifetime(container(world)) as secrets,
        anyio.create_task_group() as group,
    ):
        world.cached.on_rotation(world.heard)
        for tenant in TENANTS:
            await group.start(stay, world, secrets, tenant)
        for act, chosen in script:
            done = act(world, secrets, **chosen)
            if done is not None:
                await done
            for tenant, ref in world.places:
                world.look(tenant, ref)
        world.judge()
        world.mend()
        await world.clock.advance(300)  # it recovers by itself
        for tenant in TENANTS:
            current = world.places[tenant, "KEY"]
            if current.number is not None and current.number not in current.bound:
                read = world.readers[tenant].lookup_sync("KEY#user")
                assert read.startswith(f"user {current.number} of")
        group.cancel_scope.cancel()


@pytest.mark.timeout(120)
@pytest.mark.parametrize("loop", ["asyncio", "trio"])
@settings(max_examples=20, suppress_health_check=list(HealthCheck))
@given(script=st.lists(steps, min_size=15, max_size=30))
def test_no_reader_sees_what_it_may_not(loop: str, script: list[Any]) -> None:
    anyio.run(play, script, backend=loop)
