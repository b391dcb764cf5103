"""The tenants that are open: opened on first use, once for all, and let go of."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from functools import partial

import anyio
from anyio.lowlevel import checkpoint
from attrs import define, field

from secretscope.errors import ExpiredError, MissingSecretError, ScopeClosedError, again
from secretscope.protocols import Forgetful
from secretscope.scopes._breaker import Breakers
from secretscope.scopes._crowd import Crowd
from secretscope.scopes._limits import TenantLimits
from secretscope.scopes._own_stores import OwnStores
from secretscope.scopes._scope import Scope
from secretscope.scopes._tenant_view import TenantView
from secretscope.values import TenantStatus

_SWEEPS = 4
"""How often within the idle time those are looked for that nobody enters."""
_CHUNK = 256
"""How many are looked at in one step of the loop."""

Views = tuple[TenantView, ...]


@define(eq=False)
class _Opening:
    """A tenant that is being opened: whoever wants it waits here."""

    done: anyio.Event = field(factory=anyio.Event)
    scope: anyio.CancelScope = field(factory=anyio.CancelScope)
    views: Views | None = None
    error: Exception | None = None
    held: TenantView | None = None
    waiters: int = 0


class OpenTenants:
    """Opens tenants, once for any number of waiters, and lets them go.

    Args:
        scopes: the stores; a tenant has a view of each.
        start: runs an async function in the background: no waiter's end cancels it, and
            no waiter's frame reaches it; called from any thread.
        own: the stores that tenants have to themselves.
        limiter: bounds how many refs are fetched at once.
        gone: told of each tenant that has been let go of, and why.
        clock: gives seconds, monotonic; one that has ``async sleep(seconds)`` is slept
            by, too.

    Attributes:
        crowd: those that are open.
        turned_away: told of each tenant whose opening fails at once, and with what.
    """

    def __init__(
        self,
        scopes: list[Scope],
        *,
        start: Callable[[Callable[[], Awaitable[None]]], None],
        own: OwnStores,
        limiter: anyio.CapacityLimiter,
        gone: Callable[[str, str], None],
        clock: Callable[[], float],
    ) -> None:
        self._scopes = scopes
        self._start = start
        self._own = own
        self._limiter = limiter
        self._gone = gone
        self._second = 0
        self._clock = clock
        self.crowd = Crowd(TenantLimits())
        self.turned_away: Callable[[str, Exception], None] = lambda name, error: None
        self._breakers = Breakers(self.crowd.limits, clock)
        self._opening: dict[str, _Opening] = {}

    def limit(self, limits: TenantLimits) -> None:
        """Keep to these limits; called once, before the first tenant is opened."""
        self.crowd = Crowd(limits)
        self._breakers = Breakers(limits, self._clock)
        for scope in self._scopes:
            scope.limit(limits)
        if limits.idle is not None and self._scopes:
            self._start(partial(self._sweep, limits.idle))

    # --- opening ---------------------------------------------------------------------

    async def open(self, name: str) -> Views:
        """Return the tenant's views, with what it needs at hand.

        One fetch serves any number of waiters, and none of them can cancel it. Who does
        not `enter` them at once may find that they have been let go of.

        Raises:
            StoreError: A store failed (or what a store of yours raises).
            ScopeClosedError: The lifetime ended meanwhile, or the tenant was forgotten.
        """
        opening = self._opening.get(name)
        if opening is None:
            ready = self.ready(name)
            if ready is not None:
                return ready
            refusal = self._breakers.refusal(name)
            if refusal is not None:
                self.turned_away(name, refusal)
                raise again(refusal)
            opening = self._opening[name] = _Opening()
            self._start(partial(self._open, name, opening))
        opening.waiters += 1
        try:
            await opening.done.wait()
        finally:
            opening.waiters -= 1
            self._unhold(opening)
        if opening.error is not None:
            raise again(opening.error)
        if opening.views is None:
            raise ScopeClosedError("the lifetime")
        return opening.views

    def _now(self) -> int:
        """Return whole seconds, the same object within one: each view keeps it."""
        now = int(self._clock())
        if now != self._second:
            self._second = now
        return self._second

    def enter(self, views: Views) -> bool:
        """Hold a tenant open for one block; tell whether it was open still."""
        return not views or views[0].enter(self._now())

    def leave(self, views: Views) -> None:
        """End one block's hold of a tenant."""
        if views:
            views[0].leave(self._now())
            self.crowd.weigh(views)
            if self.crowd.is_full:  # all were in use when one should have gone
                self._start(self._make_room_now)

    def ready(self, name: str) -> Views | None:
        """Return the tenant's views if all that it needs is at hand, on any thread."""
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
                views = await self._views(name, opening)
        except Exception as error:  # noqa: BLE001 - told to who waits, not to the group
            opening.error = opening.error or error
            self._breakers.failed(name, error)
        finally:
            if opening.error is None:
                opening.views = views
                self._breakers.succeeded(name)
            del self._opening[name]
            opening.done.set()
            self._unhold(opening)

    def _unhold(self, opening: _Opening) -> None:
        """Once all who waited have it, let the tenant go when its time comes."""
        held = opening.held
        if held is not None and opening.done.is_set() and not opening.waiters:
            opening.held = None
            held.leave(held.used)

    async def _views(self, name: str, opening: _Opening) -> Views:
        await self._own.settled(name)
        views: list[TenantView] = []
        for scope in self._scopes:
            views.append(await self._view(name, scope))
            if opening.held is None:
                opening.held = views[0]
                views[0].enter(views[0].used)
        failed: dict[str, Exception] = {}

        async def warm(view: TenantView, needs: Sequence[str]) -> None:
            failed.update(await view.warm(needs, self._limiter))
            view.keep(needs)

        async with anyio.create_task_group() as group:
            for view, scope in zip(views, self._scopes, strict=True):
                group.start_soon(warm, view, scope.needs)
        self.crowd.weigh(tuple(views))
        self._make_room()
        for _, error in sorted(failed.items()):
            if not isinstance(error, MissingSecretError | ExpiredError):  # reads say so
                raise error
        return tuple(views)

    async def _view(self, name: str, scope: Scope) -> TenantView:
        view = scope.tenants.get(name)
        if view is not None:
            return view
        store = await scope.own_store(name)
        if store is not scope.store:
            await self._own.open(name, store)
        view = scope.view_of(name, store)
        if scope is self._scopes[0]:
            self.crowd.add(view)
        if view.apart:
            self._own.follow(view)
        return view

    def report(self) -> list[TenantStatus]:
        """Return the tenants that are open, the one that was used last at the end."""
        now = self._now()
        members = sorted(self.crowd.members(), key=lambda view: view.used)
        return [self._status(view, now) for view in members]

    def _status(self, lead: TenantView, now: int) -> TenantStatus:
        name = lead.tenant or ""
        found = (scope.tenants.get(name) for scope in self._scopes)
        views = [view for view in found if view is not None]
        return TenantStatus(
            tenant=name,
            blocks=lead.blocks,
            refs=sum(len(view.refs()) for view in views),
            weight=sum(view.weight() for view in views),
            idle=0 if lead.blocks else now - max(lead.used, 0),
        )

    # --- letting go ------------------------------------------------------------------

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
        for scope in self._scopes:
            scope.end_frames(name)
        self._breakers.succeeded(name)
        self._drop(name, "forget")
        return await self._own.close(name)

    def _make_room(self) -> None:
        """Let go of those that were not used lately, while there are too many."""
        while self.crowd.is_full:
            victim = self.crowd.victim()
            if victim is None or not self._evict(victim):
                return

    async def _make_room_now(self) -> None:
        self._make_room()

    def _evict(self, lead: TenantView) -> bool:
        """Let go of a tenant, unless a block is open in it."""
        if not lead.end(if_unused=True):
            return False
        name = lead.tenant or ""
        self._drop(name, "eviction")
        if name in self._own:
            self._start(partial(self._own.close_quietly, name))
        return True

    async def _sweep(self, idle: float) -> None:
        """Let go of those that nobody has entered for long, a few at a time."""
        sleep: Callable[[float], Awaitable[None]] = getattr(
            self._clock, "sleep", anyio.sleep
        )
        while True:
            await sleep(max(idle / _SWEEPS, 1.0))
            for number, view in enumerate(self.crowd.members()):
                if number % _CHUNK == 0:
                    await checkpoint()
                if view.used <= self._clock() - idle and not view.blocks:
                    self._evict(view)

    def _drop(self, name: str, why: str) -> None:
        """Drop what was kept of a tenant here, in the stores, and in who is told."""
        for scope in self._scopes:
            view = scope.tenants.pop(name, None)
            if view is None:
                continue
            view.end(if_unused=False)
            if scope is self._scopes[0]:
                self.crowd.leave(view)
            bases = view.everywhere()
            view.wipe()
            if isinstance(view.kept_in, Forgetful):
                for base in bases:
                    view.kept_in.forget(base)
        self._gone(name, why)
