"""GcpSource: the secrets of Google Cloud's projects."""

from __future__ import annotations

from copy import copy
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING

from secretscope.backends._extra import require
from secretscope.backends._sdk import Sdk
from secretscope.backends.gcp._access import GcpAccess
from secretscope.backends.gcp._location import place_of
from secretscope.errors import InvalidRefError, MalformedSecretError
from secretscope.values import Secret

if TYPE_CHECKING:
    from secretscope.backends.gcp._clients import Clients

_LARGEST = 65_536
"""Bytes of a payload, as AddSecretVersion has it; it takes no empty one."""


class GcpSource:
    """Fetches secrets from Google Cloud Secret Manager.

    A location is ``NAME`` (its latest version), ``NAME/versions/3`` (a number or an
    alias), or the same after ``projects/P/secrets/`` or
    ``projects/P/locations/L/secrets/``.

    Args:
        access: how it is reached, and as whom.

    Raises:
        MissingExtraError: The package is not installed.
    """

    def __init__(self, access: GcpAccess) -> None:
        require("google.cloud.secretmanager_v1", store="GcpSource", extra="gcp")
        self._access = access
        self._sdk = Sdk(partial(_clients, access), threads=access.threads)

    def for_tenant(self, tenant: str) -> GcpSource | None:
        """Return a source of the tenant's project; None where tenants share this one.

        Raises:
            InvalidTenantError: No project can be called so.
        """
        access = self._access.for_tenant(tenant)
        if access is None:
            return None
        own = copy(self)
        own._access = access
        return own

    async def open(self) -> None:
        """Import the SDK, find the credentials and make the client, off the loop.

        Raises:
            ConfigurationError: There are no credentials, or they cannot work.
        """
        await self._sdk.ask(lambda clients: clients.client(self._access.location))

    async def aclose(self) -> None:
        """Close the connections; the next request makes new ones."""
        await self._sdk.aclose()

    async def fetch(self, location: str) -> Secret:
        """Ask for a version, once, and check what came against its checksum.

        Raises:
            InvalidRefError: Google Cloud has no such names.
            MissingSecretError: There is no such secret, or it has no version.
            DeletedSecretError: The version is disabled.
            DestroyedSecretError: The version is destroyed.
            AccessDeniedError: The credentials may not read it, or were not accepted.
            StoreUnavailableError: An outage, a quota, or a garbled answer.
            StoreTimeoutError: It took longer than `GcpAccess.timeout`.
            MalformedSecretError: It holds no text.
            ConfigurationError: There are no credentials, or no such project.
        """
        place = place_of(location, self._access)
        where = str(self)
        return await self._sdk.ask(
            lambda clients: clients.fetch(place, location, where)
        )

    async def put(self, location: str, value: str, *, field: str | None = None) -> None:
        """Add a version, which is the latest from then on.

        Raises:
            InvalidRefError: Google Cloud has no such names, or a version was named.
            MissingSecretError: There is no such secret, and `GcpAccess.create` is off.
            MalformedSecretError: A field was named, or the value is empty or too large.
        """
        place = place_of(location, self._access)
        if place.pinned:
            raise InvalidRefError(location, reason="a version is never written again")
        if field is not None:
            raise MalformedSecretError(
                str(self), ref=f"{location}#{field}", expected="a whole value to write"
            )
        data = value.encode(errors="replace")
        if not 0 < len(data) <= _LARGEST or data.decode() != value:
            raise MalformedSecretError(
                str(self), ref=location, expected=f"a text of 1 to {_LARGEST} bytes"
            )
        where = str(self)
        await self._sdk.ask(lambda clients: clients.add(place, data, location, where))

    def __str__(self) -> str:
        return f"Google Cloud's project {self._access.project}"


def _clients(access: GcpAccess) -> Clients:
    """Import Google's SDK, which takes half a second, and make its clients."""
    module = import_module("secretscope.backends.gcp._clients")
    clients: Clients = module.Clients(access)
    return clients
