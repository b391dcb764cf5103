"""A lifetime: its frames, its open tenants, and the tasks that serve its stores."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextvars import Context, copy_context

import anyio
from anyio.abc import TaskGroup
from attrs import define, field

from secretscope.cache import again
from secretscope.errors import (
    MissingSecretError,
    ScopeClosedError,
    UnknownStoreError,
)
from secretscope.protocols import Openable, Secrets, Servable
from secretscope.redaction import KNOWN
from secretscope.scopes._scope import Scope
from secretscope.scopes._tenant_view import TenantView
from secretscope.values import TenantNames


@define(eq=False)
class _Opening:
    """A tenant that is being opened: whoever wants it waits here."""

    done: anyio.Event = field(factory=anyio.Event)
    views: tuple[TenantView, ...] | None = None
    error: Exception | None = None


class Lifetime:
    """What an open lifetime holds; its readers and blocks ask it where they stand.

    Args:
        concurrency: how many refs are fetched at once.
        close_timeout: seconds that each store may take to close.
    """

    def __init__(self, *, concurrency: int = 32, close_timeout: float = 5.0) -> None:
        self.scopes: list[Scope] = []
        self.limiter = anyio.CapacityLimiter(concurrency)
        self._close_timeout = close_timeout
        self._group: TaskGroup = anyio.create_task_group()
        self._context: Context = copy_context()
        self._opened: list[Openable] = []
        self._served: set[int] = set()
        self._opening: dict[str, _Opening] = {}
        self._own: dict[str, tuple[Secrets, ...]] = {}
        self._overridden: Callable[[], str | None] = lambda: None

    # --- opening and closing ---------------------------------------------------------

    async def start(self) -> None:
        """Begin; stores are served from now on."""
        await self._group.__aenter__()
        KNOWN.hold_with(self)

    async def serve(self, store: Secrets) -> None:
        """Open a store, once, and run what it does in the background."""
        if id(store) in self._served:
            return
        self._served.add(id(store))
        if isinstance(store, Openable):
            await store.open()
            self._opened.append(store)
        if isinstance(store, Servable):
            await self._group.start(store.serve)

    def add(self, scope: Scope) -> None:
        """Take a store in."""
        self.scopes.append(scope)
        scope.start(self)

    async def close(self) -> list[Exception]:
        """End every frame and task, and close every store; return what failed."""
        failures: list[Exception] = []
        for scope in self.scopes:
            scope.stop()
        self._group.cancel_scope.shield = True
        self._group.cancel_scope.cancel()
        try:
            await self._group.__aexit__(None, None, None)
        finally:  # it may hand on a cancellation from outside
            for store in reversed(self._opened):
                failures += await self._close(store)
            self._opened.clear()
        return failures

    def held_values(self) -> Iterator[str]:
        """Yield every value that an open frame can read: they stay masked."""
        for scope in self.scopes:
            yield from scope.held_values()

    async def _close(self, store: Openable) -> list[Exception]:
        try:
            with anyio.fail_after(self._close_timeout, shield=True):
                await store.aclose()
        except Exception as failure:  # noqa: BLE001 - the others close too
            return [failure]
        return []

    # --- its stores ------------------------------------------------------------------

    def watch(self, overridden: Callable[[], str | None]) -> None:
        """Ask this whenever an override comes or goes: which store is not its own."""
        self._overridden = overridden

    def reconsider(self) -> None:
        """Look again whether a store is overridden; while one is, every read raises."""
        store = self._overridden()
        for scope in self.scopes:
            scope.question(store)

    @property
    def names(self) -> tuple[str, ...]:
        """What its stores are called."""
        return tuple(scope.name for scope in self.scopes)

    def scope_of(self, store: object) -> Scope:
        """Return the scope behind a ScopedSecrets or its reader.

        Raises:
            UnknownStoreError: It is none of this lifetime's.
        """
        reader = getattr(store, "reader", store)
        scope = getattr(reader, "scope", None)
        if isinstance(scope, Scope) and scope.lifetime is self:
            return scope
        raise UnknownStoreError(repr(store), known=self.names)

    # --- tenants ---------------------------------------------------------------------

    def check_tenant(self, name: str) -> str:
        """Return the name if every store allows it."""
        TenantNames().check(name)
        for scope in self.scopes:
            if scope.tenant_plan is not None:
                scope.tenant_plan.names.check(name)
        return name

    async def tenant(self, name: str) -> tuple[TenantView, ...]:
        """Return the tenant's views, with what it needs at hand.

        One fetch serves any number of waiters, and none of them can cancel it.

        Raises:
            StoreError: A store failed (or what a store of yours raises).
        """
        opening = self._opening.get(name)
        if opening is None:
            ready = self._ready(name)
            if ready is not None:
                return ready
            opening = self._opening[name] = _Opening()
            self._context.copy().run(self._group.start_soon, self._open, name, opening)
        await opening.done.wait()
        if opening.error is not None:
            raise again(opening.error)
        if opening.views is None:
            raise ScopeClosedError("the lifetime")
        return opening.views

    def _ready(self, name: str) -> tuple[TenantView, ...] | None:
        views = tuple(scope.tenants.get(name) for scope in self.scopes)
        found = tuple(view for view in views if view is not None)
        if len(found) < len(views):
            return None
        warm = all(
            view.is_warm(scope.needs)
            for view, scope in zip(found, self.scopes, strict=True)
        )
        return found if warm else None

    async def _open(self, name: str, opening: _Opening) -> None:
        try:
            opening.views = await self._open_views(name)
        except Exception as error:  # noqa: BLE001 - told to who waits, not to the group
            opening.error = error
        finally:
            del self._opening[name]
            opening.done.set()

    async def _open_views(self, name: str) -> tuple[TenantView, ...]:
        stores = self._own.get(name)
        if stores is None:
            stores = tuple([await scope.own_store(name) for scope in self.scopes])
            for store in stores:
                await self.serve(store)
            self._own[name] = stores
        views = tuple(
            scope.view_of(name, store)
            for scope, store in zip(self.scopes, stores, strict=True)
        )
        failed: dict[str, Exception] = {}

        async def warm(view: TenantView, needs: Sequence[str]) -> None:
            failed.update(await view.warm(needs, self.limiter))

        async with anyio.create_task_group() as group:
            for view, scope in zip(views, self.scopes, strict=True):
                group.start_soon(warm, view, scope.needs)
        for _, error in sorted(failed.items()):
            if not isinstance(error, MissingSecretError):
                raise error
        return views
