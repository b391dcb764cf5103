"""From what a user gave to a store, and to a provider of one."""

from __future__ import annotations

from typing import Any

from dependency_injector import providers

from secretscope.cache import CachedSecrets
from secretscope.errors import MalformedSecretError, NotSecretsError
from secretscope.protocols import Secrets, Source


def ensure_store(made: object, *, name: str) -> Secrets:
    """Return a store for what a user's class or factory made.

    Raises:
        MalformedSecretError: It is neither a Secrets nor a Source.
    """
    if isinstance(made, Secrets):
        return made
    if isinstance(made, Source):
        return CachedSecrets(made)
    raise MalformedSecretError(
        name,
        ref="(the store itself)",
        expected=f"a Secrets or a Source, not {_lacking(made)}",
    )


def provider_of(
    given: providers.Provider[Any] | Secrets | None,
) -> providers.Provider[Any] | None:
    """Return the provider of a reader, for a provider or the reader itself.

    Raises:
        NotSecretsError: It is neither.
    """
    if given is None or isinstance(given, providers.Provider):
        return given
    if isinstance(given, type) or not isinstance(given, Secrets):
        raise NotSecretsError.of(given)
    return providers.Object(given)


def _lacking(made: object) -> str:
    wrong = NotSecretsError.of(made)
    return f"{wrong.kind} (which has no {', '.join(wrong.missing)})"
