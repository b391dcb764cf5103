"""Rotating: one instance for each tenant, built anew when a secret that it read rotates."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any, ClassVar, Generic, TypeVar

from dependency_injector import providers

from secretscope.errors import ConfigurationError, NotOpenError
from secretscope.providers._composite import Composite
from secretscope.scopes import Close, Instances, Lifetime

T = TypeVar("T")

GRACE = 30.0
"""Seconds; longer than most requests take, shorter than a store keeps an old version."""


class Rotating(Composite[T], Generic[T]):
    """Provides one instance (a client, a pool) for each tenant, and rebuilds it.

    It is built at the first call, once for all who ask, and kept; when a secret that
    it read rotates, the next call builds another, and the old one is closed: as soon as
    its leases end, and for those who got it by a plain call after a grace time. What it
    read is noted as it is built: by its arguments, by what these are built from, and by
    its constructor. Where no tenant's secret is among that, there is one for all.

    Inside an override of a secret that it reads, it is built for that block, and closed
    with it.

    Args:
        provides: a class, a function or a Factory; it is sync.
        args: what a class or function is called with, injected.
        grace: seconds that an old one stays open for those who got it by a plain call.
        closer: closes an instance, sync or async; without it, the method ``aclose`` or
            ``close`` that it has.
        kwargs: what a class or function is called with, injected.

    Raises:
        ConfigurationError: It can't be built again and again.
    """

    __slots__ = ("__weakref__", "_instances", "closer", "factory", "grace")
    _parts: ClassVar[tuple[str, ...]] = ("factory",)
    _facts: ClassVar[tuple[str, ...]] = ("grace", "closer")

    def __init__(
        self,
        provides: Callable[..., T] | providers.Provider[T] | None = None,
        /,
        *args: Any,
        grace: float = GRACE,
        closer: Close | None = None,
        **kwargs: Any,
    ) -> None:
        if isinstance(provides, providers.BaseSingleton | providers.Resource):
            raise ConfigurationError(
                f"Rotating({type(provides).__name__}(...)) would build the same one "
                "again: give it a Factory, or the class itself"
            )
        given = isinstance(provides, providers.Provider)
        if given and (args or kwargs):
            raise ConfigurationError(
                "Rotating(a provider, ...) takes no further arguments: "
                "give them to the provider"
            )
        if provides is not None and not given:
            provides = providers.Factory(provides, *args, **kwargs)
        if not grace >= 0:
            raise ConfigurationError("Rotating(grace=...) is seconds, 0 or more")
        self.factory: Any = provides
        self.grace = grace
        self.closer = closer
        self._instances: Instances[T] | None = None
        super().__init__()
        self.disable_async_mode()

    # of the stub's two overloads one is for asyncio's awaitables, which it never gives
    def __call__(self, *args: Any, **kwargs: Any) -> T:  # type: ignore[override]
        """Return the current instance, for its grace time at least.

        Raises:
            NotOpenError: Its container's lifetime is not open.
            ScopeError: The frame has ended.
            SecretReadError: A secret that it reads can't be read here and now.
        """
        over: Any = self.last_overriding
        if over is not None:
            return over(*args, **kwargs)  # type: ignore[no-any-return]
        return self._opened().current()

    def lease(self) -> AbstractContextManager[T]:
        """Return a block (``with``) that holds the current instance until it ends."""
        over: Any = self.last_overriding
        if isinstance(over, Rotating):
            return over.lease()
        return self._opened().lease() if over is None else nullcontext(over())

    def open_in(self, lifetime: Lifetime) -> None:
        """Keep instances in this lifetime."""
        self._instances = lifetime.instances(
            self.factory, grace=self.grace, closer=self._closer
        )

    def detach(self) -> None:
        """Keep none any longer."""
        self._instances = None

    def _opened(self) -> Instances[T]:
        if self._instances is None:
            raise NotOpenError(f"what {self.factory} reads")
        return self._instances

    def _closer(self, instance: T) -> Close | None:
        if self.closer is not None:
            return self.closer
        for name in ("aclose", "close"):
            method = getattr(instance, name, None)
            if callable(method):
                return lambda _: method()
        return None
