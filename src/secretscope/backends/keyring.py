"""The keyring of a developer's machine: macOS Keychain, Windows, Secret Service, KWallet."""

from __future__ import annotations

from importlib.util import find_spec
from threading import Lock

from secretscope.backends._threads import Threads
from secretscope.cache import CachedSecrets, Policy
from secretscope.errors import (
    AccessDeniedError,
    ConfigurationError,
    ConflictError,
    MalformedSecretError,
    MissingExtraError,
    MissingSecretError,
    ReadOnlyStoreError,
    SecretScopeError,
    StoreUnavailableError,
)
from secretscope.values import Secret, parse_ref

if find_spec("keyring") is None:
    raise MissingExtraError("secretscope.backends.keyring", extra="keyring")

import keyring
import keyring.core
from keyring import errors
from keyring.backend import KeyringBackend
from keyring.backends import null

_NONE = (
    "keyring: no keyring of this machine can be used: unlock or install one (macOS and "
    "Windows have theirs, Linux needs GNOME Keyring or KWallet with its D-Bus), or name "
    "a backend in keyring.backend"
)


class KeyringSource:
    """Reads the entries of one service in the machine's keyring.

    Args:
        service: the service's name; a location is the name of the user within it.
        backend: which keyring: an object of `keyring`'s, or the name of a class, such
            as ``keyring.backends.macOS.Keyring``; without one, `keyring` chooses, as
            its own settings say.

    Raises:
        ConfigurationError: The service's name is empty.
    """

    def __init__(
        self, service: str, *, backend: KeyringBackend | str | None = None
    ) -> None:
        if not service:
            raise ConfigurationError("keyring.service: must not be empty")
        self._service = service
        self._ring = None if isinstance(backend, str) else backend
        self._named = backend if isinstance(backend, str) else None
        self._threads = Threads(1)  # few keyrings stand more
        self._choosing = Lock()

    async def fetch(self, location: str) -> Secret:
        """Ask the keyring, in a thread; it may ask its user to unlock it.

        Raises:
            InvalidRefError: The name is outside the grammar.
            MissingSecretError: It has no such entry.
            AccessDeniedError: It is locked, or its user said no.
            StoreUnavailableError: It failed.
            ConfigurationError: The machine has no keyring.
        """
        parse_ref(location)
        found = await self._threads.run(self._get, location)
        if isinstance(found, SecretScopeError):
            raise found
        if found is None:
            raise MissingSecretError(
                location,
                where=str(self),
                cure=f"run `keyring set {self._service} {location}`",
            )
        return Secret(found)

    async def put(self, location: str, value: str, *, field: str | None = None) -> None:
        """Write an entry whole, and look whether it is there.

        Raises:
            MalformedSecretError: A field was named; an entry is written whole.
            ReadOnlyStoreError: Keyrings are turned off on this machine.
            ConflictError: Another value is there at once afterwards.
            AccessDeniedError: It is locked, or does not take the value.
        """
        parse_ref(location)
        if field is not None:
            raise MalformedSecretError(
                str(self), ref=f"{location}#{field}", expected="a whole entry to write"
            )
        fault = await self._threads.run(self._set, location, value)
        if fault is not None:
            raise fault

    def _get(self, location: str) -> str | SecretScopeError | None:
        try:
            return self._chosen().get_password(self._service, location)
        except Exception as error:  # noqa: BLE001 - keyrings raise what they like
            return self._told(error, location)

    def _set(self, location: str, value: str) -> SecretScopeError | None:
        try:
            ring = self._chosen()
            if isinstance(ring, null.Keyring):
                return ReadOnlyStoreError(str(self))
            ring.set_password(self._service, location, value)
            kept = ring.get_password(self._service, location)
        except Exception as error:  # noqa: BLE001 - keyrings raise what they like
            return self._told(error, location)
        return None if kept == value else ConflictError(str(self), ref=location)

    def _chosen(self) -> KeyringBackend:
        with self._choosing:
            if self._ring is None:
                self._ring = _choose(self._named)
            return self._ring

    def _told(self, error: Exception, location: str) -> SecretScopeError:
        """Return our own error; theirs may hold more than its kind."""
        if isinstance(error, ConfigurationError):
            return error
        if isinstance(error, errors.NoKeyringError):
            return ConfigurationError(_NONE)
        if isinstance(error, errors.KeyringLocked):
            return AccessDeniedError(
                str(self), ref=location, reason="it is locked; unlock it"
            )
        if isinstance(error, errors.PasswordSetError):
            return AccessDeniedError(
                str(self), ref=location, reason="it did not take the value"
            )
        return StoreUnavailableError(
            str(self), ref=location, reason=f"it failed ({type(error).__name__})"
        )

    def __str__(self) -> str:
        return f"the keyring's service {self._service!r}"


def _choose(named: str | None) -> KeyringBackend:
    if named is None:
        return keyring.get_keyring()
    try:
        return keyring.core.load_keyring(named)
    except (ImportError, AttributeError, ValueError, TypeError):
        fault = f"there is no {named!r}"
    except RuntimeError:
        fault = f"{named!r} can't be used on this machine"
    raise ConfigurationError(f"keyring.backend: {fault}")


class KeyringSecrets(CachedSecrets):
    """Reads secrets from the machine's keyring: for developers' laptops.

    ``db#password`` reads one field of an entry that is a JSON object.

    Args:
        service: the service's name in the keyring.
        backend: which keyring; without one, `keyring` chooses.
        policy: how long what was read is good.
    """

    def __init__(
        self,
        service: str,
        *,
        backend: KeyringBackend | str | None = None,
        policy: Policy | None = None,
    ) -> None:
        source = KeyringSource(service, backend=backend)
        super().__init__(source, policy, name=str(source))

    def __repr__(self) -> str:
        return f"KeyringSecrets({self._name})"
