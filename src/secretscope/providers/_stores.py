"""The stores of an open lifetime: opened, attached to their readers, and let go."""

from __future__ import annotations

from typing import Any

from secretscope.errors import ConfigurationError, MalformedSecretError
from secretscope.protocols import Secrets
from secretscope.providers._backend import SecretsBackend
from secretscope.providers._graph import AnyProvider, Found, effective
from secretscope.providers._plan_needs import Need, refuse_captives
from secretscope.providers._survey import Survey, owned
from secretscope.scopes import Lifetime, Scope, StoreView


class Stores:
    """Which scope stands behind which provider.

    Args:
        opened: the lifetime that holds them.
        survey: what its container holds.
    """

    def __init__(self, opened: Lifetime, survey: Survey) -> None:
        self._opened = opened
        self._survey = survey
        self._scopes: dict[int, Scope] = {}
        self._scoped: dict[int, Scope] = {}

    async def open(self, found: Found) -> None:
        """Make a store, and open it."""
        await self._opened.serve(self._scope_of(found.provider, found.path).store)

    def attach(self) -> None:
        """Let every ScopedSecrets read its store."""
        for found in self._survey.scoped:
            if owned(found.provider):
                self._attach(found)
        lone = [found for found in self._survey.backends if owned(found.provider)]
        if not self._scoped and len(lone) == 1:
            self._opened.add(self._scope_of(lone[0].provider, lone[0].path))
        for scope in dict.fromkeys(self._scopes.values()):
            if scope not in self._opened.scopes:
                self._opened.back(scope)
        self._opened.settle()
        for rotating in self._survey.rotating:
            rotating.open_in(self._opened)
        self._watch()

    def refuse_captives(self) -> None:
        """Refuse what would keep one tenant's key for all.

        Raises:
            CaptiveError: It names each path from a long-lived provider to the key.
        """
        plans = [scope.tenant_plan for scope in self._scoped.values()]
        shared = [plan.inherit for plan in plans if plan is not None]
        refuse_captives(
            self._survey.graph, frozenset.intersection(*shared) if shared else None
        )

    def scope(self, need: Need) -> Scope | None:
        """Return the scope that a ScopedSecrets reads for a need, if one does."""
        return self._scoped.get(id(need.reader))

    def view(self, need: Need) -> StoreView | None:
        """Return the view to warm at startup; None where a tenant's will be."""
        scope = self.scope(need)
        if scope is None:
            direct = self._scopes.get(id(need.reader))
            return None if direct is None else direct.app
        plan = scope.tenant_plan
        return scope.app if plan is None or need.ref in plan.inherit else None

    def let_go(self) -> None:
        """Detach every reader; the next lifetime makes stores of its own."""
        for found in self._survey.scoped:
            if id(found.provider) in self._scoped:
                found.provider.reader.detach()  # type: ignore[attr-defined]
        for rotating in self._survey.rotating:
            rotating.detach()
        for found in self._survey.backends:
            found.provider.forget()  # type: ignore[attr-defined]

    def leave_behind(self) -> None:
        """Let nobody read a store directly: it is another process's."""
        for found in self._survey.backends:
            found.provider.leave_behind()  # type: ignore[attr-defined]

    def _attach(self, found: Found) -> None:
        provider: Any = found.provider
        if provider.backend is None:
            raise ConfigurationError(
                f"{found.path}: this ScopedSecrets has no store; give it a SecretsBackend"
            )
        behind = self._scope_of(provider.backend, found.path)
        scope = Scope(
            name=found.path,
            store=behind.store,
            app_plan=behind.app_plan,
            tenant_plan=behind.tenant_plan,
            env_fallback=behind.env_fallback,
        )
        self._opened.add(scope)
        provider.reader.name = found.path
        provider.reader.attach(scope)
        self._scoped[id(provider)] = scope

    def _scope_of(self, provider: AnyProvider, path: str) -> Scope:
        scope = self._scopes.get(id(provider))
        if scope is None:
            scope = self._scopes[id(provider)] = scope_behind(provider, path)
        return scope

    def _watch(self) -> None:
        at_first = [(f, effective(f.provider)) for f in self._survey.backends]

        def overridden() -> str | None:
            changed = (
                f.path for f, was in at_first if effective(f.provider) is not was
            )
            return next(changed, None)

        self._opened.watch(overridden)
        for found in self._survey.backends:
            found.provider.opened_in(self._opened)  # type: ignore[attr-defined]


def scope_behind(provider: AnyProvider, path: str) -> Scope:
    """Return a store and where its refs are kept, for the provider that leads to it.

    Raises:
        ConfigurationError: The settings cannot work.
        MalformedSecretError: The provider gives no Secrets.
    """
    real = effective(provider)
    if isinstance(real, SecretsBackend):
        return real.scope()
    store = real()
    if not isinstance(store, Secrets):
        raise MalformedSecretError(
            path,
            ref="(the store itself)",
            expected=f"a Secrets, not {type(store).__name__}",
        )
    if isinstance(provider, SecretsBackend):
        return provider.scope_over(store)
    return Scope(name=path, store=store)
