"""AzureSource: the secrets of key vaults."""

from __future__ import annotations

from copy import copy
from importlib import import_module
from threading import Lock
from typing import TYPE_CHECKING

from secretscope.backends._extra import require
from secretscope.backends._threads import Threads
from secretscope.backends.azure._access import AzureAccess
from secretscope.backends.azure._location import Names, Place
from secretscope.errors import InvalidRefError, MalformedSecretError, SecretScopeError
from secretscope.values import Secret

if TYPE_CHECKING:
    from secretscope.backends.azure._vaults import Vaults


class AzureSource:
    """Fetches secrets from Azure Key Vault.

    A location is ``NAME`` (the newest version) or ``NAME/VERSION``, with ``_`` for Key
    Vault's ``-``.

    Args:
        access: how it is reached, and as whom.

    Raises:
        MissingExtraError: A package is not installed.
    """

    def __init__(self, access: AzureAccess) -> None:
        for package in ("azure.keyvault.secrets", "azure.identity"):
            require(package, store="AzureSource", extra="azure")
        self._access = access
        self._threads = Threads(access.threads)
        self._sdk = _Sdk(access)
        self._names = Names()

    def for_tenant(self, tenant: str) -> AzureSource | None:
        """Return a source of the tenant's vault; None where tenants share this one.

        Raises:
            InvalidTenantError: No vault can be called so.
        """
        access = self._access.for_tenant(tenant)
        if access is None:
            return None
        own = copy(self)
        own._access, own._names = access, Names()
        return own

    async def open(self) -> None:
        """Import the SDK and make the client, off the loop; nothing is asked yet.

        Raises:
            ConfigurationError: The credentials cannot work.
        """
        fault = await self._threads.run(self._open)
        if fault is not None:
            raise fault

    async def aclose(self) -> None:
        """Close the connections; the next request logs in anew."""
        await self._threads.run(self._sdk.close)

    async def fetch(self, location: str) -> Secret:
        """Ask for a version, once; of an absent secret, whether it was deleted.

        Raises:
            InvalidRefError: Key Vault has no such names, or keeps another spelling
                that was asked for in the same place.
            MissingSecretError: There is no such secret or version.
            DeletedSecretError: It was deleted and can be recovered, or is disabled.
            AccessDeniedError: The credentials may not read it, or were not accepted.
            StoreUnavailableError: An outage, or too many requests.
            StoreTimeoutError: It took longer than `AzureAccess.timeout`.
            ConfigurationError: There are no credentials.
        """
        place = self._names.place_of(location)
        found = await self._threads.run(self._fetch, place, location)
        if isinstance(found, SecretScopeError):
            raise found
        return found

    async def put(self, location: str, value: str, *, field: str | None = None) -> None:
        """Write a new version; the secret is made where there is none.

        Raises:
            InvalidRefError: Key Vault has no such names, or a version was named.
            DeletedSecretError: It was deleted, and is kept until it is purged.
            MalformedSecretError: A field was named, or Key Vault does not take the value.
        """
        place = self._names.place_of(location)
        if place.version:
            raise InvalidRefError(location, reason="a version is never written again")
        if field is not None:
            raise MalformedSecretError(
                str(self), ref=f"{location}#{field}", expected="a whole value to write"
            )
        fault = await self._threads.run(self._put, place, value, location)
        if fault is not None:
            raise fault

    def _open(self) -> SecretScopeError | None:
        try:
            self._sdk.vaults().client(self._access.url)
        except SecretScopeError as error:
            return error
        return None

    def _fetch(self, place: Place, location: str) -> Secret | SecretScopeError:
        return self._sdk.vaults().fetch(self._access.url, place, location, str(self))

    def _put(self, place: Place, value: str, location: str) -> SecretScopeError | None:
        return self._sdk.vaults().put(
            self._access.url, place, value, location, str(self)
        )

    def __str__(self) -> str:
        return f"the key vault {self._access.url}"


class _Sdk:
    """Azure's client, imported at its first use; call it from threads."""

    def __init__(self, access: AzureAccess) -> None:
        self._access = access
        self._lock = Lock()
        self._vaults: Vaults | None = None

    def vaults(self) -> Vaults:
        """Return the clients; the first call takes a quarter of a second."""
        with self._lock:
            vaults = self._vaults
            if vaults is None:
                module = import_module("secretscope.backends.azure._vaults")
                vaults = self._vaults = module.Vaults(self._access)
            return vaults

    def close(self) -> None:
        """Close what was opened."""
        if self._vaults is not None:
            self._vaults.close()
