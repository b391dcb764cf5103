"""SecretValue: a secret's current value, for any constructor that takes a text."""

from __future__ import annotations

from typing import Any, ClassVar

from secretscope.errors import MissingSecretError
from secretscope.providers._facade import AppReader
from secretscope.providers._one_secret import OneSecret
from secretscope.scopes import Reader, noted

REQUIRED: Any = object()
"""Stands for a default that was not given."""


class SecretValue(OneSecret):
    """Provides the current value of one secret, as a `str`.

    Args:
        secrets: a `ScopedSecrets` (follows the task) or a `SecretsBackend` (is the
            application's), any provider of a Secrets, or a Secrets.
        ref: the secret; a provider of its name will do.
        default: what is given where the secret is missing; without one it is required.
    """

    __slots__ = ("default",)
    _facts: ClassVar[tuple[str, ...]] = ("default",)

    def __init__(
        self,
        secrets: Any = None,  # noqa: ANN401 - a provider of a Secrets
        ref: Any = "",  # noqa: ANN401 - a str or a provider of one
        *,
        default: Any = REQUIRED,  # noqa: ANN401
    ) -> None:
        self.default = default
        super().__init__(secrets, ref)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
        over = self.last_overriding
        if over is not None:
            return over(*args, **kwargs)
        reader, ref = self.secrets(), self.name
        try:
            if isinstance(reader, Reader | AppReader):  # they note what they read
                return self.read(reader, ref)
            return noted(lambda: self.read(reader, ref), ref)
        except MissingSecretError:
            if self.default is REQUIRED:
                raise
            return self.default

    def needs(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return the refs it requires, and those that it could use."""
        required = self.default is REQUIRED
        return ((self.name,), ()) if required else ((), (self.name,))
