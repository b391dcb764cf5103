"""A door's options, checked as it is made: what can't work is told then."""

from __future__ import annotations

import inspect
from collections.abc import Collection, Iterable
from typing import Any

from secretscope.errors import ConfigurationError
from secretscope.integrations._web import RequestOverride, is_token
from secretscope.scopes import LifetimeReader


def checked_overrides(given: Iterable[RequestOverride]) -> dict[str, RequestOverride]:
    """Return the overrides by their header's name, in lower case.

    Raises:
        ConfigurationError: One is none, or two have the same header.
    """
    overrides: list[Any] = list(given) if isinstance(given, Iterable) else [given]
    if isinstance(given, RequestOverride) or not all(
        isinstance(each, RequestOverride) for each in overrides
    ):
        raise ConfigurationError(
            'overrides: expected a list such as [RequestOverride("x-key", "KEY")]'
        )
    # an environ does not tell '_' from '-'
    if len({each.header.lower().replace("_", "-") for each in overrides}) < len(
        overrides
    ):
        raise ConfigurationError("overrides: two of them have the same header")
    return {each.header.lower(): each for each in overrides}


def checked_paths(given: Collection[str]) -> frozenset[str]:
    """Return the paths that are served without a tenant.

    Raises:
        ConfigurationError: It is one text, whose every character would be a path.
    """
    if isinstance(given, str):
        raise ConfigurationError(
            f"without_tenant={given!r}: expected a list of paths, [{given!r}]"
        )
    return frozenset(given)


def checked_tenant(given: Any) -> Any:  # noqa: ANN401 - a function, or None
    """Return what names a request's tenant.

    Raises:
        ConfigurationError: It is no function.
    """
    if given is not None and not callable(given):
        raise ConfigurationError(
            f"tenant: expected a function such as from_header({'x-tenant'!r}), got "
            f"{type(given).__name__}"
        )
    return given


def checked_lifetime(given: Any, enters: str) -> Any:  # noqa: ANN401
    """Return a lifetime that is not open yet.

    Args:
        given: what the door was given.
        enters: the method by which it is opened.

    Raises:
        ConfigurationError: It is a container, say.
    """
    if not hasattr(type(given), enters):
        what = given.__name__ if isinstance(given, type) else type(given).__name__
        raise ConfigurationError(
            f"expected lifetime(container), or the reader of one that is open; got {what}"
        )
    return given


def checked_reader(given: Any) -> LifetimeReader:  # noqa: ANN401
    """Return the reader of an open lifetime.

    Raises:
        ConfigurationError: It is none.
    """
    if not isinstance(given, LifetimeReader):
        raise ConfigurationError(
            "expected the reader of an open lifetime, what `with lifetime(container)` "
            f"gives; got {type(given).__name__}"
        )
    return given


def checked_header(name: str) -> str:
    """Return a header's name.

    Raises:
        ConfigurationError: It is none.
    """
    if not isinstance(name, str) or not is_token(name):
        raise ConfigurationError(
            f"from_header({name!r}): expected a header's name, letters, digits and '-'"
        )
    return name


def refuse_async(found: object) -> None:
    """Refuse what a tenant function of a sync door gave, where it is async.

    Raises:
        ConfigurationError: It has to be awaited.
    """
    if inspect.isawaitable(found):
        if inspect.iscoroutine(found):
            found.close()
        raise ConfigurationError(
            "tenant: expected a plain function here, and this one is async"
        )


async def awaited(found: object) -> Any:  # noqa: ANN401 - a name, or what is none
    """Return what a tenant function of an async door gave.

    Raises:
        ConfigurationError: It is not async.
    """
    if not inspect.isawaitable(found):
        raise ConfigurationError(
            "tenant: expected an async function of the ASGI scope, and this one gave "
            f"{type(found).__name__} at once; write `async def`"
        )
    return await found
