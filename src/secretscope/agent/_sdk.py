"""The official SDKs' clients: one an event loop, blind to the environment."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from anyio.lowlevel import RunVar

from secretscope.errors import MissingExtraError


def load(package: str) -> Any:  # noqa: ANN401 - a module
    """Import an SDK when it is first needed.

    Raises:
        MissingExtraError: It is not installed.
    """
    try:
        return importlib.import_module(package)
    except ModuleNotFoundError as error:
        if error.name != package:
            raise
    raise MissingExtraError(f"the {package} SDK", extra="models")


class PerLoop:
    """A client for each event loop: none of them can serve two.

    Args:
        make: makes a client.
    """

    def __init__(self, make: Callable[[], Any]) -> None:
        self._make = make
        self._here: RunVar[Any] = RunVar(f"secretscope client {id(self)}")

    def client(self) -> Any:  # noqa: ANN401 - an SDK's client
        """Return the running loop's client, made at the first call."""
        found = self._here.get(None)
        if found is None:
            found = self._make()
            self._here.set(found)
        return found


def keyed(client: Any, key: str, *, ours: bool) -> Any:  # noqa: ANN401
    """Return a client that shares the connections and sends this key.

    Each copy reads the environment again: what it found there is taken out, except for a
    client that the user made.
    """
    if not hasattr(client, "with_options"):
        return client
    copy = client.with_options(api_key=key, max_retries=0)
    if ours:
        blind(copy)
    return copy


def blind(client: Any, given: Mapping[str, Any] = MappingProxyType({})) -> None:  # noqa: ANN401
    """Take out of a client what it found in the environment: a token, headers, a project.

    Args:
        client: an SDK's.
        given: the options that it was made with, which stay.
    """
    client._custom_headers = dict(given.get("default_headers") or {})
    for name in ("auth_token", "organization", "project"):
        if hasattr(client, name):
            setattr(client, name, given.get(name))
