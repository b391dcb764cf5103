"""lifetime(): opens a container's stores, warms what it needs, and closes all again."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Any

import anyio
import sniffio
from attrs import define, field, frozen

from secretscope.errors import (
    AlreadyOpenError,
    CycleError,
    MalformedSecretError,
    MissingSecretError,
    SecretScopeError,
    WarmUpError,
)
from secretscope.protocols import Secrets
from secretscope.providers._backend import SecretsBackend
from secretscope.providers._graph import (
    AnyProvider,
    Found,
    below,
    effective,
    refuse_asyncio_only,
    roots,
    walk,
)
from secretscope.providers._plan_needs import Need, declared, refuse_captives
from secretscope.providers._scoped import ScopedSecrets
from secretscope.redaction import redact
from secretscope.scopes import Lifetime, LifetimeReader, Scope, StoreView

Progress = Callable[[int, int, str], None]
"""Told after each ref of a warm-up: how many are done, of how many, and which."""


@frozen
class _Slot:
    """A ScopedSecrets and its store."""

    provider: ScopedSecrets
    scope: Scope


@define(eq=False)
class _Plan:
    """What a lifetime found in its container."""

    graph: list[Found]
    scoped: list[Found] = field(factory=list[Found])
    backends: list[Found] = field(factory=list[Found])


class lifetime:  # noqa: N801 - it is used as a function: `async with lifetime(app)`
    """Open a container's stores for a block (``async with``), and close them after it.

    It walks what the container would really build, refuses what can't work, opens
    the stores in the order in which they need each other, fetches every declared need
    at once, and yields the reader of the current frame, which also opens tenants'
    blocks and overrides. At the end everything is closed once, in order, shielded.

    Args:
        container: an instance of a dependency-injector container.
        needs: warm only what these providers need; all of the container's without it.
        concurrency: how many refs are fetched at once.
        close_timeout: seconds that each store may take to close.
        on_progress: called after each ref: how many are done, of how many, which.

    Raises:
        ConfigurationError: Settings that can't work; every fault is named.
        GraphError: A container that can't be given its secrets.
        WarmUpError: Required refs that can't be had; one error names them all.
        AlreadyOpenError: The container's lifetime is open already.
    """

    def __init__(
        self,
        container: Any,  # noqa: ANN401 - any container's instance
        *,
        needs: Sequence[AnyProvider] | None = None,
        concurrency: int = 32,
        close_timeout: float = 5.0,
        on_progress: Progress | None = None,
    ) -> None:
        self._container = container
        self._needs = needs
        self._concurrency = concurrency
        self._close_timeout = close_timeout
        self._on_progress = on_progress
        self._open: Lifetime | None = None
        self._plan = _Plan([])
        self._slots: dict[int, _Slot] = {}
        self._scopes: dict[int, Scope] = {}
        self._views: dict[int, StoreView] = {}
        self._reader = LifetimeReader()

    async def __aenter__(self) -> LifetimeReader:
        plan = self._plan = self._survey()
        opened = Lifetime(
            concurrency=self._concurrency, close_timeout=self._close_timeout
        )
        await opened.start()
        self._open = opened
        try:
            await self._open_stores(opened, plan)
            self._check_captives(plan)
            await self._warm(opened, declared(self._wanted(plan)))
        except BaseException:
            await self._shut()
            raise
        return self._reader

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        failures = await self._shut()
        if not failures:
            return
        if error is not None:
            for failure in failures:
                error.add_note(f"while closing: {redact(str(failure))}")
            return
        raise ExceptionGroup("stores did not close", failures)

    # --- finding out -----------------------------------------------------------------

    def _survey(self) -> _Plan:
        plan = _Plan(walk(roots(self._container)))
        if sniffio.current_async_library() == "trio":
            refuse_asyncio_only(plan.graph)
        for found in plan.graph:
            if isinstance(found.provider, ScopedSecrets):
                plan.scoped.append(found)
            elif isinstance(found.provider, SecretsBackend):
                plan.backends.append(found)
        if self._open is not None or any(
            isinstance(f.provider, ScopedSecrets) and f.provider.reader.scope
            for f in plan.scoped
        ):
            raise AlreadyOpenError(f"the lifetime of {type(self._container).__name__}")
        return plan

    def _wanted(self, plan: _Plan) -> list[Found]:
        if self._needs is None:
            return plan.graph
        chosen = {id(provider) for provider in self._needs}
        return walk([f for f in plan.graph if id(f.provider) in chosen])

    # --- opening ---------------------------------------------------------------------

    async def _open_stores(self, opened: Lifetime, plan: _Plan) -> None:
        for found in _in_order(plan):
            await self._warm_for(opened, found)
            scope = self._scope_of(found.provider, found.path)
            await opened.serve(scope.store)
        for found in plan.scoped:
            if found.provider.last_overriding is None:
                self._attach(opened, found)
        lone = [f for f in plan.backends if f.provider.last_overriding is None]
        if not self._slots and len(lone) == 1:
            opened.add(self._scope_of(lone[0].provider, lone[0].path))
        self._reader.open_in(opened)
        self._watch(opened, plan)

    def _attach(self, opened: Lifetime, found: Found) -> None:
        provider: Any = found.provider
        scope = self._scope_of(provider.backend, found.path)
        scope = Scope(
            name=found.path,
            store=scope.store,
            app_plan=scope.app_plan,
            tenant_plan=scope.tenant_plan,
            env_fallback=scope.env_fallback,
        )
        opened.add(scope)
        provider.reader.name = found.path
        provider.reader.attach(scope)
        self._slots[id(provider)] = _Slot(provider, scope)

    def _scope_of(self, provider: Any, path: str) -> Scope:  # noqa: ANN401
        scope = self._scopes.get(id(provider))
        if scope is None:
            scope = self._scopes[id(provider)] = self._make_scope(provider, path)
        return scope

    def _make_scope(self, provider: Any, path: str) -> Scope:  # noqa: ANN401
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

    def _watch(self, opened: Lifetime, plan: _Plan) -> None:
        at_first = [(f, effective(f.provider)) for f in plan.backends]

        def overridden() -> str | None:
            changed = (
                f.path for f, was in at_first if effective(f.provider) is not was
            )
            return next(changed, None)

        opened.watch(overridden)
        for found, _ in at_first:
            if isinstance(found.provider, SecretsBackend):
                found.provider.opened_in(opened)

    def _check_captives(self, plan: _Plan) -> None:
        plans = [slot.scope.tenant_plan for slot in self._slots.values()]
        tenants = [tenant for tenant in plans if tenant is not None]
        if tenants:
            shared = frozenset.intersection(*(tenant.inherit for tenant in tenants))
            refuse_captives(plan.graph, shared)

    # --- warming ---------------------------------------------------------------------

    async def _warm_for(self, opened: Lifetime, store: Found) -> None:
        """Warm what a store's own settings read from stores that are open already."""
        inner = [f for f in below(store) if f.provider is not store.provider]
        needs = declared(inner)
        if needs:
            await self._warm(opened, needs)

    async def _warm(self, opened: Lifetime, needs: list[Need]) -> None:
        waiting: dict[int, tuple[StoreView, list[str]]] = {}
        for need in needs:
            view = self._view_for(need)
            if view is not None:
                refs = waiting.setdefault(id(view), (view, []))[1]
                if need.ref not in refs:
                    refs.append(need.ref)
        self._tell_tenants(needs)
        total = sum(len(refs) for _, refs in waiting.values())
        progress = _Count(total, self._on_progress)
        failed: dict[tuple[int, str], Exception] = {}

        async def warm(view: StoreView, refs: list[str]) -> None:
            for ref, error in (await view.warm(refs, opened.limiter, progress)).items():
                failed[id(view), ref] = error

        async with anyio.create_task_group() as group:
            for view, refs in waiting.values():
                group.start_soon(warm, view, refs)
        self._judge(needs, failed)

    def _view_for(self, need: Need) -> StoreView | None:
        """Return the view to warm at startup; None where a tenant's will be."""
        if need.reader is None:
            return None
        slot = self._slots.get(id(need.reader))
        if slot is None:
            scope = self._scopes.get(id(need.reader))
            return None if scope is None else scope.app
        plan = slot.scope.tenant_plan
        return slot.scope.app if plan is None or need.ref in plan.inherit else None

    def _tell_tenants(self, needs: list[Need]) -> None:
        for need in needs:
            slot = self._slots.get(id(need.reader))
            if slot is not None and need.ref not in slot.scope.needs:
                slot.scope.needs = (*slot.scope.needs, need.ref)

    def _judge(
        self, needs: list[Need], failed: dict[tuple[int, str], Exception]
    ) -> None:
        faults: list[tuple[str, str]] = []
        causes: dict[str, Exception] = {}
        for need in needs:
            error = self._fault(need, failed)
            if error is not None:
                line = f"{need.ref} (needed by {need.path}): {_told(error)}"
                if need.environment:
                    line += "; the environment has no such variable, too"
                faults.append((need.ref, line))
                causes[need.ref] = error
        if faults:
            raise WarmUpError(faults, causes)

    def _fault(
        self, need: Need, failed: dict[tuple[int, str], Exception]
    ) -> Exception | None:
        view = self._view_for(need)
        slot = self._slots.get(id(need.reader))
        shared = slot is not None and slot.scope.tenant_plan is not None
        fallback = need.environment and (slot is None or slot.scope.env_fallback)
        error: Exception | None = None
        if view is not None:
            error = failed.get((id(view), need.ref))
        elif need.reader is None and need.ref not in os.environ:
            error = MissingSecretError(need.ref, where="the environment")
        if error is None or not need.required:
            return None
        if isinstance(error, MissingSecretError):
            found_outside = fallback and need.ref in os.environ
            return None if shared or found_outside else error
        return error

    # --- closing ---------------------------------------------------------------------

    async def _shut(self) -> list[Exception]:
        opened, self._open = self._open, None
        failures = await opened.close() if opened is not None else []
        for slot in self._slots.values():
            slot.provider.reader.detach()
        for found in self._plan.backends:
            if isinstance(found.provider, SecretsBackend):
                found.provider.forget()
        self._slots.clear()
        self._scopes.clear()
        return failures


class _Count:
    """Counts what is warm, for who wants to see it."""

    def __init__(self, total: int, tell: Progress | None) -> None:
        self._total = total
        self._tell = tell
        self._done = 0

    def __call__(self, ref: str) -> None:
        self._done += 1
        if self._tell is not None:
            self._tell(self._done, self._total, ref)


def _told(error: Exception) -> str:
    """Return what an error says; of one that is not ours, masked."""
    if isinstance(error, SecretScopeError):
        return str(error)
    return f"{type(error).__name__}: {redact(str(error))}"


def _in_order(plan: _Plan) -> list[Found]:
    """Return the stores so that each comes after those it is built from.

    Raises:
        CycleError: It names the stores that need each other.
    """
    backends = {id(found.provider): found for found in plan.backends}
    done: dict[int, Found] = {}

    def visit(found: Found, path: tuple[Found, ...]) -> None:
        if id(found.provider) in done:
            return
        if any(each.provider is found.provider for each in path):
            raise CycleError(*(each.path for each in path), found.path)
        for inner in _backends_below(found, backends):
            visit(inner, (*path, found))
        done[id(found.provider)] = found

    for found in plan.backends:
        visit(found, ())
    return list(done.values())


def _backends_below(found: Found, backends: dict[int, Found]) -> list[Found]:
    """Return the stores that a store is built from; a fake is built from nothing."""
    if found.provider.last_overriding is not None:
        return []
    known = [
        backends.get(id(each.provider))
        for part in found.provider.related
        for each in below(Found(part, found.path))
    ]
    return [each for each in known if each is not None]
