"""ScopedSecrets: the reader that follows the running task, as a provider."""

from __future__ import annotations

from typing import Any, ClassVar

from dependency_injector import providers

from secretscope.protocols import Secrets
from secretscope.providers._build import provider_of
from secretscope.providers._composite import Composite
from secretscope.scopes import ScopedReader


class ScopedSecrets(Composite[ScopedReader], providers.Object[ScopedReader]):
    """Provides the reader of what the running task may see: one a container.

    Args:
        backend: a `SecretsBackend`, any provider of a Secrets, or a Secrets.
    """

    __slots__ = ("__weakref__", "backend", "reader")
    _parts: ClassVar[tuple[str, ...]] = ("backend",)

    def __init__(
        self, backend: providers.Provider[Any] | Secrets | None = None
    ) -> None:
        self.backend = provider_of(backend)
        self.reader = ScopedReader("scoped secrets")
        super().__init__(self.reader)
        self.disable_async_mode()
