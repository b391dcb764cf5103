"""A lifetime: its frames, its open tenants, and the tasks that serve its stores."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from contextvars import Context, copy_context
from functools import partial
from typing import Any, TypeVar

import anyio
from anyio.abc import TaskGroup

from secretscope.errors import InvalidTenantError, UnknownStoreError
from secretscope.protocols import Secrets
from secretscope.redaction import KNOWN
from secretscope.scopes._closing import Closing
from secretscope.scopes._forks import stay_with_the_parent
from secretscope.scopes._frame import Frame, standing
from secretscope.scopes._home import Home
from secretscope.scopes._hosting import Hosting
from secretscope.scopes._instance import Close
from secretscope.scopes._instances import Instances
from secretscope.scopes._limits import TenantLimits, strictest
from secretscope.scopes._open_tenants import OpenTenants, Views
from secretscope.scopes._own_stores import OwnStores
from secretscope.scopes._refusals import Refusals
from secretscope.scopes._rotations import Rotations
from secretscope.scopes._scope import Scope
from secretscope.scopes._status import status_of
from secretscope.scopes._store_rotations import StoreRotations
from secretscope.scopes._trail import Sink, Trail
from secretscope.values import (
    Rotation,
    SecretStatus,
    TenantNames,
    TenantStatus,
)

T = TypeVar("T")


class Lifetime:
    """What an open lifetime holds; its readers and blocks ask it where they stand.

    It is made on the loop that it lives on.

    Args:
        concurrency: how many refs are fetched at once.
        close_timeout: seconds that each store, and each instance, may take to close.
        clock: gives seconds, monotonic; one that has ``async sleep(seconds)`` is slept
            by, too.
        limits: bounds on its tenants; without them, those of its stores' settings.
        audit: told of what happens in its scopes.

    Attributes:
        trail: hands that on; None is nobody.
        on_fork: called in a child process, which must not use what is held.
    """

    def __init__(
        self,
        *,
        concurrency: int = 32,
        close_timeout: float = 5.0,
        clock: Callable[[], float] = time.monotonic,
        limits: TenantLimits | None = None,
        audit: Sink | None = None,
    ) -> None:
        self._limits = limits
        self.trail = audit and Trail(audit, self.spawn, timeout=close_timeout)
        self.scopes: list[Scope] = []
        self.limiter = anyio.CapacityLimiter(concurrency)
        self._group: TaskGroup = anyio.create_task_group()
        self._context: Context = copy_context()
        self._backs: list[Scope] = []
        self._store_rotations = StoreRotations(lambda: self.all_scopes, self._announce)
        self._overridden: Callable[[], str | None] = lambda: None
        self.home = Home()
        self._hosting = Hosting(self._group, close_timeout=close_timeout)
        self.rotations = Rotations(self.spawn, self._context.copy)
        self.forgets: list[Callable[[str], None]] = []
        self._closing = Closing(self.spawn, clock=clock, timeout=close_timeout)
        self._instances: list[Instances[Any]] = []
        self.on_fork: Callable[[], None] = lambda: None
        self.tenants = OpenTenants(
            self.scopes,
            start=self._start,
            own=OwnStores(self._hosting, self._store_rotations.tell),
            limiter=self.limiter,
            gone=self._gone,
            clock=clock,
        )
        sleep = getattr(clock, "sleep", anyio.sleep)
        self._refusals = Refusals(partial(self.note, "refusal"), self.spawn, sleep)
        if self.trail is not None:
            self.tenants.turned_away = self._refusals.tenant

    # --- opening and closing ---------------------------------------------------------

    async def start(self) -> None:
        """Begin; stores are served from now on."""
        await self._group.__aenter__()
        self._group.start_soon(self.home.serve)
        KNOWN.hold_with(self)
        stay_with_the_parent(self)

    def left_behind(self) -> None:
        """End every frame: this process is a child of the one that it lives in."""
        self.home.left_behind()
        for scope in self.all_scopes:
            scope.base.close()
        self.on_fork()

    async def serve(self, store: Secrets) -> None:
        """Open a store, once, and run what it does in the background."""
        await self._hosting.serve(store)

    def add(self, scope: Scope) -> None:
        """Take a store in that tasks have frames of."""
        self.scopes.append(scope)
        self._follow(scope)

    def back(self, scope: Scope) -> None:
        """Take a store in that is read directly, whatever frame a task stands in."""
        self._backs.append(scope)
        self._follow(scope)
        for base in scope.app.bases():  # nobody followed since it was warmed
            scope.app.changed(base)

    def _follow(self, scope: Scope) -> None:
        scope.start(self, self.home)
        scope.shelf.announce = self._announce
        if self.trail is not None:
            scope.shelf.first_read = self._first_read
            scope.shelf.refused = self._refused
            scope.shelf.unasked = self._refusals.store
        self._store_rotations.follow(scope.store)

    async def close(self) -> list[Exception]:
        """End every frame and task, and close every store; return what failed."""
        for scope in self.all_scopes:
            scope.stop()
        self._store_rotations.close()
        self.rotations.clear()
        failures: list[Exception] = []
        with anyio.CancelScope(shield=True):  # each has its own bound
            failures += await self._closing.close_all()
            self._refusals.close()
            if self.trail is not None:
                await self.trail.close()
        self.home.close()
        self._group.cancel_scope.shield = True
        self._group.cancel_scope.cancel()
        try:
            await self._group.__aexit__(None, None, None)
        finally:  # it may hand on a cancellation from outside
            failures += await self._hosting.close()
        return failures

    def _start(self, act: Callable[[], Awaitable[None]]) -> None:
        """Run this in the background; called from a task, or from another thread."""
        if not self.home.is_here:
            self.home.post(act)
            return
        run: Any = self._context.copy().run
        run(self._group.start_soon, act)

    def spawn(self, act: Callable[[], Awaitable[None]]) -> None:
        """Run this on the lifetime's loop, in its context; called from any thread."""
        self.home.post(act)

    @property
    def patience(self) -> float:
        """Seconds that closing may take in all: who waits longer waits in vain."""
        return self._closing.patience + self._hosting.patience

    def held_values(self) -> Iterator[str]:
        """Yield every value that an open frame can read: they stay masked."""
        for scope in self.all_scopes:
            yield from scope.held_values()

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
    def all_scopes(self) -> tuple[Scope, ...]:
        """Every store, read in frames or directly."""
        return (*self.scopes, *self._backs)

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
        raise UnknownStoreError(f"this {type(store).__name__}", known=self.names)

    def status(self, tenant: str | None = None) -> list[SecretStatus]:
        """Return how every ref of every open scope is doing, without any I/O."""
        return status_of(self.all_scopes, tenant)

    def top(self) -> Frame | None:
        """Return the frame on top of where the running task stands in this lifetime.

        Returns:
            None where it holds no store that tasks have frames of.

        Raises:
            ScopeClosedError: It has ended.
        """
        frame: Frame | None = standing()
        while frame is not None and frame.scope.lifetime is not self:
            frame = frame.parent
        if frame is None:
            frame = self.scopes[0].base if self.scopes else None
        if frame is not None and frame.owner is None:
            frame.refuse()
        return frame

    def instances(
        self,
        build: Callable[[], T],
        *,
        grace: float,
        closer: Callable[[T], Close | None],
    ) -> Instances[T]:
        """Return what keeps one provider's instances while this lifetime is open."""
        kept = Instances(
            build, self._closing, here=self.top, grace=grace, closer=closer
        )
        self._instances.append(kept)
        return kept

    # --- rotations -------------------------------------------------------------------

    def _announce(self, rotation: Rotation) -> None:
        for instances in self._instances:
            instances.rotated(rotation)
        self.rotations.tell(rotation)
        self.note("rotation", rotation.tenant, [rotation.ref], rotation.new or "gone")

    # --- tenants ---------------------------------------------------------------------

    def check_tenant(self, name: str) -> str:
        """Return the name if every store allows it."""
        try:
            TenantNames().check(name)
            for scope in self.scopes:
                if scope.tenant_plan is not None:
                    scope.tenant_plan.names.check(name)
        except InvalidTenantError:
            self.note("refusal", None, detail="InvalidTenantError")
            raise
        return name

    async def tenant(self, name: str) -> Views:
        """Return the tenant's views, with what it needs at hand (`OpenTenants.open`)."""
        return await self.tenants.open(name)

    def settle(self) -> None:
        """Take the limits of its stores' plans, now that they are all here."""
        plans = [scope.tenant_plan for scope in self.scopes]
        given = [plan.limits for plan in plans if plan and plan.limits]
        self.tenants.limit(self._limits or strictest(given))

    def open_tenants(self) -> list[TenantStatus]:
        """Return the tenants that are open, the one that was used last at the end."""
        return self.tenants.report()

    def is_unknown(self, name: str) -> bool:
        """Tell whether no store had any of what was asked for in an open tenant."""
        views = [scope.tenants.get(name) for scope in self.scopes]
        asked = [view for view in views if view is not None and view.refs()]
        return bool(asked) and all(view.is_bare for view in asked)

    def note(
        self,
        kind: str,
        tenant: str | None,
        refs: Iterable[str] = (),
        detail: str = "",
    ) -> None:
        """Take note of something in the audit trail, where there is one."""
        if self.trail is not None:
            self.trail.note(kind, tenant, refs, detail)

    def _first_read(self, tenant: str | None, ref: str) -> None:
        self.note("read", tenant, [ref])

    def _refused(self, tenant: str | None, ref: str, error: str) -> None:
        self.note("refusal", tenant, [ref], error)

    def _gone(self, name: str, why: str) -> None:
        self.note(why, name)
        for instances in self._instances:
            instances.drop(name)

    async def forget(self, name: str) -> Sequence[Exception]:
        """Let go of a tenant (`OpenTenants.forget`); return what failed to close."""
        failures = await self.tenants.forget(self.check_tenant(name))
        for listener in tuple(self.forgets):
            listener(name)
        KNOWN.forget(name)
        return failures
