"""What a tenant sees, and what is seen where refs belong to tenants."""

from __future__ import annotations

from collections.abc import Callable

from secretscope.errors import MissingSecretError, NoTenantError
from secretscope.protocols import Secrets
from secretscope.scopes._store_view import StoreView
from secretscope.scopes._view import Viewed
from secretscope.values import parse_ref


class TenantView(StoreView):
    """A tenant's own place, and behind it what it may take from the application."""

    __slots__ = ("_app", "_inherit")

    def __init__(
        self,
        store: Secrets,
        place: Callable[[str], str | None],
        *,
        tenant: str,
        app: StoreView,
        inherit: frozenset[str],
    ) -> None:
        super().__init__(store, place, where=f"tenant {tenant!r}", tenant=tenant)
        self._app = app
        self._inherit = inherit

    def peek(self, ref: str) -> str:
        """Return the tenant's own; where it has none, what it inherits."""
        try:
            return super().peek(ref)
        except MissingSecretError:
            if ref not in self._inherit:
                raise
        return self._app.peek(ref)

    async def resolve(self, ref: str) -> str:
        """Return the tenant's own, fetched if need be; else what it inherits."""
        try:
            return await super().resolve(ref)
        except MissingSecretError:
            if ref not in self._inherit:
                raise
        return await self._app.resolve(ref)

    async def refresh(self, ref: str, bad: str | None) -> None:
        """Fetch anew the value that is read here, own or inherited."""
        inherited = False
        if ref in self._inherit:
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
