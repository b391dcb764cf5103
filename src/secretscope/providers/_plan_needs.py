"""What a container needs to be warm: which ref, from which store, for whom."""

from __future__ import annotations

from typing import Any

from attrs import frozen
from dependency_injector import providers

from secretscope.errors import AmbiguousStoreError, CaptiveError
from secretscope.providers._agent import AgentFactory
from secretscope.providers._backend import SecretsBackend
from secretscope.providers._getter import SecretGetter
from secretscope.providers._graph import (
    AnyProvider,
    Found,
    below,
    effective,
    path_between,
)
from secretscope.providers._needs import Needs
from secretscope.providers._one_secret import OneSecret
from secretscope.providers._rotating import Rotating
from secretscope.providers._scoped import ScopedSecrets


@frozen
class Need:
    """A ref that somebody will read.

    Attributes:
        ref: the ref.
        reader: the ScopedSecrets or SecretsBackend it is read through; None where the
            environment is the only place.
        path: who needs it.
        required: whether its absence fails the start.
        environment: whether who needs it looks in the environment, too.
    """

    ref: str
    reader: AnyProvider | None
    path: str
    required: bool
    environment: bool


def declared(graph: list[Found]) -> list[Need]:
    """Return every need of the graph, in a stable order.

    Raises:
        AmbiguousStoreError: A need does not say which store it reads.
    """
    stores = [found for found in graph if is_reader(found.provider)]
    needs: list[Need] = []
    for found in graph:
        provider = found.provider
        if provider.last_overriding is not None:
            continue
        if isinstance(provider, AgentFactory | OneSecret | Needs):
            required, optional = provider.needs()
            reader = _reader_of(found, stores) if required or optional else None
            if reader is None and isinstance(provider, OneSecret):
                continue  # it reads a store of its own, which nobody here opens
            agent = isinstance(provider, AgentFactory)
            needs += [
                Need(ref, reader, found.path, ref in required, agent)
                for ref in (*required, *optional)
            ]
    return needs


def is_reader(provider: AnyProvider) -> bool:
    """Tell whether secrets are read through this provider."""
    return isinstance(provider, ScopedSecrets | SecretsBackend)


def _reader_of(found: Found, stores: list[Found]) -> AnyProvider | None:
    provider = found.provider
    if isinstance(provider, OneSecret):
        return _first_reader(Found(provider.secrets, found.path))
    if isinstance(provider, AgentFactory):
        tuning = provider.kwargs.get("tuning")
        return (
            _first_reader(Found(tuning, found.path))
            if isinstance(tuning, providers.Provider)
            else None
        )
    given = getattr(provider, "secrets", None)
    reader = _first_reader(Found(given or provider, found.path))
    if reader is not None:
        return reader
    scoped = [s for s in stores if isinstance(s.provider, ScopedSecrets)] or stores
    if len(scoped) != 1:
        raise AmbiguousStoreError(found.path, stores=[s.path for s in scoped])
    return scoped[0].provider


def _first_reader(found: Found) -> AnyProvider | None:
    readers = [each.provider for each in below(found) if is_reader(each.provider)]
    scoped = [reader for reader in readers if isinstance(reader, ScopedSecrets)]
    return next(iter(scoped or readers), None)


def refuse_captives(graph: list[Found], inherited: frozenset[str] | None) -> None:
    """Refuse what would keep one tenant's key for all, or a client past its end.

    Args:
        graph: every provider.
        inherited: refs that tenants share; None where there are no tenants.

    Raises:
        CaptiveError: It names each path from a long-lived provider to what it would keep.
    """
    paths: list[str] = []
    for found in graph:
        if isinstance(found.provider, providers.BaseSingleton | providers.Resource):
            path = path_between(found, lambda p: _is_captive(p, inherited))
            if path is not None:
                what = "its argument" if path == found.path else path
                paths.append(f"{found.path} -> {what}")
    if paths:
        raise CaptiveError(*paths)


def _is_captive(provider: AnyProvider, inherited: frozenset[str] | None) -> bool:
    if isinstance(provider, Rotating):
        return True
    return inherited is not None and _is_tenants(provider, inherited)


def _is_tenants(provider: AnyProvider, inherited: frozenset[str]) -> bool:
    if isinstance(provider, SecretGetter):  # it reads at each call, in whose task calls
        return False
    if isinstance(provider, OneSecret):
        reader: Any = effective(provider.secrets)
        return isinstance(reader, ScopedSecrets) and provider.name not in inherited
    return isinstance(provider, AgentFactory) and provider.foreign
