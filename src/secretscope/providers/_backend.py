"""SecretsBackend: a store, registered as a provider."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from dependency_injector import providers

from secretscope.errors import ForkedError
from secretscope.protocols import Secrets, Source
from secretscope.providers._build import ensure_store
from secretscope.providers._composite import Composite
from secretscope.providers._facade import AppReader
from secretscope.providers.settings import (
    Settings,
    read_own_settings,
    read_policy,
    read_settings,
)
from secretscope.scopes import Lifetime, Scope


class SecretsBackend(Composite[AppReader]):
    """Provides the application's reader of one store; there is one a container.

    Args:
        source: settings (a `Configuration` option or a mapping), or a store (a Secrets
            or a Source), or a class, function or provider that makes it.
        args: what the class or function is called with, injected.
        settings: for a store of your own, what else the settings may say: ``path``,
            ``refs``, ``env_fallback``, ``tenants``.
        kwargs: what the class or function is called with, injected.
    """

    __slots__ = ("__weakref__", "_forked", "_lifetime", "_scope", "factory", "settings")
    _parts: ClassVar[tuple[str, ...]] = ("factory", "settings")

    def __init__(
        self,
        source: providers.Provider[Any]
        | Mapping[str, Any]
        | Callable[..., Any]
        | Secrets
        | Source
        | None = None,
        /,
        *args: Any,
        settings: providers.Provider[Any] | Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        self.factory: providers.Provider[Any] | None = None
        self.settings: Any = settings
        if isinstance(source, providers.Provider) and _gives_settings(source):
            self.settings = source
        elif isinstance(source, providers.Provider):
            self.factory = source
        elif isinstance(source, Secrets | Source) and not isinstance(source, type):
            self.factory = providers.Object(source)
        elif callable(source):
            self.factory = providers.Factory(source, *args, **kwargs)
        elif source is not None:
            self.settings = source
        self._scope: Scope | None = None
        self._lifetime: Lifetime | None = None
        self._forked = False
        super().__init__()
        self.disable_async_mode()

    # of the stub's two overloads one is for asyncio's awaitables, which it never gives
    def __call__(self, *args: Any, **kwargs: Any) -> AppReader:  # type: ignore[override]
        """Return the application's reader; in a test what overrides the store."""
        over: Any = self.last_overriding
        if over is not None:
            return over(*args, **kwargs)  # type: ignore[no-any-return]
        return AppReader("the application's secrets", self.scope)

    def scope(self) -> Scope:
        """Return the store and where its refs are kept, made at the first call.

        Raises:
            ConfigurationError: The settings cannot work.
            ForkedError: It was opened in the process that this one was forked from.
        """
        if self._scope is None:
            if self._forked:
                raise ForkedError
            raw = self._raw()
            if self.factory is None:
                settings = read_settings(raw)
                store = settings.store()
            else:
                settings = read_own_settings(raw)
                store = ensure_store(self.factory(), name="the backend")
            self._scope = _scope("the store", store, settings)
        return self._scope

    def scope_over(self, fake: Secrets) -> Scope:
        """Return a scope in which another store takes this one's place."""
        return _scope("the store", fake, read_policy(self._raw()))

    def forget(self) -> None:
        """Drop the store: the next lifetime makes a new one."""
        self._scope = None
        self._lifetime = None

    def leave_behind(self) -> None:
        """Give the store to nobody: it is another process's, connections and all."""
        self.forget()
        self._forked = True

    @property
    def open_scope(self) -> Scope | None:
        """The store and its places, where its lifetime is open."""
        return None if self._lifetime is None else self._scope

    def opened_in(self, lifetime: Lifetime) -> None:
        """Remember whose readers an override would surprise."""
        self._lifetime = lifetime

    def override(
        self, provider: providers.Provider[Any] | object
    ) -> providers.OverridingContext[Any]:
        """Override as any provider; while a lifetime is open, its reads then raise."""
        context: providers.OverridingContext[Any] = super().override(provider)
        self._question()
        return context

    def reset_last_overriding(self) -> None:
        """Reset as any provider; the open lifetime's reads go on."""
        super().reset_last_overriding()
        self._question()

    def reset_override(self) -> None:
        """Reset as any provider; the open lifetime's reads go on."""
        super().reset_override()
        self._question()

    def _question(self) -> None:
        if self._lifetime is not None:
            self._lifetime.reconsider()

    def _raw(self) -> Any:
        given = self.settings
        return given() if isinstance(given, providers.Provider) else given


def _gives_settings(provider: providers.Provider[Any]) -> bool:
    return isinstance(
        provider,
        providers.Configuration
        | providers.ConfigurationOption
        | providers.Dict
        | SettingsCallable,
    )


class SettingsCallable(providers.Callable):
    """A Callable that gives settings, not a store."""


def _scope(name: str, store: Secrets, settings: Settings) -> Scope:
    return Scope(
        name=name,
        store=store,
        app_plan=settings.app,
        tenant_plan=settings.tenants,
        env_fallback=settings.env_fallback,
    )
