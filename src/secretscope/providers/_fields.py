"""SecretFields: several fields of one secret, as one snapshot."""

from __future__ import annotations

from typing import Any, ClassVar

from dependency_injector import providers

from secretscope.errors import ConfigurationError
from secretscope.protocols import Secrets
from secretscope.providers._one_secret import OneSecret
from secretscope.scopes import noted
from secretscope.values import Secret, split_location


class SecretFields(OneSecret[Secret]):
    """Provides a `Secret` whose fields belong together.

    A user and the password, a certificate and its key: read one by one, the first may
    be of the old version and the second of the new one. Here both are of one.

    ``SecretFields(secrets, "db", "user", "password")`` gives a secret ``db`` for which
    ``db.reveal("user")`` and ``db.reveal("password")`` fit.

    Args:
        secrets: a `ScopedSecrets` (follows the task) or a `SecretsBackend` (is the
            application's), any provider of a Secrets, or a Secrets.
        ref: the secret, without ``#field``; a provider of its name will do.
        fields: the fields that it must have.

    Raises:
        ConfigurationError: No field is named.
    """

    __slots__ = ("fields",)
    _facts: ClassVar[tuple[str, ...]] = ("fields",)

    def __init__(
        self,
        secrets: providers.Provider[Any] | Secrets | None = None,
        ref: str | providers.Provider[Any] = "",
        /,
        *fields: str,
    ) -> None:
        if secrets is not None and not fields:
            raise ConfigurationError(
                "SecretFields(secrets, ref) names no field: say which belong together, "
                "or use SecretValue"
            )
        self.fields = fields
        super().__init__(secrets, ref)

    # of the stub's two overloads one is for asyncio's awaitables, which it never gives
    def __call__(self, *args: Any, **kwargs: Any) -> Secret:  # type: ignore[override]
        """Return the secret.

        Raises:
            MissingSecretError: It is not there, or has not all of the fields.
            SecretReadError: It can't be read here and now.
        """
        over: Any = self.last_overriding
        if over is not None:
            return over(*args, **kwargs)  # type: ignore[no-any-return]
        reader, base = self.secrets(), split_location(self.name)[0]
        peek = getattr(reader, "peek_secret", None)
        if peek is None:
            return noted(lambda: self._from_text(reader, base), base, whole=True)
        return self._complete(peek(base))

    def needs(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return the refs it requires, and those that it could use."""
        return tuple(f"{self.name}#{field}" for field in self.fields), ()

    def _from_text(self, reader: Any, base: str) -> Secret:
        return self._complete(Secret(self.read(reader, base)))

    def _complete(self, secret: Secret) -> Secret:
        for field in self.fields:
            secret.reveal(field)
        return secret
