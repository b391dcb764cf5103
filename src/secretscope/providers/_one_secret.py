"""OneSecret: what the providers of secrets share."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, ClassVar, Generic, TypeVar

from dependency_injector import providers

from secretscope.errors import MissingSecretError
from secretscope.protocols import Secrets
from secretscope.providers._build import provider_of
from secretscope.providers._composite import Composite
from secretscope.values import called

P = TypeVar("P")


class OneSecret(Composite[P], Generic[P]):
    """Reads one secret through a reader.

    Args:
        secrets: a `ScopedSecrets` (follows the task) or a `SecretsBackend` (is the
            application's), any provider of a Secrets, or a Secrets.
        ref: the secret; a provider of its name will do.
    """

    __slots__ = ("ref", "secrets")
    _parts: ClassVar[tuple[str, ...]] = ("secrets", "ref")

    def __init__(
        self,
        secrets: providers.Provider[Any] | Secrets | None = None,
        ref: str | providers.Provider[Any] = "",
    ) -> None:
        self.secrets: Any = provider_of(secrets)
        self.ref = ref
        super().__init__()
        self.disable_async_mode()

    @property
    def name(self) -> str:
        """The ref it reads."""
        return str(self.ref() if isinstance(self.ref, providers.Provider) else self.ref)

    @abstractmethod
    def needs(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return the refs it requires, and those that it could use."""
        ...

    def read(self, reader: Any, ref: str) -> str:
        """Return what is at hand.

        Raises:
            MissingSecretError: There is none.
            SecretReadError: It can't be read here and now.
        """
        peek = getattr(reader, "peek", None)
        value: str | None = reader.lookup_sync(ref) if peek is None else peek(ref)
        if value is None:
            raise MissingSecretError(ref, where=called(reader))
        return value
