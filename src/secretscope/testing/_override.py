"""override_secrets: a pytest fixture that puts values in a store's place for one test."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from typing import Any, Protocol

from dependency_injector import providers

from secretscope.backends.memory import DictSecrets
from secretscope.errors import AmbiguousStoreError, ConfigurationError
from secretscope.protocols import Secrets
from secretscope.providers import ScopedSecrets, SecretsBackend
from secretscope.scopes import Lifetime, LifetimeReader, Scope, force
from secretscope.testing._canaries import FAKES
from secretscope.testing._pytest import pytest


class OverrideSecrets(Protocol):
    """What the fixture `override_secrets` gives."""

    def __call__(
        self,
        where: Any,  # noqa: ANN401 - a container or a provider
        values: Mapping[str, str] | Secrets = ...,
        *,
        tenant: str | None = None,
    ) -> Secrets:
        """Put values in a store's place until the test ends."""
        ...


@pytest.fixture
def override_secrets() -> Iterator[OverrideSecrets]:
    """Give a function that puts values in a store's place until the test ends.

    ``override_secrets(where, values, tenant=None)`` takes a container (a class or an
    instance) or one of its providers.

    Before the lifetime is entered, a fake stands in the backend's place: the values are
    by location, the rules for tenants hold over them, and a store of your own may be
    given instead of values. The fake is returned.

    While the lifetime is open (one fixture may open it for all tests), the values are by
    ref and go before what the store holds: for the application, or for one ``tenant``.
    They change the lifetime's own frames and no ContextVar, so that tasks, threads and
    fixtures of any loop read them. What is returned holds the values alone.

    Singletons of the container are built anew in the test, and again after it.

    Raises:
        AmbiguousStoreError: The container has no store, or several.
        ConfigurationError: A store or a tenant was given where it can't be.
    """
    with ExitStack() as stack:

        def override(
            where: Any,  # noqa: ANN401 - a container or a provider
            values: Mapping[str, str] | Secrets = {},  # noqa: B006 - never changed
            *,
            tenant: str | None = None,
        ) -> Secrets:
            scopes = _open_scopes(where)
            _reset_singletons(where)
            stack.callback(_reset_singletons, where)
            if scopes:
                return _forced(stack, scopes, values, tenant)
            if tenant is not None:
                raise ConfigurationError(
                    "tenant: the lifetime is not open; give the value by its location, "
                    "such as 'tenants/acme/KEY'"
                )
            store = values if isinstance(values, Secrets) else DictSecrets(values)
            FAKES.append(store)
            stack.callback(FAKES.remove, store)
            stack.enter_context(_backend(where).override(store))
            return store

        yield override


def _forced(
    stack: ExitStack,
    scopes: list[Scope],
    values: Mapping[str, str] | Secrets,
    tenant: str | None,
) -> Secrets:
    if isinstance(values, Secrets):
        raise ConfigurationError(
            "a store can't take a backend's place while its lifetime is open: give "
            "values by ref, or override before the lifetime is entered"
        )
    if len({id(scope.store) for scope in scopes}) > 1:
        raise AmbiguousStoreError(
            "override_secrets", stores=[scope.name for scope in scopes]
        )
    for scope in scopes:
        stack.callback(force(scope, values, tenant=tenant))
    return DictSecrets(values)


def _providers(where: Any) -> dict[str, Any]:  # noqa: ANN401 - a container
    return {"": where} if isinstance(where, providers.Provider) else where.providers


def _open_scopes(where: Any) -> list[Scope]:  # noqa: ANN401
    """Return what reads the stores of an open lifetime, by its frames or directly."""
    scopes: list[Scope | None] = []
    for provider in _providers(where).values():
        if isinstance(provider, SecretsBackend):
            scopes.append(provider.open_scope)
        elif isinstance(provider, ScopedSecrets):
            scopes.append(provider.reader.scope)
    return [scope for scope in scopes if scope is not None]


def lifetime_reader(where: Any) -> LifetimeReader | None:  # noqa: ANN401 - a container
    """Return a reader of the container's lifetime; None where it is not open."""
    found = (scope.lifetime for scope in _open_scopes(where))
    opened = next((each for each in found if isinstance(each, Lifetime)), None)
    if opened is None:
        return None
    reader = LifetimeReader()
    reader.open_in(opened)
    return reader


def _reset_singletons(where: Any) -> None:  # noqa: ANN401
    """Have the container's singletons built anew: they may hold what was overridden."""
    if not isinstance(where, providers.Provider):
        for provider in where.traverse([providers.BaseSingleton]):
            provider.reset()


def _backend(where: Any) -> SecretsBackend:  # noqa: ANN401
    if isinstance(where, SecretsBackend):
        return where
    found = {
        name: provider
        for name, provider in _providers(where).items()
        if isinstance(provider, SecretsBackend)
    }
    if len(found) != 1:
        raise AmbiguousStoreError("override_secrets", stores=sorted(found))
    return next(iter(found.values()))
