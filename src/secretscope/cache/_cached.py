"""CachedSecrets: a Secrets made of a source, with freshness written once."""

from __future__ import annotations

import random
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress

import anyio
from anyio.abc import TaskStatus
from attrs import frozen

from secretscope.cache._asking import Asking, Room
from secretscope.cache._clock import Clock
from secretscope.cache._engine import Engine
from secretscope.cache._failures import Circuit, Kind, kind_of
from secretscope.cache._flight import Flights
from secretscope.cache._keeper import Keeper
from secretscope.cache._logins import Logins
from secretscope.cache._policy import Policy
from secretscope.cache._report import report
from secretscope.cache._shelf import Shelf
from secretscope.cache._watch import Watch
from secretscope.errors import (
    ConfigurationError,
    ConflictError,
    ExpiredError,
    MalformedSecretError,
    MissingSecretError,
    ReadOnlyStoreError,
    SecretReadError,
    again,
)
from secretscope.protocols import (
    LeasingSource,
    Monitored,
    NamespacedSource,
    Openable,
    Source,
    TenantedSource,
    WatchingSource,
    WritableSource,
)
from secretscope.redaction import redact
from secretscope.values import Rotation, Secret, SecretStatus, split_location


@frozen
class _Shared:
    """What the parts of one store have in common."""

    engine: Engine
    chance: Callable[[], float]
    room: Room | None = None
    circuit: Circuit | None = None


class CachedSecrets:
    """Keeps what a source fetched for as long as it is good, and fresh while it is served.

    While `serve` runs, values are refreshed ahead of their end, leases are renewed, and
    what the source's own watch says is followed. Elsewhere a read that is awaited
    fetches what is cold or has run out, once for all who wait.

    Args:
        source: the store; its locations are this Secrets' refs, ``#field`` allowed.
        policy: how long values are good, and how the store may be asked.
        name: what errors call the store.
        clock: gives seconds, monotonic; one with ``async sleep`` is slept by.
        chance: gives a number from 0 to 1, for what is spread at random.
    """

    def __init__(
        self,
        source: Source,
        policy: Policy | None = None,
        *,
        name: str | None = None,
        clock: Clock = time.monotonic,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._source = source
        self._policy = policy or Policy()
        self._name = name or type(source).__name__
        self._clock = clock
        self._join(_Shared(Engine(clock), chance))

    def _join(self, shared: _Shared) -> None:
        """Build what it is made of, around what it shares with others."""
        name, policy, clock, chance = (
            self._name,
            self._policy,
            self._clock,
            shared.chance,
        )
        room = shared.room or Room(policy.concurrency)
        circuit = shared.circuit or Circuit(name, policy, clock, chance)
        self._shared = _Shared(shared.engine, chance, room, circuit)
        self._shelf = Shelf(name, clock)
        flights: Flights[bool] = Flights(shared.engine, name)
        logins = Logins(name, flights, policy, clock, chance)
        self._asking = Asking(self._source, self._shelf, policy, room, circuit, logins)
        self._keeper = Keeper(self._shelf, self._asking, shared.engine, policy, chance)
        self._watch: Watch | None = None
        if isinstance(self._source, WatchingSource):
            self._watch = Watch(self._source, name, self._keeper, policy, clock, chance)

    @property
    def owner(self) -> Callable[[str], str | None] | None:
        """Tells which tenant a location belongs to; set by the lifetime."""
        return self._shelf.owner

    @owner.setter
    def owner(self, owner: Callable[[str], str | None] | None) -> None:
        self._shelf.owner = owner

    # --- reading ---------------------------------------------------------------------

    async def resolve(self, ref: str) -> str:
        """Return the value, fetched unless a good one is at hand.

        While the store has an outage, a value is read past its `ttl` for `max_stale`
        seconds at most.

        Raises:
            MissingSecretError: The store does not hold it.
            ExpiredError: What the store holds has run out.
            StoreError: The store failed, and nothing is at hand that may be read.
        """
        base = split_location(ref)[0]
        return self._shelf.reveal(ref, await self._secret(ref, base))

    async def resolve_secret(self, ref: str) -> Secret:
        """Return the whole secret of the ref's base, as `resolve` finds it."""
        base = split_location(ref)[0]
        return await self._secret(base, base)

    async def resolve_many(self, refs: Sequence[str]) -> dict[str, str | Exception]:
        """Return for each ref its value or its own error, in few requests."""
        found: dict[str, str | Exception] = {}
        cold: dict[str, list[str]] = {}
        for ref in refs:
            base = split_location(ref)[0]
            if self._at_hand(base):
                found[ref] = self._told(ref, base, None)
            else:
                cold.setdefault(base, []).append(ref)
        answers = await self._keeper.load(list(cold)) if cold else {}
        for base, wanted in cold.items():
            found.update({ref: self._told(ref, base, answers[base]) for ref in wanted})
        return found

    def lookup_sync(self, ref: str) -> str | None:
        """Return what is at hand; None where it is cold, expired or missing."""
        try:
            return self.peek(ref)
        except SecretReadError:
            return None

    def peek(self, ref: str) -> str:
        """Return what is at hand.

        Raises:
            MissingSecretError: The store said that it is not there.
            NotWarmError: It has not been fetched.
            ExpiredError: What was fetched has run out.
        """
        return self._shelf.reveal(ref, self._shelf.read(ref, split_location(ref)[0]))

    def peek_secret(self, ref: str) -> Secret:
        """Return the whole secret that is at hand, or raise as `peek` does."""
        base = split_location(ref)[0]
        return self._shelf.read(base, base)

    def redact(self, text: str) -> str:
        """Return the text with every credential in it masked."""
        return redact(text)

    # --- changing --------------------------------------------------------------------

    async def store(self, ref: str, value: str) -> None:
        """Write the value; readers see it from now on.

        Raises:
            ReadOnlyStoreError: The source can't be written to.
            ConflictError: Somebody else wrote in between.
        """
        base, field = split_location(ref)
        source = self._source
        if not isinstance(source, WritableSource):
            raise ReadOnlyStoreError(self._name)
        await self._write(ref, value, lambda: source.put(base, value, field=field))

    async def _write(
        self, ref: str, value: str, put: Callable[[], Awaitable[None]]
    ) -> None:
        """Write, and read what is there now: the value, or who was quicker's."""
        base = split_location(ref)[0]
        if not isinstance(value, str):
            raise MalformedSecretError(
                self._name, ref=ref, expected=f"a str, not {type(value).__name__}"
            )
        self._shelf.known(ref, [value])
        lost: ConflictError | None = None
        try:
            await self._asking.put(base, put)
        except ConflictError as conflict:
            lost = conflict
        answer = (await self._keeper.load([base], fresh=True))[base]
        if isinstance(answer, Exception):  # nobody reads the old one
            self._keeper.end(base)
        if lost is not None:
            raise lost

    async def refresh(self, ref: str, *, bad: str | None = None) -> None:
        """Fetch anew, at most once in `Policy.refresh_gap` seconds, whoever asks.

        Sooner than that it returns at once; while it is served, the value is fetched in
        the background as soon as it may be.

        Args:
            ref: which one.
            bad: the value that was refused; a no-op if another one is current.

        Raises:
            StoreError: The store failed; what was read is read on as long as it may be.
        """
        base = split_location(ref)[0]
        entry = self._shelf.entries.get(base)
        if entry is not None:
            secret = entry.secret
            if bad is not None and secret is not None and bad not in secret.values():
                return
            if entry.answer is not None and self._keeper.too_soon(entry):
                return
        answer = await self._keeper.load_one(base)
        if isinstance(answer, Exception) and not isinstance(answer, MissingSecretError):
            raise answer

    def keep(self, ref: str) -> Callable[[], None]:
        """Keep the ref's base fresh; the function that is returned lets go, once."""
        return self._keeper.keep(split_location(ref)[0])

    def forget(self, ref: str) -> None:
        """Drop what is known of the ref's base; the next await fetches it anew."""
        self._keeper.forget(split_location(ref)[0])

    # --- telling ---------------------------------------------------------------------

    def subscribe(self, listener: Callable[[str], None]) -> Callable[[], None]:
        """Call the listener with each base whose answer has changed."""
        self._shelf.listeners.append(listener)
        return lambda: self._shelf.listeners.remove(listener)

    def on_rotation(self, listener: Callable[[Rotation], None]) -> Callable[[], None]:
        """Call the listener after each change of a value that had been fetched."""
        self._shelf.rotated.append(listener)
        return lambda: self._shelf.rotated.remove(listener)

    def expires(self, ref: str) -> bool:
        """Tell whether what is at hand may run out before subscribers are told."""
        return not self._keeper.lend(split_location(ref)[0])

    def report(self, bases: Iterable[str] | None = None) -> list[SecretStatus]:
        """Return how each secret is doing (or these alone), without any I/O."""
        return report(self._keeper, bases)

    def health(self) -> str:
        """Return ``ok``, or what is wrong with the store."""
        circuit = self._asking.circuit
        if circuit.is_open:
            return f"{self._name} has an outage"
        if self._watch is not None and self._watch.error is not None:
            return f"the watch of {self._name} is down: {self._watch.error}"
        return self._source.health() if isinstance(self._source, Monitored) else "ok"

    # --- its life --------------------------------------------------------------------

    async def open(self) -> None:
        """Open the source, where it has something to open."""
        if isinstance(self._source, Openable):
            await self._source.open()

    async def serve(
        self, *, task_status: TaskStatus[None] = anyio.TASK_STATUS_IGNORED
    ) -> None:
        """Keep fresh what was fetched, until cancelled.

        A part of a store that is served needs no task of its own, and returns.
        """
        async with anyio.create_task_group() as group:
            if self._shared.engine.group is None:
                await group.start(self._shared.engine.host)
            if self._watch is not None:
                group.start_soon(self._watch.run)
            task_status.started()

    async def aclose(self) -> None:
        """Give leases back, close the source, and forget what was fetched.

        Raises:
            Exception: What failed; several as one ExceptionGroup.
        """
        self._keeper.close()
        failures: list[Exception] = []
        source = self._source
        try:
            if isinstance(source, LeasingSource):
                failures += await self._keeper.leases.give_back(
                    lambda secret: self._asking.revoke(source, secret),
                    store=self._name,
                    seconds=self._policy.close_timeout,
                    at_once=self._policy.concurrency,
                )
        finally:
            if isinstance(source, Openable):
                failures += await _closed(source, self._policy.close_timeout)
        if len(failures) == 1:
            raise failures[0]
        if failures:
            raise ExceptionGroup(f"{self._name} did not close as it should", failures)

    # --- its parts -------------------------------------------------------------------

    def namespaced(self, name: str) -> CachedSecrets:
        """Return a Secrets of one part of the store, with a cache of its own.

        Raises:
            ConfigurationError: The source has no namespaces.
        """
        if not isinstance(self._source, NamespacedSource):
            raise ConfigurationError(f"tenants.namespace: {self._name} has none")
        return _part(
            self._source.namespaced(name),
            self._policy,
            f"{self._name} {name}",
            self._clock,
            self._shared,
        )

    def for_tenant(self, tenant: str) -> CachedSecrets | None:
        """Return the tenant's own Secrets; None where tenants share this one."""
        source = None
        if isinstance(self._source, TenantedSource):
            source = self._source.for_tenant(tenant)
        if source is None:
            return None
        shared = _Shared(self._shared.engine, self._shared.chance)
        name = f"{self._name} of {tenant}"
        own = _part(source, self._policy, name, self._clock, shared)
        own.owner = lambda _: tenant
        return own

    # ---------------------------------------------------------------------------------

    def _at_hand(self, base: str) -> bool:
        entry = self._shelf.entries.get(base)
        if entry is None:
            return False
        now = self._clock()
        return entry.readable(now) and not self._keeper.overdue(entry, now)

    async def _secret(self, ref: str, base: str) -> Secret:
        if self._at_hand(base):
            return self._shelf.read(ref, base)
        return self._settled(ref, base, await self._keeper.load_one(base))

    def _settled(self, ref: str, base: str, answer: Secret | Exception) -> Secret:
        """Return what was fetched; in an outage, what may be read past its time."""
        if isinstance(answer, Secret):
            end = answer.expires_at
            if end is not None and end <= self._clock():  # the store holds an ended one
                raise ExpiredError(ref, where=self._name)
            entry = self._shelf.entries.get(base)
            if entry is not None:
                entry.reads += 1
                entry.seen_at = self._clock()
            return answer
        if kind_of(answer) is Kind.OUTAGE:
            with suppress(SecretReadError):
                return self._shelf.read(ref, base)
        if isinstance(answer, MissingSecretError):
            raise self._shelf.absent(ref, answer)
        raise answer

    def _told(
        self, ref: str, base: str, answer: Secret | Exception | None
    ) -> str | Exception:
        """Return a value, or the error of reading it; None reads what is at hand."""
        shelf = self._shelf
        try:
            if answer is None:
                return shelf.reveal(ref, shelf.read(ref, base))
            return shelf.reveal(ref, self._settled(ref, base, answer))
        except Exception as error:  # noqa: BLE001 - its own answer, whatever it is
            return again(error)

    def __repr__(self) -> str:
        return f"CachedSecrets({self._name})"


def _part(
    source: Source, policy: Policy, name: str, clock: Clock, shared: _Shared
) -> CachedSecrets:
    part = CachedSecrets(source, policy, name=name, clock=clock)
    part._join(shared)
    return part


async def _closed(source: Openable, seconds: float) -> list[Exception]:
    try:
        with anyio.fail_after(seconds, shield=True):
            await source.aclose()
    except Exception as failure:  # noqa: BLE001 - raised with what else failed
        return [failure]
    return []
