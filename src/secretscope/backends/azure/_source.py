"""AzureSource: the secrets of key vaults."""

from __future__ import annotations

from copy import copy
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING

from secretscope.backends._extra import require
from secretscope.backends._sdk import Sdk
from secretscope.backends.azure._access import AzureAccess
from secretscope.backends.azure._location import Names
from secretscope.errors import InvalidRefError, MalformedSecretError
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
        self._sdk = Sdk(partial(_vaults, access), threads=access.threads)
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
        await self._sdk.ask(lambda vaults: vaults.client(self._access.url))

    async def aclose(self) -> None:
        """Close the connections; the next request logs in anew."""
        await self._sdk.aclose()

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
        url, where = self._access.url, str(self)
        return await self._sdk.ask(
            lambda vaults: vaults.fetch(url, place, location, where)
        )

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
        url, where = self._access.url, str(self)
        await self._sdk.ask(
            lambda vaults: vaults.put(url, place, value, location, where)
        )

    def __str__(self) -> str:
        return f"the key vault {self._access.url}"


def _vaults(access: AzureAccess) -> Vaults:
    """Import Azure's SDK, which takes a quarter of a second, and make its clients."""
    module = import_module("secretscope.backends.azure._vaults")
    vaults: Vaults = module.Vaults(access)
    return vaults
