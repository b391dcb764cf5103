"""Whether the package behind a store is installed, without importing it."""

from __future__ import annotations

from importlib.util import find_spec

from secretscope.errors import MissingExtraError


def require(package: str, *, store: str, extra: str) -> None:
    """Make sure that a store's SDK is there; it is imported later, in a thread.

    Raises:
        MissingExtraError: It is not installed.
    """
    try:
        found = find_spec(package) is not None
    except ModuleNotFoundError:  # the package that it stands in is missing
        found = False
    if not found:
        raise MissingExtraError(store, extra=extra)
