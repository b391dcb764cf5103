"""GcpSource: the secrets of Google Cloud's projects."""

from __future__ import annotations

from copy import copy
from importlib import import_module
from threading import Lock
from typing import TYPE_CHECKING

from secretscope.backends._extra import require
from secretscope.backends._threads import Threads
from secretscope.backends.gcp._access import GcpAccess
from secretscope.backends.gcp._location import Place, place_of
from secretscope.errors import InvalidRefError, MalformedSecretError, SecretScopeError
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
        self._threads = Threads(access.threads)
        self._sdk = _Sdk(access)

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
        fault = await self._threads.run(self._open)
        if fault is not None:
            raise fault

    async def aclose(self) -> None:
        """Close the connections; the next request makes new ones."""
        await self._threads.run(self._sdk.close)

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
        found = await self._threads.run(self._fetch, place, location)
        if isinstance(found, SecretScopeError):
            raise found
        return found

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
        fault = await self._threads.run(self._add, place, data, location)
        if fault is not None:
            raise fault

    def _open(self) -> SecretScopeError | None:
        try:
            self._sdk.clients().client(self._access.location)
        except SecretScopeError as error:
            return error
        return None

    def _fetch(self, place: Place, location: str) -> Secret | SecretScopeError:
        return self._sdk.clients().fetch(place, location, str(self))

    def _add(self, place: Place, data: bytes, location: str) -> SecretScopeError | None:
        return self._sdk.clients().add(place, data, location, str(self))

    def __str__(self) -> str:
        return f"Google Cloud's project {self._access.project}"


class _Sdk:
    """Google's client, imported at its first use; call it from threads."""

    def __init__(self, access: GcpAccess) -> None:
        self._access = access
        self._lock = Lock()
        self._clients: Clients | None = None

    def clients(self) -> Clients:
        """Return the clients; the first call takes half a second."""
        with self._lock:
            clients = self._clients
            if clients is None:
                module = import_module("secretscope.backends.gcp._clients")
                clients = self._clients = module.Clients(self._access)
            return clients

    def close(self) -> None:
        """Close what was opened."""
        if self._clients is not None:
            self._clients.close()
