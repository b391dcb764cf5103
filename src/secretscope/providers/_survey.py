"""What a lifetime finds in its container: stores, readers, and the order to open in."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

from attrs import frozen
from dependency_injector import containers, providers

from secretscope.errors import ConfigurationError, CycleError
from secretscope.providers._backend import SecretsBackend
from secretscope.providers._graph import (
    AnyProvider,
    Found,
    below,
    refuse_asyncio_only,
    roots,
    walk,
)
from secretscope.providers._rotating import Rotating
from secretscope.providers._scoped import ScopedSecrets


@frozen
class Survey:
    """A container's effective graph.

    Attributes:
        graph: every provider that would be asked, with its path.
        scoped: the ScopedSecrets among them.
        backends: the SecretsBackends among them.
        rotating: the Rotatings among them.
    """

    graph: list[Found]
    scoped: list[Found]
    backends: list[Found]
    rotating: list[Rotating[Any]]

    def wanted(self, needs: Sequence[AnyProvider] | None) -> list[Found]:
        """Return what is built for these providers; all without any.

        Raises:
            ConfigurationError: One of them is no provider of the container.
        """
        if needs is None:
            return self.graph
        if isinstance(needs, providers.Provider):
            raise ConfigurationError("needs: a list of providers is meant, needs=[...]")
        known = {id(found.provider): found for found in self.graph}
        for number, provider in enumerate(needs):
            if id(provider) not in known:
                raise ConfigurationError(
                    f"needs[{number}]: this {type(provider).__name__} is no provider of "
                    "the container that is opened: take it from that one, as `app.agent` "
                    "of `app = App()`, not `App.agent`"
                )
        return walk([known[id(provider)] for provider in needs])


def survey(
    container: containers.Container | type[containers.DeclarativeContainer],
) -> Survey:
    """Walk a container.

    Raises:
        ConfigurationError: It is no container.
        AsyncioOnlyError: On trio, it holds what dependency-injector can't run there.
    """
    if not hasattr(container, "providers") or isinstance(container, providers.Provider):
        raise ConfigurationError(
            f"a {type(container).__name__} is no container of dependency-injector: "
            "pass the application's, `app = App()`"
        )
    graph = walk(roots(container))
    if _on_trio():
        refuse_asyncio_only(graph)
    return Survey(
        graph,
        [found for found in graph if isinstance(found.provider, ScopedSecrets)],
        [found for found in graph if isinstance(found.provider, SecretsBackend)],
        [each.provider for each in graph if isinstance(each.provider, Rotating)],
    )


def in_order(backends: list[Found]) -> list[Found]:
    """Return the stores so that each comes after those it is built from.

    Raises:
        CycleError: It names the stores that need each other.
    """
    by_provider = {id(found.provider): found for found in backends}
    done: dict[int, Found] = {}

    def visit(found: Found, path: tuple[Found, ...]) -> None:
        if id(found.provider) in done:
            return
        if any(each.provider is found.provider for each in path):
            raise CycleError(*(each.path for each in path), found.path)
        for inner in _built_from(found, by_provider):
            visit(inner, (*path, found))
        done[id(found.provider)] = found

    for found in backends:
        visit(found, ())
    return list(done.values())


def _built_from(found: Found, backends: dict[int, Found]) -> list[Found]:
    """Return the stores that a store is built from; a fake is built from nothing."""
    if found.provider.last_overriding is not None:
        return []
    known = [
        backends.get(id(each.provider))
        for part in found.provider.related
        for each in below(Found(part, found.path))
    ]
    return [each for each in known if each is not None]


def owned(provider: AnyProvider) -> bool:
    """Tell whether a provider is its own, and not overridden."""
    return provider.last_overriding is None


def _on_trio() -> bool:
    """Tell which loop runs; where nobody has imported trio, it is not trio."""
    trio = sys.modules.get("trio")
    return trio is not None and bool(trio.lowlevel.in_trio_run())
