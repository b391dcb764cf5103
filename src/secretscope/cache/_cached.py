"""CachedSecrets: a Secrets made of a source, with freshness written once."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import anyio
from anyio.abc import TaskStatus
from attrs import define

from secretscope.cache._flight import Flights
from secretscope.cache._policy import Policy
from secretscope.errors import (
    ConfigurationError,
    ExpiredError,
    MalformedSecretError,
    MissingSecretError,
    NotWarmError,
    ReadOnlyStoreError,
    SecretReadError,
    SecretScopeError,
    StoreTimeoutError,
)
from secretscope.protocols import (
    BatchSource,
    NamespacedSource,
    Openable,
    Source,
    WritableSource,
)
from secretscope.redaction import KNOWN, redact
from secretscope.values import Secret, field_of, split_location


@define(eq=False)
class _Entry:
    """What is known of one base: a secret, or that there is none."""

    secret: Secret | None
    missing: type[MissingSecretError] | None
    until: float | None
    loaded: float


class CachedSecrets:
    """Keeps what a source fetched, for as long as it is good.

    Args:
        source: the store; its locations are this Secrets' refs, ``#field`` allowed.
        policy: how long values are good.
        name: what errors call the store.
        clock: gives seconds, monotonic.
    """

    owner: Callable[[str], str | None] | None = None
    """Tells which tenant a location belongs to; set by the lifetime."""

    def __init__(
        self,
        source: Source,
        policy: Policy | None = None,
        *,
        name: str | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._source = source
        self._policy = policy or Policy()
        self._name = name or type(source).__name__
        self._clock = clock
        self._entries: dict[str, _Entry] = {}
        self._flights = Flights()
        self._limiter: anyio.CapacityLimiter | None = None
        self._listeners: list[Callable[[str], None]] = []

    async def resolve(self, ref: str) -> str:
        """Return the value, fetched unless a good one is at hand.

        Raises:
            MissingSecretError: The store does not hold it.
            StoreError: The store failed; nothing is remembered of that.
        """
        try:
            return self.peek(ref)
        except (NotWarmError, ExpiredError):
            base = split_location(ref)[0]
        await self._flights.load(base, lambda: self._load(base))
        entry = self._entries[base]
        return self._reveal(ref, entry)

    async def resolve_many(
        self, refs: Sequence[str]
    ) -> dict[str, str | SecretScopeError]:
        """Return for each ref its value or its own error, in few requests."""
        source = self._source
        if isinstance(source, BatchSource):
            await self._load_batch(source, refs)
        found: dict[str, str | SecretScopeError] = {}

        async def one(ref: str) -> None:
            try:
                found[ref] = await self.resolve(ref)
            except SecretScopeError as error:
                found[ref] = error

        async with anyio.create_task_group() as group:
            for ref in refs:
                group.start_soon(one, ref)
        return found

    async def store(self, ref: str, value: str) -> None:
        """Write the value; readers see it from now on.

        Raises:
            ReadOnlyStoreError: The source can't be written to.
            ConflictError: Somebody else wrote in between.
        """
        base, field = split_location(ref)
        if not isinstance(self._source, WritableSource):
            raise ReadOnlyStoreError(self._name)
        self._known(ref, value)
        await self._source.put(base, value, field=field)
        await self._load(base)

    async def refresh(self, ref: str, *, bad: str | None = None) -> None:
        """Fetch anew, at most once in `Policy.refresh_gap` seconds, whoever asks.

        Args:
            ref: which one.
            bad: the value that was refused; a no-op if another one is current.
        """
        base = split_location(ref)[0]
        entry = self._entries.get(base)
        if entry is not None:
            if bad is not None and entry.secret and bad not in entry.secret.values():
                return
            if self._clock() - entry.loaded < self._policy.refresh_gap:
                return
        await self._flights.load(base, lambda: self._load(base))

    def redact(self, text: str) -> str:
        """Return the text with every credential in it masked."""
        return redact(text)

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
        entry = self._entries.get(split_location(ref)[0])
        if entry is None:
            raise NotWarmError(ref, where=self._name)
        if entry.until is not None and self._clock() >= entry.until:
            unread = NotWarmError if entry.secret is None else ExpiredError
            raise unread(ref, where=self._name)
        return self._reveal(ref, entry)

    def subscribe(self, listener: Callable[[str], None]) -> Callable[[], None]:
        """Call the listener with each base whose answer has changed."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def expires(self, ref: str) -> bool:
        """Tell whether what is at hand will run out by itself."""
        entry = self._entries.get(split_location(ref)[0])
        return entry is not None and entry.until is not None

    async def serve(
        self, *, task_status: TaskStatus[None] = anyio.TASK_STATUS_IGNORED
    ) -> None:
        """Host loads until cancelled."""
        await self._flights.serve(task_status=task_status)

    async def open(self) -> None:
        """Open the source, where it has something to open."""
        if isinstance(self._source, Openable):
            await self._source.open()

    async def aclose(self) -> None:
        """Close the source, and forget what was fetched."""
        self._entries.clear()
        if isinstance(self._source, Openable):
            await self._source.aclose()

    def namespaced(self, name: str) -> CachedSecrets:
        """Return a Secrets of one part of the store, with a cache of its own.

        Raises:
            ConfigurationError: The source has no namespaces.
        """
        if not isinstance(self._source, NamespacedSource):
            raise ConfigurationError(f"tenants.namespace: {self._name} has none")
        return CachedSecrets(
            self._source.namespaced(name),
            self._policy,
            name=f"{self._name} {name}",
            clock=self._clock,
        )

    async def _load(self, base: str) -> None:
        if self._limiter is None:
            self._limiter = anyio.CapacityLimiter(self._policy.concurrency)
        answer: object = None
        async with self._limiter:
            with anyio.move_on_after(self._policy.timeout) as scope:
                try:
                    answer = await self._source.fetch(base)
                except MissingSecretError as error:
                    answer = error
        if scope.cancelled_caught:
            raise StoreTimeoutError(self._name, ref=base, seconds=self._policy.timeout)
        self._keep(base, answer)

    async def _load_batch(self, source: BatchSource, refs: Sequence[str]) -> None:
        bases = dict.fromkeys(split_location(ref)[0] for ref in refs)
        cold = [base for base in bases if self._is_cold(base)]
        if cold:
            answers = await source.fetch_many(cold)
            for base in cold:
                answer = answers.get(base)
                if isinstance(answer, Secret | MissingSecretError):
                    self._keep(base, answer)

    def _is_cold(self, base: str) -> bool:
        entry = self._entries.get(base)
        return entry is None or (
            entry.until is not None and self._clock() >= entry.until
        )

    def _keep(self, base: str, answer: object) -> None:
        now = self._clock()
        if isinstance(answer, MissingSecretError):
            entry = _Entry(None, type(answer), now + self._policy.negative_ttl, now)
        elif isinstance(answer, Secret):
            until = answer.expires_at
            if until is None and self._policy.ttl is not None:
                until = now + self._policy.ttl
            for value in answer.values():
                self._known(base, value)
            entry = _Entry(answer, None, until, now)
        else:
            raise MalformedSecretError(
                self._name,
                ref=base,
                expected=f"a Secret from fetch(), not {type(answer).__name__}",
            )
        self._entries[base] = entry
        for listener in tuple(self._listeners):
            listener(base)

    def _known(self, ref: str, value: object) -> None:
        if not isinstance(value, str):
            raise MalformedSecretError(
                self._name, ref=ref, expected=f"a str, not {type(value).__name__}"
            )
        KNOWN.add(value, ref=ref, tenant=self.owner(ref) if self.owner else None)

    def _reveal(self, ref: str, entry: _Entry) -> str:
        if entry.secret is None:
            raise (entry.missing or MissingSecretError)(ref, where=self._name)
        field = split_location(ref)[1]
        if field is not None and entry.secret.is_text:
            return field_of(entry.secret.reveal(), ref, store=self._name)
        return entry.secret.reveal(field)

    def __repr__(self) -> str:
        return f"CachedSecrets({self._name})"
