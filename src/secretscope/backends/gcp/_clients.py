"""Google's clients, one a region: they are made and asked in worker threads alone.

They take half a second to import, so the source imports this module in a thread.
"""

from __future__ import annotations

from threading import Lock
from typing import Any

import google_crc32c
import grpc
from google.api_core import exceptions as api
from google.cloud import secretmanager_v1 as manager

from secretscope.backends.gcp._access import GcpAccess
from secretscope.backends.gcp._credentials import credentials_of
from secretscope.backends.gcp._location import Place
from secretscope.backends.gcp._told import EXPECTED, told
from secretscope.errors import (
    MalformedSecretError,
    SecretScopeError,
    StoreUnavailableError,
)
from secretscope.values import Secret

Client = manager.SecretManagerServiceClient


class Clients:
    """Asks Secret Manager; what fails is returned, and Google's own errors stay here.

    Args:
        access: how it is reached, and as whom.
    """

    def __init__(self, access: GcpAccess) -> None:
        self._access = access
        self._lock = Lock()
        self._made: dict[str | None, Client] = {}

    def fetch(self, place: Place, ref: str, where: str) -> Secret | SecretScopeError:
        """Ask for a version, once, within the time limit."""
        try:
            answer = self.client(place.region).access_secret_version(
                name=place.path, retry=None, timeout=self._access.timeout
            )
        except (SecretScopeError, *EXPECTED) as error:
            return self._told(error, ref, where)
        payload = answer.payload
        if "data_crc32c" in payload and payload.data_crc32c != google_crc32c.value(
            payload.data
        ):
            return StoreUnavailableError(
                where, ref=ref, reason="the answer does not match its checksum"
            )
        try:
            return Secret(payload.data.decode(), version=answer.name.rpartition("/")[2])
        except UnicodeDecodeError:
            return MalformedSecretError(where, ref=ref, expected="UTF-8 text")

    def add(
        self, place: Place, data: bytes, ref: str, where: str
    ) -> SecretScopeError | None:
        """Add a version; the secret is made first where that is wanted and needed."""
        try:
            client = self.client(place.region)
            try:
                self._add(client, place, data)
            except api.NotFound:
                if not self._access.create:
                    raise
                self._create(client, place)
                self._add(client, place, data)
        except (SecretScopeError, *EXPECTED) as error:
            return self._told(error, ref, where)
        return None

    def client(self, region: str | None) -> Client:
        """Return the client of a region's endpoint, or of the global one.

        Raises:
            ConfigurationError: There are no credentials, or they cannot work.
        """
        with self._lock:
            made = self._made.get(region)
            if made is None:
                made = self._made[region] = _client(self._access, region)
            return made

    def close(self) -> None:
        """Close the connections; the next request makes new clients."""
        with self._lock:
            made, self._made = self._made, {}
        for client in made.values():
            transport: Any = client.transport
            transport.close()

    def _add(self, client: Client, place: Place, data: bytes) -> None:
        payload = manager.SecretPayload(
            data=data, data_crc32c=google_crc32c.value(data)
        )
        client.add_secret_version(
            parent=place.secret,
            payload=payload,
            retry=None,
            timeout=self._access.timeout,
        )

    def _create(self, client: Client, place: Place) -> None:
        everywhere: dict[str, Any] = {"replication": {"automatic": {}}}
        secret = manager.Secret({} if place.region else everywhere)
        try:
            client.create_secret(
                parent=place.parent,
                secret_id=place.name,
                secret=secret,
                retry=None,
                timeout=self._access.timeout,
            )
        except api.AlreadyExists:  # somebody else was quicker
            return

    def _told(self, error: Exception, ref: str, where: str) -> SecretScopeError:
        if isinstance(error, SecretScopeError):
            return error
        if isinstance(error, api.Unauthorized):
            self.close()  # a key may have been replaced: it is read again
        return told(error, ref, where=where, timeout=self._access.timeout)


def _client(access: GcpAccess, region: str | None) -> Client:
    endpoint = access.endpoint
    if endpoint is not None and access.insecure:
        transport: Any = Client.get_transport_class("grpc")
        return Client(transport=transport(channel=grpc.insecure_channel(endpoint)))
    if endpoint is None and region is not None:
        endpoint = f"secretmanager.{region}.rep.googleapis.com"
    options = {"api_endpoint": endpoint} if endpoint else {}
    return Client(credentials=credentials_of(access), client_options=options)
