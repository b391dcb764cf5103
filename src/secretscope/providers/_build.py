"""From what a user's class or factory made to a store."""

from __future__ import annotations

from secretscope.cache import CachedSecrets
from secretscope.errors import MalformedSecretError
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
        expected=f"a Secrets or a Source, not {type(made).__name__}",
    )
