"""From settings to a store."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from secretscope.backends.chain import ChainSecrets
from secretscope.backends.env import EnvSecrets
from secretscope.backends.files import FileSecrets
from secretscope.backends.memory import DictSecrets
from secretscope.cache import CachedSecrets, Policy
from secretscope.errors import MalformedSecretError
from secretscope.protocols import Secrets, Source
from secretscope.providers._settings import Settings


def build_store(settings: Settings) -> Secrets:
    """Return the store that the settings describe; nothing is opened or asked yet."""
    return _BUILDERS[settings.backend](settings)


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


def _files(settings: Settings) -> Secrets:
    options: dict[str, Any] = dict(settings.cache)
    policy = Policy(**options) if options else None
    extra = {k: v for k, v in settings.options.items() if k != "directory"}
    return FileSecrets(settings.options["directory"], policy=policy, **extra)


_BUILDERS: dict[str, Callable[[Settings], Secrets]] = {
    "env": lambda settings: EnvSecrets(),
    "dict": lambda settings: DictSecrets(settings.options),
    "files": _files,
    "chain": lambda settings: ChainSecrets(
        [build_store(link) for link in settings.chained]
    ),
}
