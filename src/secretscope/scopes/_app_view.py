"""What the application sees."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from secretscope.protocols import Secrets
from secretscope.scopes._kept import Shelf, Site
from secretscope.scopes._store_view import StoreView
from secretscope.scopes._whole import resolve_whole, whole
from secretscope.values import Secret, split_location


class AppView(StoreView):
    """The application's own place.

    Args:
        store: any Secrets.
        shelf: what it shares with the scope's other views.
        place: gives the location of a ref.

    Attributes:
        forced: what tests put before the store's answers, for whoever reads the
            application's: a backend read directly, a tenant that inherits.
    """

    __slots__ = ("_at", "_by_base", "_indexed", "_needs", "forced")

    def __init__(
        self, store: Secrets, shelf: Shelf, place: Callable[[str], str]
    ) -> None:
        super().__init__(Site(store, shelf))
        self._at = place
        self._by_base: dict[str, list[str]] = {}
        self._indexed = 0
        self._needs: dict[str, None] = {}
        self.forced: Mapping[str, str] = {}

    def peek(self, ref: str) -> str:
        """Return what is at hand."""
        return self.forced[ref] if ref in self.forced else super().peek(ref)

    async def resolve(self, ref: str) -> str:
        """Return the value, fetched if need be."""
        return self.forced[ref] if ref in self.forced else await super().resolve(ref)

    def peek_secret(self, ref: str) -> Secret:
        """Return the whole secret that is at hand."""
        return whole(self.forced, ref, lambda: super(AppView, self).peek_secret(ref))

    async def resolve_secret(self, ref: str) -> Secret:
        """Return the whole secret, fetched if need be."""
        read = super().resolve_secret
        return await resolve_whole(self.forced, ref, lambda: read(ref))

    async def refresh(self, ref: str, bad: str | None) -> None:
        """Fetch the value anew; nothing happens where it is forced."""
        if ref not in self.forced:
            await super().refresh(ref, bad)

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
