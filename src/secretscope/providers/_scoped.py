"""ScopedSecrets: the reader that follows the running task, as a provider."""

from __future__ import annotations

from typing import Any

from dependency_injector import providers

from secretscope.scopes import ScopedReader


class ScopedSecrets(providers.Object[ScopedReader]):
    """Provides the reader of what the running task may see: one a container.

    Args:
        backend: a `SecretsBackend`, any provider of a Secrets, or a Secrets.
    """

    __slots__ = ("__weakref__", "backend", "reader")

    def __init__(self, backend: Any = None) -> None:  # noqa: ANN401
        if backend is not None and not isinstance(backend, providers.Provider):
            backend = providers.Object(backend)
        self.backend: providers.Provider[Any] | None = backend
        self.reader = ScopedReader("scoped secrets")
        super().__init__(self.reader)
        self.disable_async_mode()

    def __deepcopy__(self, memo: dict[Any, Any] | None = None) -> Any:  # noqa: ANN401
        memo = {} if memo is None else memo
        copied = memo.get(id(self))
        if copied is not None:
            return copied
        copied = type(self)()
        memo[id(self)] = copied
        copied.backend = providers.deepcopy(self.backend, memo)
        self._copy_overridings(copied, memo)
        return copied

    @property
    def related(self) -> Any:  # noqa: ANN401
        """Yield the providers it depends on."""
        if self.backend is not None:
            yield self.backend
        yield from super().related
