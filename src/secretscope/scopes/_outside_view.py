"""What is seen outside all tenants: of the application's, what tenants inherit."""

from __future__ import annotations

from secretscope.errors import NoTenantError
from secretscope.scopes._store_view import StoreView
from secretscope.scopes._view import Viewed
from secretscope.values import Secret, parse_ref


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
            self._app._shelf.refused(None, ref, "NoTenantError")
            raise NoTenantError(ref)
        return self._app
