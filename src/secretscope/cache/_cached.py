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
    Monitored,
    NamespacedSource,
    Openable,
    Source,
    TenantedSource,
    WritableSource,
)
from secretscope.redaction import KNOWN, redact
from secretscope.values import (
    Rotation,
    Secret,
    SecretStatus,
    field_of,
    split_location,
)


@define(eq=False)
class _Entry:
    """What is known of one base: a secret, or that there is none."""

    secret: Secret | None
    missing: type[MissingSecretError] | None
    until: float | None
    loaded: float
    version: str | None = None
    reads: int = 0
    refreshes: int = 0


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
        self._rotated: list[Callable[[Rotation], None]] = []
        self._kept: dict[str, int] = {}

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
        entry = self._readable(ref, self._entries.get(split_location(ref)[0]))
        return self._reveal(ref, entry)

    def _readable(self, ref: str, entry: _Entry | None) -> _Entry:
        if entry is None:
            raise NotWarmError(ref, where=self._name)
        if entry.until is not None and self._clock() >= entry.until:
            unread = NotWarmError if entry.secret is None else ExpiredError
            raise unread(ref, where=self._name)
        entry.reads += 1
        return entry

    async def resolve_secret(self, ref: str) -> Secret:
        """Return the whole secret, fetched unless a good one is at hand.

        Raises:
            MissingSecretError: The store does not hold it.
            StoreError: The store failed; nothing is remembered of that.
        """
        base = split_location(ref)[0]
        try:
            return self.peek_secret(base)
        except (NotWarmError, ExpiredError):
            await self._flights.load(base, lambda: self._load(base))
        return self.peek_secret(base)

    def peek_secret(self, ref: str) -> Secret:
        """Return the whole secret that is at hand, or raise as `peek` does."""
        base = split_location(ref)[0]
        secret = self._readable(base, self._entries.get(base)).secret
        if secret is None:
            raise MissingSecretError(base, where=self._name)
        return secret

    def keep(self, ref: str) -> Callable[[], None]:
        """Keep the ref's base fresh; the function that is returned lets go."""
        base = split_location(ref)[0]
        self._kept[base] = self._kept.get(base, 0) + 1
        held = True

        def let_go() -> None:
            nonlocal held
            if held:
                held = False
                self._kept[base] -= 1

        return let_go

    def on_rotation(self, listener: Callable[[Rotation], None]) -> Callable[[], None]:
        """Call the listener after each change of a value that had been fetched."""
        self._rotated.append(listener)
        return lambda: self._rotated.remove(listener)

    def forget(self, ref: str) -> None:
        """Drop what is kept of the ref's base; the next await fetches it anew."""
        base = split_location(ref)[0]
        if self._entries.pop(base, None) is not None:
            self._tell(base)

    def report(self) -> list[SecretStatus]:
        """Return how each secret is doing, without any I/O."""
        now = self._clock()
        return [
            SecretStatus(
                ref=base,
                store=self._name,
                tenant=self.owner(base) if self.owner else None,
                version=entry.version,
                age=now - entry.loaded,
                left=None if entry.until is None else max(0.0, entry.until - now),
                missing=entry.secret is None,
                reads=entry.reads,
                refreshes=entry.refreshes,
            )
            for base, entry in tuple(self._entries.items())
        ]

    def health(self) -> str:
        """Return ``ok``, or what is wrong with the store."""
        return self._source.health() if isinstance(self._source, Monitored) else "ok"

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

    def for_tenant(self, tenant: str) -> CachedSecrets | None:
        """Return the tenant's own Secrets; None where tenants share this one."""
        source = None
        if isinstance(self._source, TenantedSource):
            source = self._source.for_tenant(tenant)
        if source is None:
            return None
        name = f"{self._name} of {tenant}"
        own = CachedSecrets(source, self._policy, name=name, clock=self._clock)
        own.owner = lambda _: tenant
        return own

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
        before = self._entries.get(base)
        entry.version = self._version(before, entry)
        if before is not None:
            entry.reads, entry.refreshes = before.reads, before.refreshes + 1
        self._entries[base] = entry
        self._tell(base)
        if before is not None and before.version != entry.version:
            tenant = self.owner(base) if self.owner else None
            told = Rotation(base, before.version, entry.version, tenant, self._name)
            for listener in tuple(self._rotated):
                listener(told)

    def _version(self, before: _Entry | None, now: _Entry) -> str | None:
        if now.secret is None or now.secret.version is not None:
            return now.secret.version if now.secret else None
        if before is None or before.secret is None:
            return "1"
        same = before.secret.same_as(now.secret)
        return before.version if same else f"{int(before.version or 0) + 1}"

    def _tell(self, base: str) -> None:
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
