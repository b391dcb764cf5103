"""What a tenant sees."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import cast

from attrs import frozen

from secretscope.errors import (
    InvalidRefError,
    MissingSecretError,
    NotOverridableError,
    SecretReadError,
)
from secretscope.protocols import Forgetful, Peekable, Snapshots
from secretscope.scopes._app_view import AppView
from secretscope.scopes._kept import UNREADABLE, Site
from secretscope.scopes._plan import TenantPlan
from secretscope.scopes._store_view import StoreView
from secretscope.values import Secret, split_location

_GONE = -1
"""The blocks of a view that has been let go of."""
_VIEW = 1000
"""Bytes of a tenant without values, with what a cache keeps of one document."""
_TEXT = 72
"""Bytes of a value beside its characters, with its place in a dictionary."""


class _Values:
    """Has a view's values for attributes: what is kept is its `__dict__` alone.

    CPython lets the instances of a class share their keys (PEP 412): 64 bytes less for
    each of a hundred thousand views with the same refs. A view with other refs than
    most has a dictionary like any other.
    """


@frozen(eq=False)
class TenantSite(Site):
    """A store that tenants live in: the application's for many, or one's own.

    Attributes:
        app: what the application sees.
        plan: where tenants' refs are kept, and what they inherit; None is nowhere.
    """

    app: AppView
    plan: TenantPlan | None


class TenantView(StoreView):
    """A tenant's own place, and behind it what it may take from the application.

    Args:
        site: the store that it lives in, with what it shares with its neighbours.
        tenant: its name.

    Attributes:
        blocks: how many blocks are open in it: it stays for as long.
        marked: whether it was entered again since it was last thought of letting go.
        used: when it was last entered or left, in whole seconds; -1 is never.
    """

    __slots__ = ("blocks", "marked", "used")

    def __init__(self, site: TenantSite, *, tenant: str) -> None:
        super().__init__(site, tenant=tenant)
        self.values = _Values().__dict__
        self.blocks = 0
        self.marked = False
        self.used = -1

    @property
    def _app(self) -> AppView:
        return cast("TenantSite", self._site).app

    @property
    def _plan(self) -> TenantPlan | None:
        return cast("TenantSite", self._site).plan

    @property
    def _follows(self) -> bool:
        return self._site.follows and self.is_open

    @property
    def apart(self) -> bool:
        """Whether it has a store, or a part of one, to itself."""
        return self._site.store is not self._app.kept_in

    @property
    def inherit(self) -> frozenset[str]:
        """The refs that it may take from the application."""
        plan = self._plan
        return plan.inherit if plan else frozenset()

    def admit(self, overrides: Mapping[str, str]) -> None:
        """Check overrides, and make their values known.

        Raises:
            NotOverridableError: The policy does not let one of them be replaced.
        """
        plan = self._plan
        allowed = plan.overridable if plan else None
        refused = [
            ref for ref in overrides if allowed is not None and ref not in allowed
        ]
        if refused:
            self._shelf.refused(self._tenant, refused[0], "NotOverridableError")
            raise NotOverridableError(*refused, tenant=self._tenant or "")
        super().admit(overrides)

    def enter(self, now: int) -> bool:
        """Hold it open for one block; tell whether it was open still."""
        with self._shelf.lock:
            if self.blocks < 0:
                return False
            self.marked = self.used >= 0
            self.blocks += 1
            self.used = now
            return True

    def leave(self, now: int) -> None:
        """End one block's hold."""
        with self._shelf.lock:
            if self.blocks > 0:  # else it was let go of meanwhile
                self.blocks -= 1
            self.used = now

    def end(self, *, if_unused: bool) -> bool:
        """Let nobody enter any longer; tell whether that is so from now on."""
        with self._shelf.lock:
            if self.blocks < 0 or (if_unused and self.blocks):
                return False
            self.blocks = _GONE
            return True

    @property
    def is_open(self) -> bool:
        """Whether it may be entered; in the end it is let go of, for good."""
        return self.blocks >= 0

    def weight(self) -> int:
        """Return how many bytes its values take up, roughly."""
        values = self.values
        return _VIEW + sum(_TEXT + len(value) for value in tuple(values.values()))

    async def _fetch(self, location: str) -> object:
        if isinstance(self._site.store, Peekable):
            with suppress(SecretReadError):
                return self._site.store.peek(location)
        async with self._shelf.turns.of(self._tenant, location):
            return await self._site.store.resolve(location)

    async def _fetch_secret(self, store: Snapshots, location: str) -> Secret:
        with suppress(SecretReadError):
            return store.peek_secret(location)
        async with self._shelf.turns.of(self._tenant, location):
            return await store.resolve_secret(location)

    def everywhere(self) -> set[str]:
        """Return where the store may keep anything of it: asked for, needed, or loading."""
        places: list[str | None] = [*self._shelf.turns.loading(self._tenant)]
        for need in self._shelf.needs():
            with suppress(InvalidRefError):  # it has no place here
                places.append(self._place(need))
        bases = {split_location(at)[0] for at in places if at is not None}
        return self.bases() | bases

    def trim(self) -> None:
        """Let go of its oldest refs where there are too many; needs stay."""
        if len(self.values) + len(self._asked) <= self._shelf.max_refs:
            return
        gone: list[str] = []
        with self._shelf.lock:
            needs = self._shelf.needs()
            for known in (self._asked, self.values):
                for ref in [ref for ref in known if ref not in needs]:
                    if len(self.values) + len(self._asked) <= self._shelf.max_refs:
                        break
                    del known[ref]
                    gone.append(ref)
        self.drop(gone)

    def drop(self, refs: Iterable[str]) -> None:
        """Have the store let go of what it keeps of these, where it can."""
        if isinstance(self._site.store, Forgetful):
            used = self.bases()
            for base in {split_location(self.location(ref))[0] for ref in refs} - used:
                self._site.store.forget(base)

    def _place(self, ref: str) -> str | None:
        plan = self._plan
        if plan is None:
            return None
        return plan.place(self._tenant or "", ref, apart=self.apart)

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

    def is_known_missing(self, ref: str) -> bool:
        """Tell whether it is of no use to ask, here and where it may be inherited."""
        here = super().is_known_missing(ref)
        return here and (ref not in self.inherit or self._app.is_known_missing(ref))

    async def refresh(self, ref: str, bad: str | None) -> None:
        """Fetch anew the value that is read here: its own, or else what it inherits."""
        if ref not in self.inherit:
            await super().refresh(ref, bad)
            return
        try:
            await super().refresh(ref, bad)
            super().peek(ref)
        except UNREADABLE:
            await self._app.refresh(ref, bad)
