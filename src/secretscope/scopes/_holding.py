"""All that a lifetime holds, looked at from outside its frames: a fleet's way in."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from attrs import evolve

from secretscope.errors import ConfigurationError
from secretscope.protocols import Reporting
from secretscope.scopes._lifetime import Lifetime
from secretscope.scopes._rotations import Subscriber
from secretscope.scopes._store_view import StoreView
from secretscope.values import SecretStatus, split_location


class Holding:
    """What is held of the application and of every open tenant.

    Args:
        lifetime: the lifetime that holds it.
    """

    def __init__(self, lifetime: Lifetime) -> None:
        self._lifetime = lifetime

    # --- the application's own -------------------------------------------------------

    @property
    def application(self) -> Holding:
        """What reads the application's own secrets."""
        return self

    async def resolve(self, ref: str) -> str:
        """Return the application's own secret, fetched if need be, in any frame.

        Raises:
            ConfigurationError: The lifetime has several stores, or none.
        """
        return await self._app().resolve(ref)

    def peek(self, ref: str) -> str:
        """Return the application's own secret that is at hand, in any frame."""
        return self._app().peek(ref)

    async def refresh(self, ref: str, *, bad: str | None = None) -> None:
        """Fetch the application's own secret anew."""
        await self._app().refresh(ref, bad)

    # --- what is told of -------------------------------------------------------------

    def on_rotation(self, subscriber: Subscriber) -> Callable[[], None]:
        """Tell this function of every rotation; the returned one ends that."""
        return self._lifetime.rotations.subscribe(subscriber)

    def on_forget(self, listener: Callable[[str], None]) -> Callable[[], None]:
        """Tell this function of every tenant that is let go of."""
        self._lifetime.forgets.append(listener)
        return lambda: self._lifetime.forgets.remove(listener)

    # --- what is held ----------------------------------------------------------------

    def open_tenants(self) -> tuple[str, ...]:
        """Return the tenants of whom something is held."""
        scopes = self._lifetime.all_scopes
        return tuple(dict.fromkeys(name for each in scopes for name in each.tenants))

    def held(
        self, tenant: str | None, ref: str | None = None, *, store: str = ""
    ) -> Sequence[SecretStatus]:
        """Return the status of what was asked for by a tenant, or the application.

        Args:
            tenant: whose; None is the application.
            ref: only this secret's (without ``#field``), in every store.
            store: only this store's, by the name that errors give it.
        """
        found: dict[tuple[int, str], SecretStatus] = {}
        for view in self._views(tenant):
            for name, (_, base) in _bases(view, ref).items():
                key = id(view.kept_in), base
                if key not in found:
                    found[key] = evolve(_status(view, base), ref=name, tenant=tenant)
        return [each for each in found.values() if store in ("", each.store)]

    async def recheck(self, ref: str, *, tenant: str | None, store: str) -> None:
        """Fetch a secret that is held anew, for all who read it.

        Raises:
            SecretReadError: It is gone.
            StoreError: The store failed; what is held stays as long as it is good.
        """
        for view in self._views(tenant):
            for asked, base in _bases(view, ref).values():
                if store in ("", _status(view, base).store):
                    await StoreView.refresh(view, asked, None)  # its own, not inherited

    async def forget(self, tenant: str) -> None:
        """Let go of a tenant.

        Raises:
            ExceptionGroup: Stores of its own did not close.
        """
        failures = await self._lifetime.forget(tenant)
        if failures:
            raise ExceptionGroup("stores of a tenant did not close", failures)

    def _app(self) -> StoreView:
        views = {id(each.store): each.app for each in self._lifetime.all_scopes}
        if len(views) != 1:
            raise ConfigurationError(
                f"fleet.key_ref: this lifetime has {len(views)} stores; say which one "
                "holds the key, with keys=container.the_backend()"
            )
        return next(iter(views.values()))

    def _views(self, tenant: str | None) -> Iterator[StoreView]:
        for scope in self._lifetime.all_scopes:
            view = scope.app if tenant is None else scope.tenants.get(tenant)
            if view is not None:
                yield view


def _bases(view: StoreView, ref: str | None) -> dict[str, tuple[str, str]]:
    """Return the refs that were asked for and where they are kept, by their names."""
    found: dict[str, tuple[str, str]] = {}
    for asked in view.refs():
        name = split_location(asked)[0]
        if ref in (None, name) and name not in found:
            found[name] = asked, split_location(view.location(asked))[0]
    return found


def _status(view: StoreView, base: str) -> SecretStatus:
    store = view.kept_in
    if isinstance(store, Reporting):
        for known in store.report([base]):
            return known
    return SecretStatus(ref=base, store=type(store).__name__)
