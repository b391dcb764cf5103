"""What the application sees, what a tenant sees, and what is seen between the two."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from secretscope.errors import MissingSecretError, NoTenantError
from secretscope.protocols import Secrets
from secretscope.scopes._kept import Shelf
from secretscope.scopes._plan import TenantPlan
from secretscope.scopes._store_view import StoreView
from secretscope.scopes._view import Viewed
from secretscope.values import Secret, parse_ref, split_location


class AppView(StoreView):
    """The application's own place.

    Args:
        store: any Secrets.
        shelf: what it shares with the scope's other views.
        place: gives the location of a ref.
    """

    __slots__ = ("_at", "_by_base", "_indexed", "_needs")

    def __init__(
        self, store: Secrets, shelf: Shelf, place: Callable[[str], str]
    ) -> None:
        super().__init__(store, shelf)
        self._at = place
        self._by_base: dict[str, list[str]] = {}
        self._indexed = 0
        self._needs: dict[str, None] = {}

    def _place(self, ref: str) -> str:
        return self._at(ref)

    def refs_at(self, base: str) -> list[str]:
        """Return the refs that were asked for here and are kept at a base."""
        refs = self.refs()
        if len(refs) != self._indexed:  # none ever leaves
            found: dict[str, list[str]] = {}
            for ref in dict.fromkeys(refs):
                found.setdefault(split_location(self._at(ref))[0], []).append(ref)
            self._by_base, self._indexed = found, len(refs)
        return list(self._by_base.get(base, ()))

    def keep(self, refs: Iterable[str]) -> None:
        """Have the store keep these fresh, too, from now on."""
        self._needs.update(dict.fromkeys(refs))
        super().keep(self._needs)


class TenantView(StoreView):
    """A tenant's own place, and behind it what it may take from the application.

    Args:
        store: its own store, or the application's, in which it has a place.
        app: what the application sees.
        tenant: its name.
        plan: where its refs are kept, and what it inherits; None is nowhere.
    """

    __slots__ = ("_app", "_plan")

    def __init__(
        self, store: Secrets, app: AppView, *, tenant: str, plan: TenantPlan | None
    ) -> None:
        super().__init__(store, app._shelf, tenant=tenant)
        self._app = app
        self._plan = plan

    @property
    def apart(self) -> bool:
        """Whether it has a store, or a part of one, to itself."""
        return self._store is not self._app.kept_in

    @property
    def inherit(self) -> frozenset[str]:
        """The refs that it may take from the application."""
        return self._plan.inherit if self._plan else frozenset()

    def _place(self, ref: str) -> str | None:
        if self._plan is None:
            return None
        return self._plan.place(self._tenant or "", ref, apart=self.apart)

    def peek(self, ref: str) -> str:
        """Return the tenant's own; where it has none, what it inherits."""
        try:
            return super().peek(ref)
        except MissingSecretError:
            if ref not in self.inherit:
                raise
        return self._app.peek(ref)

    async def resolve(self, ref: str) -> str:
        """Return the tenant's own, fetched if need be; else what it inherits."""
        try:
            return await super().resolve(ref)
        except MissingSecretError:
            if ref not in self.inherit:
                raise
        return await self._app.resolve(ref)

    def peek_secret(self, ref: str) -> Secret:
        """Return the tenant's own, whole; where it has none, what it inherits."""
        try:
            return super().peek_secret(ref)
        except MissingSecretError:
            if ref not in self.inherit:
                raise
        return self._app.peek_secret(ref)

    async def resolve_secret(self, ref: str) -> Secret:
        """Return the tenant's own, whole, fetched if need be; else what it inherits."""
        try:
            return await super().resolve_secret(ref)
        except MissingSecretError:
            if ref not in self.inherit:
                raise
        return await self._app.resolve_secret(ref)

    async def refresh(self, ref: str, bad: str | None) -> None:
        """Fetch anew the value that is read here, own or inherited."""
        inherited = False
        if ref in self.inherit:
            try:
                super().peek(ref)
            except MissingSecretError:
                inherited = True
        await (self._app.refresh(ref, bad) if inherited else super().refresh(ref, bad))


class OutsideView(Viewed):
    """What the application's frame sees where refs belong to tenants."""

    __slots__ = ("_app", "_inherit")

    def __init__(self, app: StoreView, inherit: frozenset[str]) -> None:
        super().__init__(None)
        self._app = app
        self._inherit = inherit

    def peek(self, ref: str) -> str:
        """Return an inherited ref's value; any other belongs to a tenant."""
        return self._shared(ref).peek(ref)

    async def resolve(self, ref: str) -> str:
        """Return an inherited ref's value, fetched if need be."""
        return await self._shared(ref).resolve(ref)

    def peek_secret(self, ref: str) -> Secret:
        """Return an inherited ref's secret."""
        return self._shared(ref).peek_secret(ref)

    async def resolve_secret(self, ref: str) -> Secret:
        """Return an inherited ref's secret, fetched if need be."""
        return await self._shared(ref).resolve_secret(ref)

    async def put(self, ref: str, value: str) -> None:
        """Write an inherited ref's value."""
        await self._shared(ref).put(ref, value)

    async def refresh(self, ref: str, bad: str | None) -> None:
        """Fetch an inherited ref's value anew."""
        await self._shared(ref).refresh(ref, bad)

    def _shared(self, ref: str) -> StoreView:
        parse_ref(ref)
        if ref not in self._inherit:
            raise NoTenantError(ref)
        return self._app
