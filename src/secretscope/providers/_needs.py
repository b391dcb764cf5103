"""needs(): any provider, with the refs it will read declared."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Generic, TypeVar

from dependency_injector import providers

from secretscope.protocols import Secrets
from secretscope.providers._build import provider_of
from secretscope.providers._composite import Composite
from secretscope.values import parse_ref

T = TypeVar("T")


class Needs(Composite[T], Generic[T]):
    """Provides what another provider does, and declares the refs it reads.

    Args:
        inner: the provider.
        required: refs without which it can't work.
        optional: refs that it uses where they are there.
        secrets: which reader it uses, where the graph does not tell.
    """

    __slots__ = ("inner", "optional", "required", "secrets")
    _parts: ClassVar[tuple[str, ...]] = ("inner", "secrets")
    _facts: ClassVar[tuple[str, ...]] = ("required", "optional")

    def __init__(
        self,
        inner: providers.Provider[T] | None = None,
        required: Sequence[str] = (),
        optional: Sequence[str] = (),
        secrets: providers.Provider[Any] | Secrets | None = None,
    ) -> None:
        for ref in (*required, *optional):
            parse_ref(ref)
        self.inner: Any = inner
        self.required = tuple(required)
        self.optional = tuple(optional)
        self.secrets: Any = provider_of(secrets)
        super().__init__()
        self.disable_async_mode()

    # of the stub's two overloads one is for asyncio's awaitables, which it never gives
    def __call__(self, *args: Any, **kwargs: Any) -> T:  # type: ignore[override]
        over: Any = self.last_overriding
        asked = self.inner if over is None else over
        return asked(*args, **kwargs)  # type: ignore[no-any-return]

    def needs(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return the refs it requires, and those that it could use."""
        return self.required, self.optional


def needs(
    provider: providers.Provider[T],
    *required: str,
    optional: Sequence[str] = (),
    secrets: providers.Provider[Any] | Secrets | None = None,
) -> Needs[T]:
    """Declare the refs that a provider will read, so that they are warm.

    Args:
        provider: any provider; the returned one provides what it does.
        required: refs without which it can't work: a missing one fails the start.
        optional: refs that it uses where they are there.
        secrets: the `ScopedSecrets` or `SecretsBackend` it reads, or a store; without
            it, the one that the provider is built from, or the container's only one.

    Raises:
        InvalidRefError: A ref is outside the grammar.
    """
    return Needs(provider, required, optional, secrets)
