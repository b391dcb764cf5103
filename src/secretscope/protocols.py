"""What readers and stores promise each other: one act a protocol.

A `Secrets` is all that a reader needs. A networked store implements `Source` and what
further talents it has; `secretscope.cache.CachedSecrets` makes a `Secrets` of it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from typing import Protocol, runtime_checkable

from anyio import TASK_STATUS_IGNORED
from anyio.abc import TaskStatus

from secretscope.errors import SecretScopeError
from secretscope.values import Rotation, Secret, SecretStatus


@runtime_checkable
class Secrets(Protocol):
    """Where an application's secrets are read; any object with these four is one."""

    async def resolve(self, ref: str) -> str:
        """Return the secret's value, fetched if need be.

        Raises:
            KeyError: The store does not hold it (ours: MissingSecretError).
        """
        ...

    async def store(self, ref: str, value: str) -> None:
        """Write the secret, or raise NotImplementedError where it can't be."""
        ...

    def redact(self, text: str) -> str:
        """Return the text with every credential in it masked."""
        ...

    def lookup_sync(self, ref: str) -> str | None:
        """Return what is at hand without any I/O; None where nothing is."""
        ...


# --- further talents of a Secrets ----------------------------------------------------


@runtime_checkable
class Peekable(Protocol):
    """A Secrets that can say why nothing is at hand."""

    def peek(self, ref: str) -> str:
        """Return what is at hand without any I/O.

        Raises:
            MissingSecretError: The store said that it is not there.
            NotWarmError: It has not been fetched.
            ExpiredError: What was fetched has run out.
        """
        ...


@runtime_checkable
class Observable(Protocol):
    """A Secrets that tells when what `peek` answers has changed."""

    def subscribe(self, listener: Callable[[str], None]) -> Callable[[], None]:
        """Call the listener with the base of each ref that has changed.

        It is called after the change, on the thread that made it; it must be quick
        and must not raise. A ref whose answer may change without a call (a variable
        of the process's environment) makes a store that is not Observable.

        Returns:
            A function that ends the subscription.
        """
        ...


@runtime_checkable
class Expiring(Protocol):
    """A Secrets whose values may run out with time alone."""

    def expires(self, ref: str) -> bool:
        """Tell whether what is at hand will run out by itself."""
        ...


@runtime_checkable
class Owned(Protocol):
    """A Secrets that can be told whose places are whose, to tag what it masks."""

    owner: Callable[[str], str | None] | None
    """Gives the tenant of a location; None is the application."""


@runtime_checkable
class Refreshable(Protocol):
    """A Secrets that can be told that a value is no longer good."""

    async def refresh(self, ref: str, *, bad: str | None = None) -> None:
        """Fetch the secret anew.

        Args:
            ref: which one.
            bad: the value that was refused; a no-op if another one is current.
        """
        ...


@runtime_checkable
class Keeping(Protocol):
    """A Secrets that keeps fresh, in the background, what somebody needs."""

    def keep(self, ref: str) -> Callable[[], None]:
        """Keep the ref's base fresh while its lifetime is open and it can be.

        It may be called before the ref was fetched, and any number of times.

        Returns:
            A function that lets go, once; a base that nobody keeps and nobody has
            read for a while goes cold.
        """
        ...


@runtime_checkable
class Announcing(Protocol):
    """A Secrets that tells of rotations: a base's new version in the old one's place."""

    def on_rotation(self, listener: Callable[[Rotation], None]) -> Callable[[], None]:
        """Call the listener after each change of a value that had been fetched.

        Readers see the new version when it is called; it must be quick and must not
        raise. `Observable` tells of more (of a first fetch, of an expiry) and less (no
        versions).

        Returns:
            A function that ends the subscription.
        """
        ...


@runtime_checkable
class Reporting(Protocol):
    """A Secrets that can say how each of its secrets is doing."""

    def report(self, bases: Iterable[str] | None = None) -> Sequence[SecretStatus]:
        """Return the status of every base that was asked for, without any I/O.

        Args:
            bases: of these alone.
        """
        ...


@runtime_checkable
class Forgetful(Protocol):
    """A Secrets that can let go of what it keeps."""

    def forget(self, ref: str) -> None:
        """Drop what is kept of the ref's base; the next await fetches it anew.

        Its values stay in the set of known values, and masked, for their grace time.
        """
        ...


@runtime_checkable
class Snapshots(Protocol):
    """A Secrets that hands out a secret as a whole: its fields belong together."""

    async def resolve_secret(self, ref: str) -> Secret:
        """Return the secret of the ref's base, fetched if need be.

        Whoever needs several of its fields (a user and the password, a certificate
        and its key) takes them from one such snapshot, by `Secret.reveal`.

        Raises:
            KeyError: The store does not hold it (ours: MissingSecretError).
        """
        ...

    def peek_secret(self, ref: str) -> Secret:
        """Return the one that is at hand, without any I/O.

        Raises:
            SecretReadError: As `Peekable.peek` raises it.
        """
        ...


@runtime_checkable
class BoundSecrets(Secrets, Protocol):
    """A Secrets that stays with one frame, wherever it is read from."""

    @property
    def tenant(self) -> str | None:
        """The tenant it reads for; None is the application."""
        ...


@runtime_checkable
class Bindable(Protocol):
    """A Secrets that follows the running task, and can be bound to its frame."""

    def bind(self) -> BoundSecrets:
        """Return a reader of the frame that is current now.

        Raises:
            ScopeError: No lifetime is open here, or the frame has ended.
        """
        ...


@runtime_checkable
class Openable(Protocol):
    """A store that holds something open: a connection, a login, a watch."""

    async def open(self) -> None:
        """Get ready; called once, before the first read, on the lifetime's loop."""
        ...

    async def aclose(self) -> None:
        """Let go of everything; called once, shielded, bounded in time."""
        ...


@runtime_checkable
class Servable(Protocol):
    """A store that works in the background while its lifetime is open."""

    async def serve(
        self, *, task_status: TaskStatus[None] = TASK_STATUS_IGNORED
    ) -> None:
        """Work until cancelled; loads and refreshes run here."""
        ...


@runtime_checkable
class Batched(Protocol):
    """A Secrets that resolves many at once, in as few requests as it can."""

    async def resolve_many(
        self, refs: Sequence[str]
    ) -> Mapping[str, str | SecretScopeError]:
        """Return for each ref its value or its own error."""
        ...


@runtime_checkable
class Namespaced(Protocol):
    """A store that is divided into parts of which none sees another."""

    def namespaced(self, name: str) -> Secrets:
        """Return a Secrets of that part alone."""
        ...


@runtime_checkable
class Tenanted(Protocol):
    """A store that was told how tenants differ: by mount, by role, by account."""

    def for_tenant(self, tenant: str) -> Secrets | None:
        """Return the tenant's own Secrets; None where tenants share this one."""
        ...


# --- sources: what a networked store implements --------------------------------------


@runtime_checkable
class Source(Protocol):
    """A store behind a network: it fetches, and leaves keeping to the cache."""

    async def fetch(self, location: str) -> Secret:
        """Ask the store, once.

        Args:
            location: where the store keeps it, in the store's own grammar,
                without ``#field``.

        Raises:
            MissingSecretError: It is not there (or Deleted..., Destroyed...).
            AccessDeniedError: The store says no.
            StoreUnavailableError: An outage, 429 or a broken answer; it carries
                Retry-After.
            StoreTimeoutError: It took too long.
            MalformedSecretError: The answer holds no text.
        """
        ...


@runtime_checkable
class BatchSource(Source, Protocol):
    """A source that fetches many at once."""

    async def fetch_many(
        self, locations: Sequence[str]
    ) -> Mapping[str, Secret | SecretScopeError]:
        """Ask for all of them; each location gets its secret or its own error."""
        ...


@runtime_checkable
class WritableSource(Source, Protocol):
    """A source that can be written to."""

    async def put(self, location: str, value: str, *, field: str | None = None) -> None:
        """Write a value, or one field of it; the others stay as they are.

        Raises:
            ConflictError: Somebody else wrote in between.
        """
        ...


@runtime_checkable
class LeasingSource(Source, Protocol):
    """A source that hands out leases."""

    async def renew(self, location: str, secret: Secret) -> Secret:
        """Prolong the lease; the answer's `expires_at` is what the store granted."""
        ...

    async def revoke(self, secret: Secret) -> None:
        """Give the lease back."""
        ...


@runtime_checkable
class WatchingSource(Source, Protocol):
    """A source that notices changes by itself."""

    def watch(self) -> AsyncIterator[str]:
        """Yield each location that has changed, until it is closed."""
        ...


@runtime_checkable
class NamespacedSource(Source, Protocol):
    """A source that is divided into parts of which none sees another."""

    def namespaced(self, name: str) -> Source:
        """Return a source of that part alone."""
        ...


@runtime_checkable
class TenantedSource(Source, Protocol):
    """A source that was told how tenants differ: by mount, by role, by account."""

    def for_tenant(self, tenant: str) -> Source | None:
        """Return the tenant's own source; None where tenants share this one."""
        ...


@runtime_checkable
class AuthenticatedSource(Source, Protocol):
    """A source that has logged in, and can do so again."""

    async def login(self) -> None:
        """Log in anew, since what the source logged in with was refused.

        It is called once for all who were denied; each of them then asks once more,
        and what the store says to that is final.

        Raises:
            AccessDeniedError: The store refused the login, too.
            StoreUnavailableError: An outage, 429 or a broken answer.
        """
        ...


@runtime_checkable
class Monitored(Protocol):
    """A store or source that can say how it is."""

    def health(self) -> str:
        """Return ``ok``, or a short sentence on what is wrong, without any I/O."""
        ...
