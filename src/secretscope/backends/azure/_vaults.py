"""Azure's clients, one a vault: they are made and asked in worker threads alone."""

from __future__ import annotations

from threading import Lock
from typing import Any

from azure.core.exceptions import ClientAuthenticationError
from azure.keyvault.secrets import SecretClient

from secretscope.backends.azure._access import AzureAccess
from secretscope.backends.azure._identity import credential_of
from secretscope.backends.azure._location import Place
from secretscope.backends.azure._told import EXPECTED, told
from secretscope.errors import (
    DeletedSecretError,
    MalformedSecretError,
    MissingSecretError,
    SecretScopeError,
)
from secretscope.values import Secret


class Vaults:
    """Asks key vaults as one identity; what fails is returned, and Azure's errors stay.

    Args:
        access: how they are reached, and as whom.
    """

    def __init__(self, access: AzureAccess) -> None:
        self._access = access
        self._lock = Lock()
        self._credential: Any = None
        self._made: dict[str, SecretClient] = {}
        self._logged_in = False

    def fetch(
        self, url: str, place: Place, ref: str, where: str
    ) -> Secret | SecretScopeError:
        """Ask for a version, once; of an absent secret, whether it was deleted."""
        try:
            found = self.client(url).get_secret(place.name, place.version)
        except (SecretScopeError, *EXPECTED) as error:
            fault = self._told(error, ref, where)
        else:
            self._logged_in = True
            if found.value is None:
                return MalformedSecretError(where, ref=ref, expected="a text")
            return Secret(found.value, version=found.properties.version)
        if type(fault) is MissingSecretError and self._is_deleted(url, place.name):
            return DeletedSecretError(
                ref, where=where, cure="it was deleted; recover it"
            )
        return fault

    def put(
        self, url: str, place: Place, value: str, ref: str, where: str
    ) -> SecretScopeError | None:
        """Write a new version."""
        try:
            self.client(url).set_secret(place.name, value)
        except (SecretScopeError, *EXPECTED) as error:
            return self._told(error, ref, where)
        return None

    def client(self, url: str) -> SecretClient:
        """Return the client of a vault.

        Raises:
            ConfigurationError: The credentials cannot work.
        """
        with self._lock:
            made = self._made.get(url)
            if made is None:
                if self._credential is None:
                    self._credential = credential_of(self._access)
                made = self._made[url] = self._client(url)
            return made

    def close(self) -> None:
        """Close the connections; the next request logs in anew."""
        with self._lock:
            made, self._made = self._made, {}
            credential, self._credential = self._credential, None
        for client in made.values():
            client.close()
        if credential is not None:
            credential.close()

    def _client(self, url: str) -> SecretClient:
        access = self._access
        return SecretClient(
            url,
            self._credential,
            retry_total=0,  # the cache asks again
            connection_timeout=access.timeout,
            read_timeout=access.timeout,
            connection_verify=str(access.ca_file) if access.ca_file else True,
            verify_challenge_resource=access.verify_resource,
        )

    def _is_deleted(self, url: str, name: str) -> bool:
        try:
            self.client(url).get_deleted_secret(name)
        except EXPECTED as error:  # it isn't, or we may not know
            _forget(error)
            return False
        return True

    def _told(self, error: Exception, ref: str, where: str) -> SecretScopeError:
        if isinstance(error, SecretScopeError):
            return error
        fault = told(
            error,
            ref,
            where=where,
            timeout=self._access.timeout,
            logged_in=self._logged_in,
        )
        _forget(error)
        if isinstance(error, ClientAuthenticationError):
            self.close()  # the application's secret may have been replaced: read it anew
        return fault


def _forget(error: BaseException | None) -> None:
    """Let go of what hangs on an error: connections stay open while it does."""
    while error is not None:
        error.__traceback__ = None
        for name in ("response", "model", "exc_traceback", "inner_exception"):
            if hasattr(error, name):
                setattr(error, name, None)
        error = error.__cause__ or error.__context__
