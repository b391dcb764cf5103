"""The effective graph of a container: what would be built, and by which path."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from typing import Any

from attrs import frozen
from dependency_injector import containers, providers, resources

from secretscope.errors import AsyncioOnlyError

AnyProvider = providers.Provider[Any]
Container = containers.Container


@frozen
class Found:
    """A provider and the path that leads to it, such as ``App.agent.tuning``."""

    provider: AnyProvider
    path: str


def effective(provider: AnyProvider) -> AnyProvider:
    """Return the provider that would really be asked: what overrides, if any."""
    while provider.last_overriding is not None:
        provider = provider.last_overriding
    return provider


def parts(provider: AnyProvider) -> Iterator[tuple[str, AnyProvider]]:
    """Yield what a provider is built from, with the names it has there.

    An overridden provider has one part: what overrides it. A `Delegate` hands on a
    provider without asking it, so it is built from nothing.
    """
    if isinstance(provider, providers.Delegate):
        return
    over = provider.last_overriding
    if over is not None:
        yield "", over
        return
    named: dict[int, str] = {}
    # an option answers to any name: ask its type
    plain: Any = provider
    given = plain.kwargs if hasattr(type(provider), "kwargs") else {}
    for name, value in given.items():
        named.setdefault(id(value), f".{name}")
    if isinstance(provider, providers.Container):
        for name, value in provider.container.providers.items():
            named.setdefault(id(value), f".{name}")
    for part in provider.related:
        yield named.get(id(part), ""), part


def below(start: Found) -> Iterator[Found]:
    """Yield the provider and all it is built from, each once, in a stable order."""
    seen: set[int] = set()
    waiting = [start]
    while waiting:
        found = waiting.pop()
        if id(found.provider) in seen:
            continue
        seen.add(id(found.provider))
        yield found
        inner = [
            Found(part, f"{found.path}{name}") for name, part in parts(found.provider)
        ]
        waiting.extend(reversed(inner))


def name_of(container: Any) -> str:
    """Return what errors call the container."""
    kind = getattr(container, "declarative_parent", None) or type(container)
    return str(getattr(kind, "__name__", "container"))


def roots(container: Any) -> list[Found]:
    """Return a container's own providers with their paths."""
    name = name_of(container)
    return [
        Found(provider, f"{name}.{key}")
        for key, provider in container.providers.items()
        if isinstance(provider, providers.Provider)
    ]


def walk(starts: list[Found]) -> list[Found]:
    """Return everything that the starting providers are built from, each once.

    A provider that is a start itself goes by the name it has there.
    """
    named = {id(start.provider): start for start in starts}
    found: dict[int, Found] = {}
    for start in starts:
        for each in below(start):
            known = id(each.provider)
            found.setdefault(known, named.get(known, each))
    return list(found.values())


def path_between(start: Found, wanted: Callable[[AnyProvider], bool]) -> str | None:
    """Return the path from a provider to the first one below it that is wanted."""
    for found in below(start):
        if found.provider is not start.provider and wanted(found.provider):
            return found.path
    return None


def _is_async(provider: AnyProvider) -> bool:
    if isinstance(provider, providers.Coroutine):
        return True
    plain: Any = provider
    made = plain.provides if hasattr(type(provider), "provides") else None
    # a Resource wraps its generator; `.provided` answers to any name
    if callable(made) and not isinstance(made, providers.Provider):
        made = inspect.unwrap(made)
    if isinstance(provider, providers.Resource):
        return (
            inspect.iscoroutinefunction(made)
            or inspect.isasyncgenfunction(made)
            or (inspect.isclass(made) and issubclass(made, resources.AsyncResource))
        )
    built = (providers.Callable, providers.Factory, providers.BaseSingleton)
    return isinstance(provider, built) and inspect.iscoroutinefunction(made)


def refuse_asyncio_only(graph: list[Found]) -> None:
    """Refuse what dependency-injector can run on asyncio alone.

    Raises:
        AsyncioOnlyError: It names each such provider by its path.
    """
    paths = [found.path for found in graph if _is_async(found.provider)]
    if paths:
        raise AsyncioOnlyError(*paths)
