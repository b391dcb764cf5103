"""SecretValue: a secret's current value, for any constructor that takes a text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, overload

from dependency_injector import providers

from secretscope.errors import MissingSecretError
from secretscope.protocols import Secrets
from secretscope.providers._default import REQUIRED, D, Defaulted, V
from secretscope.providers._facade import AppReader
from secretscope.scopes import Reader, noted


class SecretValue(Defaulted[V], Generic[V]):
    """Provides the current value of one secret, as a `str`.

    Args:
        secrets: a `ScopedSecrets` (follows the task) or a `SecretsBackend` (is the
            application's), any provider of a Secrets, or a Secrets.
        ref: the secret; a provider of its name will do.
        default: what is given where the secret is missing; without one it is required.
    """

    __slots__ = ()

    if TYPE_CHECKING:  # what it provides follows from the default

        @overload
        def __init__(
            self: SecretValue[str],
            secrets: providers.Provider[Any] | Secrets | None = None,
            ref: str | providers.Provider[Any] = "",
        ) -> None: ...
        @overload
        def __init__(
            self: SecretValue[str | D],
            secrets: providers.Provider[Any] | Secrets | None = None,
            ref: str | providers.Provider[Any] = "",
            *,
            default: D,
        ) -> None: ...
        def __init__(self, *args: Any, **kwargs: Any) -> None: ...

    # of the stub's two overloads one is for asyncio's awaitables, which it never gives
    def __call__(self, *args: Any, **kwargs: Any) -> V:  # type: ignore[override]
        """Return the value, or the default.

        Raises:
            MissingSecretError: It is missing, and there is no default.
            SecretReadError: It can't be read here and now.
        """
        over: Any = self.last_overriding
        if over is not None:
            return over(*args, **kwargs)  # type: ignore[no-any-return]
        reader, ref = self.secrets(), self.name
        found: Any
        try:
            if isinstance(reader, Reader | AppReader):  # they note what they read
                found = self.read(reader, ref)
            else:
                found = noted(lambda: self.read(reader, ref), ref)
        except MissingSecretError:
            if self.default is REQUIRED:
                raise
            found = self.default
        return found  # type: ignore[no-any-return]
