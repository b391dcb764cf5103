"""override_secrets: a pytest fixture that puts values in a store's place."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from typing import Any

from secretscope.backends.memory import DictSecrets
from secretscope.errors import AmbiguousStoreError
from secretscope.protocols import Secrets
from secretscope.providers import SecretsBackend
from secretscope.testing._pytest import pytest

OverrideSecrets = Callable[..., Secrets]
"""``override_secrets(app, {"KEY": "value"})``; see the fixture."""


@pytest.fixture
def override_secrets() -> Iterator[OverrideSecrets]:
    """Give a function that puts a fake in a backend's place until the test ends.

    ``override_secrets(where, values)`` takes a container (a class or an instance) that
    has one `SecretsBackend`, or a backend itself, and values by location or a store of
    yours. It returns the store. Call it before the lifetime is entered: the rules for
    tenants hold over the fake, and an open lifetime refuses to read.

    Raises:
        AmbiguousStoreError: The container has no backend, or several.
    """
    with ExitStack() as stack:

        def override(where: Any, values: Mapping[str, str] | Secrets = {}) -> Secrets:  # noqa: ANN401, B006
            store = values if isinstance(values, Secrets) else DictSecrets(values)
            stack.enter_context(_backend(where).override(store))
            return store

        yield override


def _backend(where: Any) -> SecretsBackend:  # noqa: ANN401 - a container or a backend
    if isinstance(where, SecretsBackend):
        return where
    found = {
        name: provider
        for name, provider in where.providers.items()
        if isinstance(provider, SecretsBackend)
    }
    if len(found) != 1:
        raise AmbiguousStoreError("override_secrets", stores=sorted(found))
    return next(iter(found.values()))
