"""One store of a lifetime, with everybody's views of it."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator

from attrs import define, field

from secretscope.errors import ConfigurationError, MalformedSecretError
from secretscope.protocols import Namespaced, Observable, Owned, Secrets, Tenanted
from secretscope.scopes._app_view import AppView
from secretscope.scopes._frame import Frame, Overrides
from secretscope.scopes._home import ANYWHERE, Anywhere
from secretscope.scopes._kept import Shelf
from secretscope.scopes._limits import TenantLimits
from secretscope.scopes._outside_view import OutsideView
from secretscope.scopes._plan import AppPlan, TenantPlan, refuse_tenants_place
from secretscope.scopes._tenant_view import TenantSite, TenantView
from secretscope.scopes._turns import Turns
from secretscope.scopes._view import View


@define(eq=False)
class Scope:
    """A store, where its refs are kept, and what each frame sees of it.

    Attributes:
        name: what errors call it.
        store: the application's store, open while the lifetime is.
        app_plan: where the application's refs are kept.
        tenant_plan: where tenants' are; None where there are no tenants.
        env_fallback: whether a missing ref of the application may be looked for in
            the environment by who asked.
        needs: refs that a tenant's frame warms as it opens.
        lifetime: the lifetime that holds it, once it does.
        home: the loop that the lifetime lives on.
        overridden: the store that tests overrode while it was open, by name.
        app: what the application sees.
        base: the frame of whoever has entered none.
        tenants: what each open tenant sees.
        shelf: what all of these views share.
        forced: what tests put before everything, by tenant; None is the application.
    """

    name: str
    store: Secrets
    app_plan: AppPlan = field(factory=AppPlan)
    tenant_plan: TenantPlan | None = None
    env_fallback: bool = True
    needs: tuple[str, ...] = ()
    lifetime: object = field(default=None, init=False)
    home: Anywhere = field(default=ANYWHERE, init=False)
    overridden: str | None = field(default=None, init=False)
    shelf: Shelf = field(factory=Shelf, init=False)
    forced: dict[str | None, Overrides] = field(
        factory=dict["str | None", Overrides], init=False, repr=False
    )
    app: AppView = field(init=False)
    base: Frame = field(init=False)
    tenants: dict[str, TenantView] = field(factory=dict[str, TenantView], init=False)
    _site: TenantSite = field(init=False)
    _unsubscribe: Callable[[], None] | None = field(default=None, init=False)

    def __attrs_post_init__(self) -> None:
        self.app = AppView(self.store, self.shelf, self._app_place)
        plan = self.tenant_plan
        view: View = self.app
        if plan is not None:
            view = OutsideView(self.app, plan.inherit)
        self.base = Frame(self, view)
        self._site = TenantSite(self.store, self.shelf, app=self.app, plan=plan)

    def _app_place(self, ref: str) -> str:
        return refuse_tenants_place(ref, self.app_plan.place(ref), self.tenant_plan)

    def start(self, lifetime: object, home: Anywhere) -> None:
        """Follow the store's changes, and tell it whose places are whose."""
        self.lifetime = lifetime
        self.home = home
        if self.tenant_plan is not None and isinstance(self.store, Owned):
            self.store.owner = self.tenant_plan.owner
        if isinstance(self.store, Observable):
            self._unsubscribe = self.store.subscribe(self._changed)

    def stop(self) -> None:
        """End every frame, keep nothing fresh, and follow no more."""
        self.base.close()
        for view in (self.app, *self.tenants.values()):
            view.let_go()
        if self._unsubscribe is not None:
            self._unsubscribe()
            self._unsubscribe = None

    def question(self, store: str | None) -> None:
        """Stop every read while a store is overridden; None lets them go on."""
        self.overridden = store
        for frame in self.base.family():
            frame.owner = None if store or frame.ended else self

    def held_values(self) -> Iterator[str]:
        """Yield every value that an open frame can read."""
        for frame in self.base.family():
            frame.view.seen.clear()  # whoever enters from now on makes them known anew
            yield from (frame.over or {}).values()
        for view in (self.app, *tuple(self.tenants.values())):
            yield from view.held_values()

    async def own_store(self, tenant: str) -> Secrets:
        """Return the store that a tenant's refs are kept in.

        Raises:
            ConfigurationError: The store has no namespaces.
            MalformedSecretError: What gave the tenant's store gave something else.
        """
        plan = self.tenant_plan
        if plan is None:
            return self.store
        if plan.namespace is None and plan.stores is None:
            own = None
            if isinstance(self.store, Tenanted):
                own = self.store.for_tenant(tenant)
            return self.store if own is None else own
        if plan.stores is not None:
            given = plan.stores(tenant)
            store = await given if inspect.isawaitable(given) else given
            if not isinstance(store, Secrets):
                raise MalformedSecretError(
                    "secrets.tenants.stores", ref=tenant, expected="a Secrets"
                )
            return store
        if not isinstance(self.store, Namespaced):
            raise ConfigurationError(
                f"tenants.namespace: {type(self.store).__name__} has no namespaces; "
                "use tenants.path or tenants.stores"
            )
        return self.store.namespaced((plan.namespace or "").replace("{tenant}", tenant))

    def view_of(self, tenant: str, store: Secrets) -> TenantView:
        """Make the tenant's view, which is open from now on."""
        site = self._site
        if store is not site.store:
            site = TenantSite(store, self.shelf, app=self.app, plan=self.tenant_plan)
        view = TenantView(site, tenant=tenant)
        self.tenants[tenant] = view
        return view

    def end_frames(self, tenant: str) -> None:
        """End every frame of a tenant."""
        for frame in list(self.base.family()):
            if frame.tenant == tenant:
                frame.close()

    def limit(self, limits: TenantLimits) -> None:
        """Keep to these limits in what is kept of each tenant."""
        self.shelf.turns = Turns(limits.max_loads)
        self.shelf.max_refs = limits.max_refs
        self.shelf.needs = lambda: self.needs

    def whose(self, base: str) -> tuple[str | None, list[str]]:
        """Return whose place a base of the store is, and the refs that are kept there.

        They are those that were asked for; where nobody asked, what the path says.
        """
        owned = self.tenant_plan.tenant_at(base) if self.tenant_plan else None
        if owned is None:
            refs = self.app.found_at(base) or self.app_plan.refs_at(base)
            return None, list(refs)
        tenant, ref = owned
        view = self.tenants.get(tenant)
        return tenant, (view.found_at(base) if view else []) or ([ref] if ref else [])

    def _changed(self, base: str) -> None:
        owned = self.tenant_plan.tenant_at(base) if self.tenant_plan else None
        view = self.tenants.get(owned[0]) if owned else self.app
        if view is not None:
            view.changed(base)
