"""SecretValue: a secret's current value, for any constructor that takes a text."""

from __future__ import annotations

from typing import Any

from dependency_injector import providers

from secretscope.errors import MissingSecretError

REQUIRED: Any = object()
"""Stands for a default that was not given."""


class SecretValue(providers.Provider[Any]):
    """Provides the current value of one secret, as a `str`.

    Args:
        secrets: a `ScopedSecrets` (follows the task) or a `SecretsBackend` (is the
            application's), any provider of a Secrets, or a Secrets.
        ref: the secret; a provider of its name will do.
        default: what is given where the secret is missing; without one it is required.
    """

    __slots__ = ("default", "ref", "secrets")

    def __init__(
        self,
        secrets: Any = None,  # noqa: ANN401 - a provider of a Secrets
        ref: Any = "",  # noqa: ANN401 - a str or a provider of one
        *,
        default: Any = REQUIRED,  # noqa: ANN401
    ) -> None:
        if secrets is not None and not isinstance(secrets, providers.Provider):
            secrets = providers.Object(secrets)
        self.secrets: Any = secrets
        self.ref = ref
        self.default = default
        super().__init__()
        self.disable_async_mode()

    def __deepcopy__(self, memo: dict[Any, Any] | None = None) -> Any:  # noqa: ANN401
        memo = {} if memo is None else memo
        copied = memo.get(id(self))
        if copied is not None:
            return copied
        copied = type(self)(default=self.default)
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

    def __call__(self, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
        over = self.last_overriding
        if over is not None:
            return over(*args, **kwargs)
        reader, ref = self.secrets(), self.name
        try:
            peek = getattr(reader, "peek", None)
            value = reader.lookup_sync(ref) if peek is None else peek(ref)
        except MissingSecretError:
            if self.default is REQUIRED:
                raise
            return self.default
        if value is None and self.default is REQUIRED:
            raise MissingSecretError(ref, where=repr(reader))
        return self.default if value is None else value

    @property
    def name(self) -> str:
        """The ref it reads."""
        return str(self.ref() if isinstance(self.ref, providers.Provider) else self.ref)

    def needs(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return the refs it requires, and those that it could use."""
        required = self.default is REQUIRED
        return ((self.name,), ()) if required else ((), (self.name,))
