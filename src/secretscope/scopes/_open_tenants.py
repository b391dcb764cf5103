"""The tenants that are open: opened on first use, once for all, and forgotten."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextvars import Context

import anyio
from anyio.abc import TaskGroup
from attrs import define, field

from secretscope.cache import again
from secretscope.errors import MissingSecretError, ScopeClosedError
from secretscope.protocols import Announcing, Forgetful, Observable, Secrets
from secretscope.scopes._hosting import Hosting
from secretscope.scopes._scope import Scope
from secretscope.scopes._tenant_view import TenantView
from secretscope.values import Rotation, split_location

Views = tuple[TenantView, ...]
Tell = Callable[[Rotation, str, Sequence[str]], None]
"""Tells of a rotation in a tenant's own store: the tenant, and its refs."""


@define(eq=False)
class _Opening:
    """A tenant that is being opened: whoever wants it waits here."""

    done: anyio.Event = field(factory=anyio.Event)
    scope: anyio.CancelScope = field(factory=anyio.CancelScope)
    views: Views | None = None
    error: Exception | None = None


@define(eq=False)
class _Own:
    """What a tenant has to itself: its stores, and what follows them."""

    stores: list[Secrets] = field(factory=list[Secrets])
    followed: list[Callable[[], None]] = field(factory=list[Callable[[], None]])


class OpenTenants:
    """Opens tenants, once for any number of waiters, and lets them go.

    Args:
        scopes: the stores; a tenant has a view of each.
        group: where tenants are opened: no waiter's end cancels that.
        context: what that runs in; no waiter's frame reaches it.
        hosting: opens and closes tenants' own stores.
        limiter: bounds how many refs are fetched at once.
        tell: tells of rotations in tenants' own stores.
    """

    def __init__(
        self,
        scopes: list[Scope],
        *,
        group: TaskGroup,
        context: Context,
        hosting: Hosting,
        limiter: anyio.CapacityLimiter,
        tell: Tell,
    ) -> None:
        self._scopes = scopes
        self._group = group
        self._context = context
        self._hosting = hosting
        self._limiter = limiter
        self._tell = tell
        self._opening: dict[str, _Opening] = {}
        self._own: dict[str, _Own] = {}

    async def open(self, name: str) -> Views:
        """Return the tenant's views, with what it needs at hand.

        One fetch serves any number of waiters, and none of them can cancel it.

        Raises:
            StoreError: A store failed (or what a store of yours raises).
            ScopeClosedError: The lifetime ended meanwhile, or the tenant was forgotten.
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

    async def forget(self, name: str) -> list[Exception]:
        """Let go of a tenant: its frames end, and what was kept of it goes.

        Returns:
            What failed as its own stores were closed.
        """
        opening = self._opening.get(name)
        if opening is not None:
            opening.error = ScopeClosedError(f"tenant {name!r}")
            opening.scope.cancel()
            await opening.done.wait()
        self._drop(name)
        return await self._close_own(name)

    def _drop(self, name: str) -> None:
        """End a tenant's frames, and drop what was kept of it here and in the stores."""
        for scope in self._scopes:
            view = scope.end_tenant(name)
            if view is None:
                continue
            bases = view.bases()
            view.wipe()
            if isinstance(view.kept_in, Forgetful):
                for base in bases:
                    view.kept_in.forget(base)

    async def _close_own(self, name: str) -> list[Exception]:
        own = self._own.pop(name, None)
        failures: list[Exception] = []
        if own is not None:
            for unfollow in own.followed:
                unfollow()
            for store in reversed(own.stores):
                failures += await self._hosting.release(store)
        return failures

    def _ready(self, name: str) -> Views | None:
        views = tuple(scope.tenants.get(name) for scope in self._scopes)
        found = tuple(view for view in views if view is not None)
        if len(found) < len(views):
            return None
        warm = all(
            view.is_warm(scope.needs)
            for view, scope in zip(found, self._scopes, strict=True)
        )
        return found if warm else None

    async def _open(self, name: str, opening: _Opening) -> None:
        views: Views | None = None
        try:
            with opening.scope:
                views = await self._views(name)
        except Exception as error:  # noqa: BLE001 - told to who waits, not to the group
            opening.error = opening.error or error
        finally:
            if opening.error is None:
                opening.views = views
            del self._opening[name]
            opening.done.set()

    async def _views(self, name: str) -> Views:
        views = [await self._view(name, scope) for scope in self._scopes]
        failed: dict[str, Exception] = {}

        async def warm(view: TenantView, needs: Sequence[str]) -> None:
            failed.update(await view.warm(needs, self._limiter))
            view.keep(needs)

        async with anyio.create_task_group() as group:
            for view, scope in zip(views, self._scopes, strict=True):
                group.start_soon(warm, view, scope.needs)
        for _, error in sorted(failed.items()):
            if not isinstance(error, MissingSecretError):
                raise error
        return tuple(views)

    async def _view(self, name: str, scope: Scope) -> TenantView:
        view = scope.tenants.get(name)
        if view is not None:
            return view
        store = await scope.own_store(name)
        if store is scope.store:
            return scope.view_of(name, store)
        await self._hosting.serve(store)
        own = self._own.setdefault(name, _Own())
        own.stores.append(store)
        view = scope.view_of(name, store)
        if isinstance(store, Observable):
            own.followed.append(store.subscribe(view.changed))
        if isinstance(store, Announcing):
            own.followed.append(store.on_rotation(self._announce(view)))
        return view

    def _announce(self, view: TenantView) -> Callable[[Rotation], None]:
        def rotated(rotation: Rotation) -> None:
            base = split_location(rotation.ref)[0]
            refs = view.found_at(base) or [base]
            self._tell(rotation, view.tenant or "", refs)

        return rotated
