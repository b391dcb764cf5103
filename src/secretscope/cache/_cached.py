"""CachedSecrets: a Secrets made of a source, with freshness written once."""

from __future__ import annotations

import random
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence

import anyio
from anyio.abc import TaskStatus
from attrs import evolve

from secretscope.cache._clock import Clock
from secretscope.cache._closing import close
from secretscope.cache._engine import Engine
from secretscope.cache._parts import Shared, assemble
from secretscope.cache._policy import Policy
from secretscope.cache._reading import Reading
from secretscope.cache._report import report
from secretscope.errors import (
    ConfigurationError,
    ConflictError,
    MalformedSecretError,
    MissingSecretError,
    ReadOnlyStoreError,
    SecretReadError,
)
from secretscope.protocols import (
    Monitored,
    NamespacedSource,
    Openable,
    Source,
    TenantedSource,
    WritableSource,
)
from secretscope.redaction import redact
from secretscope.values import Rotation, Secret, SecretStatus, split_location


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
        self._begin(
            source,
            policy or Policy(),
            name or type(source).__name__,
            clock,
            Shared(Engine(clock), chance),
        )

    def _begin(
        self, source: Source, policy: Policy, name: str, clock: Clock, shared: Shared
    ) -> None:
        """Assemble what it is made of, around what it shares with others."""
        parts = assemble(source, policy, name, clock, shared)
        self._source = source
        self._policy = policy
        self._name = name
        self._clock = clock
        self._parts = parts
        self._shelf = parts.shelf
        self._keeper = parts.keeper
        self._reading = Reading(parts.shelf, parts.keeper)

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
        return await self._reading.value(ref)

    async def resolve_secret(self, ref: str) -> Secret:
        """Return the whole secret of the ref's base, as `resolve` finds it."""
        return await self._reading.secret(ref)

    async def resolve_many(self, refs: Sequence[str]) -> dict[str, str | Exception]:
        """Return for each ref its value or its own error, in few requests."""
        return await self._reading.values(refs)

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

    def settled(self, ref: str) -> bool:
        """Tell whether an awaited read would ask nobody now."""
        return self._reading.at_hand(split_location(ref)[0])

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
            await self._parts.asking.put(base, put)
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
        joined = (
            base in self._keeper.flights
        )  # asked before, it may answer with the old
        answer = await self._keeper.load_one(base)
        if joined and self._is_old(base, bad):
            answer = (await self._keeper.load([base], fresh=True))[base]
        if isinstance(answer, Exception) and not isinstance(answer, MissingSecretError):
            raise answer

    def _is_old(self, base: str, bad: str | None) -> bool:
        """Tell whether to fetch once more now; where it may not be, that is done later."""
        entry = self._shelf.entries.get(base)
        secret = entry.secret if entry is not None else None
        if entry is None or secret is None:
            return False
        if bad is not None and bad not in secret.values():
            return False
        return not self._keeper.too_soon(entry)

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
        if self._parts.asking.circuit.is_open:
            return f"{self._name} has an outage"
        watch = self._parts.watch
        if watch is not None and watch.error is not None:
            return f"the watch of {self._name} is down: {watch.error}"
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
            engine, watch = self._parts.shared.engine, self._parts.watch
            if engine.group is None:
                await group.start(engine.host)
            if watch is not None:
                group.start_soon(watch.run)
            task_status.started()

    async def aclose(self) -> None:
        """Give leases back, close the source, and forget what was fetched.

        Raises:
            Exception: What failed; several as one ExceptionGroup.
        """
        failures = await close(self._source, self._policy, self._parts)
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
            self._parts.shared,
        )

    def for_tenant(self, tenant: str) -> CachedSecrets | None:
        """Return the tenant's own Secrets; None where tenants share this one."""
        source = None
        if isinstance(self._source, TenantedSource):
            source = self._source.for_tenant(tenant)
        if source is None:
            return None
        shared = evolve(self._parts.shared, room=None, circuit=None)
        name = f"{self._name} of {tenant}"
        own = _part(source, self._policy, name, self._clock, shared)
        own.owner = lambda _: tenant
        return own

    def __repr__(self) -> str:
        return f"CachedSecrets({self._name})"


def _part(
    source: Source, policy: Policy, name: str, clock: Clock, shared: Shared
) -> CachedSecrets:
    part = CachedSecrets.__new__(CachedSecrets)
    part._begin(source, policy, name, clock, shared)
    return part
