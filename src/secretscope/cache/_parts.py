"""What a cache of one store is made of, and what it shares with its namespaces."""

from __future__ import annotations

from collections.abc import Callable

from attrs import evolve, frozen

from secretscope.cache._asking import Asking, Room
from secretscope.cache._clock import Clock
from secretscope.cache._engine import Engine
from secretscope.cache._failures import Circuit
from secretscope.cache._flight import Flights
from secretscope.cache._keeper import Keeper
from secretscope.cache._logins import Logins
from secretscope.cache._policy import Policy
from secretscope.cache._shelf import Shelf
from secretscope.cache._watch import Watch
from secretscope.protocols import Source, WatchingSource


@frozen
class Shared:
    """What the caches of one store have in common.

    Attributes:
        engine: watches the time for all of them.
        chance: gives a number from 0 to 1.
        room: bounds their requests; where there is none, they have one each.
        circuit: knows of the store's outage; where there is none, they have one each.
    """

    engine: Engine
    chance: Callable[[], float]
    room: Room | None = None
    circuit: Circuit | None = None


@frozen(eq=False)
class Parts:
    """One cache's parts.

    Attributes:
        shelf: what is at hand.
        asking: asks the store.
        keeper: keeps fresh what is at hand.
        watch: listens to a source that notices changes by itself.
        shared: what the caches of the store's namespaces are made with.
    """

    shelf: Shelf
    asking: Asking
    keeper: Keeper
    watch: Watch | None
    shared: Shared


def assemble(
    source: Source, policy: Policy, name: str, clock: Clock, shared: Shared
) -> Parts:
    """Make the parts of a cache around what it shares with others."""
    engine, chance = shared.engine, shared.chance
    room = shared.room or Room(policy.concurrency)
    circuit = shared.circuit or Circuit(name, policy, clock, chance)
    shelf = Shelf(name, clock)
    flights: Flights[bool] = Flights(engine, name)
    logins = Logins(name, flights, policy, clock, chance)
    asking = Asking(source, shelf, policy, room, circuit, logins)
    keeper = Keeper(shelf, asking, engine, policy, chance)
    watch: Watch | None = None
    if isinstance(source, WatchingSource):
        watch = Watch(source, name, keeper, policy, clock, chance)
    shared = evolve(shared, room=room, circuit=circuit)
    return Parts(shelf, asking, keeper, watch, shared)
