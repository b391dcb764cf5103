"""needs(): any provider, with the refs it will read declared."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dependency_injector import providers

from secretscope.protocols import Secrets
from secretscope.values import parse_ref


class Needs(providers.Provider[Any]):
    """Provides what another provider does, and declares the refs it reads.

    Args:
        inner: the provider.
        required: refs without which it can't work.
        optional: refs that it uses where they are there.
        secrets: which reader it uses, where the graph does not tell.
    """

    __slots__ = ("inner", "optional", "required", "secrets")

    def __init__(
        self,
        inner: Any = None,  # noqa: ANN401
        required: Sequence[str] = (),
        optional: Sequence[str] = (),
        secrets: Any = None,  # noqa: ANN401
    ) -> None:
        for ref in (*required, *optional):
            parse_ref(ref)
        self.inner = inner
        self.required = tuple(required)
        self.optional = tuple(optional)
        if secrets is not None and not isinstance(secrets, providers.Provider):
            secrets = providers.Object(secrets)
        self.secrets: Any = secrets
        super().__init__()
        self.disable_async_mode()

    def __deepcopy__(self, memo: dict[Any, Any] | None = None) -> Any:  # noqa: ANN401
        memo = {} if memo is None else memo
        copied = memo.get(id(self))
        if copied is not None:
            return copied
        copied = type(self)(required=self.required, optional=self.optional)
        memo[id(self)] = copied
        copied.inner = providers.deepcopy(self.inner, memo)
        copied.secrets = providers.deepcopy(self.secrets, memo)
        self._copy_overridings(copied, memo)
        return copied

    @property
    def related(self) -> Any:  # noqa: ANN401
        """Yield the providers it depends on."""
        for part in (self.inner, self.secrets):
            if isinstance(part, providers.Provider):
                yield part
        yield from super().related

    def __call__(self, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
        over = self.last_overriding
        return self.inner(*args, **kwargs) if over is None else over(*args, **kwargs)

    def needs(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return the refs it requires, and those that it could use."""
        return self.required, self.optional


def needs(
    provider: providers.Provider[Any],
    *required: str,
    optional: Sequence[str] = (),
    secrets: providers.Provider[Any] | Secrets | None = None,
) -> Needs:
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
