"""Who looks on: what is asked of stores and what comes of it, and never a value."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Protocol, runtime_checkable

from attrs import frozen

from secretscope.values import Rotation

_LOG = logging.getLogger("secretscope")


@frozen
class Request:
    """One request to a store, and how it went.

    Attributes:
        store: what errors call the store.
        act: ``fetch``, ``fetch_many``, ``put``, ``renew``, ``revoke`` or ``login``.
        refs: the locations that it was about.
        seconds: how long it took.
        error: the kind of error that it ended with, or None.
    """

    store: str
    act: str
    refs: tuple[str, ...]
    seconds: float
    error: str | None = None


@runtime_checkable
class Observer(Protocol):
    """Is told what happens in every cache of the process; it must be quick.

    What it raises is logged, and harms nobody.
    """

    def requested(self, request: Request) -> None:
        """A store was asked, and has answered or failed."""
        ...

    def refreshed(self, store: str, ref: str, *, rotation: Rotation | None) -> None:
        """A secret was fetched that had been fetched before."""
        ...

    def stale(self, store: str, ref: str) -> None:
        """A value was read past its time, since its store has an outage."""
        ...


_OBSERVERS: list[Observer] = []


def observe(observer: Observer) -> Callable[[], None]:
    """Tell the observer what happens from now on, in every cache of the process.

    Returns:
        A function that ends it.
    """
    _OBSERVERS.append(observer)
    return lambda: _OBSERVERS.remove(observer)


def tell(act: Callable[[Observer], None]) -> None:
    """Tell every observer; what one raises hurts nobody."""
    for observer in tuple(_OBSERVERS):
        guarded(act, observer)


def guarded(listener: Callable[..., None], *told: object) -> None:
    """Call a listener; what it raises is logged by its kind alone."""
    try:
        listener(*told)
    except Exception as error:  # noqa: BLE001 - nobody else may suffer
        _LOG.error("a listener raised %s: mend it", type(error).__name__)
