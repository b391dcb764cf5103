"""A Secrets, and how else one may be read: at hand, whole, many at once, in a frame."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol, runtime_checkable

from secretscope.values import Secret


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
class Settled(Protocol):
    """A Secrets that can say whether an awaited read would ask anybody."""

    def settled(self, ref: str) -> bool:
        """Tell, without any I/O, whether what is known of the ref is good still.

        That may be that it is missing. A tenant whose needs are all settled is entered
        without being opened again.
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
class Batched(Protocol):
    """A Secrets that resolves many at once, in as few requests as it can."""

    async def resolve_many(self, refs: Sequence[str]) -> Mapping[str, str | Exception]:
        """Return for each ref its value or its own error."""
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
