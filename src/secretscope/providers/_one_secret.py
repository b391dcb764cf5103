"""OneSecret: what the providers of secrets share."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

from dependency_injector import providers

from secretscope.errors import MissingSecretError


class OneSecret(providers.Provider[Any]):
    """Reads one secret through a reader.

    Args:
        secrets: a `ScopedSecrets` (follows the task) or a `SecretsBackend` (is the
            application's), any provider of a Secrets, or a Secrets.
        ref: the secret; a provider of its name will do.
    """

    __slots__ = ("ref", "secrets")

    def __init__(
        self,
        secrets: Any = None,  # noqa: ANN401 - a provider of a Secrets
        ref: Any = "",  # noqa: ANN401 - a str or a provider of one
    ) -> None:
        if secrets is not None and not isinstance(secrets, providers.Provider):
            secrets = providers.Object(secrets)
        self.secrets: Any = secrets
        self.ref = ref
        super().__init__()
        self.disable_async_mode()

    def __deepcopy__(self, memo: dict[Any, Any] | None = None) -> Any:  # noqa: ANN401
        memo = {} if memo is None else memo
        copied = memo.get(id(self))
        if copied is not None:
            return copied
        copied = type(self)()
        memo[id(self)] = copied
        copied.secrets = providers.deepcopy(self.secrets, memo)
        copied.ref = (
            providers.deepcopy(self.ref, memo)
            if isinstance(self.ref, providers.Provider)
            else self.ref
        )
        self._copy_overridings(copied, memo)
        return copied

    @property
    def related(self) -> Any:  # noqa: ANN401
        """Yield the providers it depends on."""
        for part in (self.secrets, self.ref):
            if isinstance(part, providers.Provider):
                yield part
        yield from super().related

    @property
    def name(self) -> str:
        """The ref it reads."""
        return str(self.ref() if isinstance(self.ref, providers.Provider) else self.ref)

    @abstractmethod
    def needs(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return the refs it requires, and those that it could use."""
        ...

    def read(self, reader: Any, ref: str) -> str:  # noqa: ANN401 - a Secrets
        """Return what is at hand.

        Raises:
            MissingSecretError: There is none.
            SecretReadError: It can't be read here and now.
        """
        peek = getattr(reader, "peek", None)
        value: str | None = reader.lookup_sync(ref) if peek is None else peek(ref)
        if value is None:
            raise MissingSecretError(ref, where=repr(reader))
        return value
