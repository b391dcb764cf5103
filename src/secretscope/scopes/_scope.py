"""One store of a lifetime, with everybody's views of it."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator

from attrs import define, field

from secretscope.errors import ConfigurationError, MalformedSecretError
from secretscope.protocols import Namespaced, Observable, Owned, Secrets
from secretscope.scopes._frame import Frame
from secretscope.scopes._plan import AppPlan, TenantPlan, refuse_tenants_place
from secretscope.scopes._store_view import StoreView
from secretscope.scopes._tenant_view import OutsideView, TenantView
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
        overridden: the store that tests overrode while it was open, by name.
        base: the frame of whoever has entered none.
    """

    name: str
    store: Secrets
    app_plan: AppPlan = field(factory=AppPlan)
    tenant_plan: TenantPlan | None = None
    env_fallback: bool = True
    needs: tuple[str, ...] = ()
    lifetime: object = field(default=None, init=False)
    overridden: str | None = field(default=None, init=False)
    app: StoreView = field(init=False)
    base: Frame = field(init=False)
    tenants: dict[str, TenantView] = field(factory=dict[str, TenantView], init=False)
    _unsubscribe: Callable[[], None] | None = field(default=None, init=False)

    def __attrs_post_init__(self) -> None:
        self.app = StoreView(self.store, self._app_place, where="the application")
        plan = self.tenant_plan
        view: View = self.app
        if plan is not None:
            view = OutsideView(self.app, plan.inherit)
        self.base = Frame(self, view)

    def _app_place(self, ref: str) -> str:
        return refuse_tenants_place(ref, self.app_plan.place(ref), self.tenant_plan)

    def start(self, lifetime: object) -> None:
        """Follow the store's changes, and tell it whose places are whose."""
        self.lifetime = lifetime
        if self.tenant_plan is not None and isinstance(self.store, Owned):
            self.store.owner = self.tenant_plan.owner
        if isinstance(self.store, Observable):
            self._unsubscribe = self.store.subscribe(self._changed)

    def stop(self) -> None:
        """End every frame, and follow no more."""
        self.base.close()
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
        for view in (self.app, *self.tenants.values()):
            yield from view.held_values()

    async def own_store(self, tenant: str) -> Secrets:
        """Return the store that a tenant's refs are kept in.

        Raises:
            ConfigurationError: The store has no namespaces.
            MalformedSecretError: What gave the tenant's store gave something else.
        """
        plan = self.tenant_plan
        if plan is None or not plan.kept_apart:
            return self.store
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
        """Return the tenant's view, made at its first entry."""
        view = self.tenants.get(tenant)
        if view is None:
            plan = self.tenant_plan
            view = TenantView(
                store,
                (lambda ref: plan.place(tenant, ref)) if plan else (lambda ref: None),
                tenant=tenant,
                app=self.app,
                inherit=plan.inherit if plan else frozenset(),
            )
            self.tenants[tenant] = view
            if plan and plan.kept_apart and isinstance(store, Observable):
                store.subscribe(view.changed)
        return view

    def _changed(self, base: str) -> None:
        owned = self.tenant_plan.tenant_at(base) if self.tenant_plan else None
        view = self.tenants.get(owned[0]) if owned else self.app
        if view is not None:
            view.changed(base)
