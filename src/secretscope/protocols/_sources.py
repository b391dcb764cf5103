"""What a networked store implements: a source, and its further talents."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Protocol, runtime_checkable

from secretscope.errors import SecretScopeError
from secretscope.values import Secret


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
