"""What one frame sees of one store where nothing is overridden."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from threading import Lock

import anyio

from secretscope.errors import (
    ConfigurationError,
    ExpiredError,
    MalformedSecretError,
    MissingSecretError,
    NotWarmError,
    SecretReadError,
    SecretScopeError,
)
from secretscope.protocols import (
    Batched,
    Expiring,
    Observable,
    Peekable,
    Refreshable,
    Secrets,
)
from secretscope.redaction import KNOWN
from secretscope.scopes._view import Viewed
from secretscope.values import split_location

_UNREADABLE = (MissingSecretError, NotWarmError, ExpiredError)


def says_missing(error: KeyError) -> bool:
    """Tell whether a store said "not here", and not "not yet" or "no longer"."""
    return isinstance(error, MissingSecretError) or not isinstance(
        error, SecretScopeError
    )


class StoreView(Viewed):
    """One place in one store: the application's, or one tenant's.

    Where the store tells of its changes, what was read is kept in `values`, and
    follows them; elsewhere each read asks the store.

    Args:
        store: any Secrets.
        place: gives the location of a ref; None where this view has no place.
        where: what errors call the place.
        tenant: whose values these are; None is the application.
    """

    __slots__ = (
        "_follows",
        "_kept",
        "_lock",
        "_missing",
        "_place",
        "_store",
        "where",
    )

    def __init__(
        self,
        store: Secrets,
        place: Callable[[str], str | None],
        *,
        where: str,
        tenant: str | None = None,
    ) -> None:
        super().__init__(tenant)
        self.where = where
        self._store = store
        self._place = place
        self._follows = isinstance(store, Observable) and isinstance(store, Peekable)
        self._kept: dict[str, set[str]] = {}
        self._missing: set[str] = set()
        self._lock = Lock()

    def peek(self, ref: str) -> str:
        """Return what is at hand.

        Raises:
            MissingSecretError: The store said that it is not there.
            NotWarmError: It has not been fetched.
            ExpiredError: What was fetched has run out.
        """
        location = self._location(ref)
        with self._lock:
            value = self._ask(ref, location)
            self._keep(ref, location, value)
        return value

    async def resolve(self, ref: str) -> str:
        """Return the value, fetched if need be."""
        location = self._location(ref)
        try:
            value: object = await self._store.resolve(location)
        except KeyError as error:
            if not says_missing(error):
                raise
            value = None
            self._missing.add(ref)
        else:
            self._missing.discard(ref)
            return self._accept(ref, location, value)
        raise MissingSecretError(ref, where=self.where)

    async def put(self, ref: str, value: str) -> None:
        """Write the value to this place."""
        location = self._place(ref)
        if location is None:
            raise ConfigurationError(
                f"{self.where} has no place of its own to keep {ref!r}: "
                "set secrets.tenants.path"
            )
        if not isinstance(value, str):
            raise MalformedSecretError(self.where, ref=ref, expected="a str to store")
        KNOWN.add(value, ref=ref, tenant=self._tenant)
        await self._store.store(location, value)
        self._missing.discard(ref)

    async def refresh(self, ref: str, bad: str | None) -> None:
        """Fetch the value anew, unless the bad one is no longer current."""
        location = self._location(ref)
        if isinstance(self._store, Refreshable):
            await self._store.refresh(location, bad=bad)
        elif not isinstance(self._store, Peekable):
            await self._store.resolve(location)

    async def warm(
        self,
        refs: Iterable[str],
        limiter: anyio.CapacityLimiter,
        done: Callable[[str], None] = lambda ref: None,
    ) -> dict[str, Exception]:
        """Resolve what is not at hand, all at once; return what failed, by ref."""
        cold: list[str] = []
        for ref in refs:
            if self._at_hand(ref):
                done(ref)
            else:
                cold.append(ref)
        failed: dict[str, Exception] = {}

        async def one(ref: str) -> None:
            async with limiter:
                try:
                    await self.resolve(ref)
                except Exception as error:  # noqa: BLE001 - told by name, all at once
                    failed[ref] = error
            done(ref)

        if len(cold) > 1 and isinstance(self._store, Batched):
            await self._warm_batch(self._store, cold, failed)
            for ref in cold:
                done(ref)
        else:
            async with anyio.create_task_group() as group:
                for ref in cold:
                    group.start_soon(one, ref)
        return failed

    def changed(self, base: str) -> None:
        """Publish anew what is kept from this base: all of it in one swap."""
        with self._lock:
            values = dict(self.values)
            for ref in self._kept.get(base, ()):
                location = self._location(ref)
                if self._runs_out(location):  # its reads ask the store
                    values.pop(ref, None)
                    continue
                try:
                    values[ref] = self._ask(ref, location)
                except SecretReadError:
                    values.pop(ref, None)
            self.values = values

    def held_values(self) -> Iterable[str]:
        """Return the values that readers can see, for the set of known values."""
        return tuple(self.values.values())

    async def _warm_batch(
        self, store: Batched, refs: list[str], failed: dict[str, Exception]
    ) -> None:
        places = {ref: self._location(ref) for ref in refs}
        answers = await store.resolve_many(list(places.values()))
        for ref, location in places.items():
            answer = answers[location]
            if isinstance(answer, MissingSecretError):
                self._missing.add(ref)
                failed[ref] = MissingSecretError(ref, where=self.where)
            elif isinstance(answer, Exception):
                failed[ref] = answer
            else:
                self._missing.discard(ref)
                self._accept(ref, location, answer)

    def _location(self, ref: str) -> str:
        location = self._place(ref)
        if location is None:
            raise MissingSecretError(
                ref,
                where=self.where,
                cure="tenants have no place of their own: set secrets.tenants.path",
            )
        return location

    def is_warm(self, refs: Iterable[str]) -> bool:
        """Tell whether all of them are at hand."""
        return all(ref in self.values or self._at_hand(ref) for ref in refs)

    def _at_hand(self, ref: str) -> bool:
        try:
            self.peek(ref)
        except _UNREADABLE:
            return False
        return True

    def _ask(self, ref: str, location: str) -> str:
        if isinstance(self._store, Peekable):
            try:
                value: object = self._store.peek(location)
            except _UNREADABLE as error:
                why = type(error)
            else:
                return self._checked(ref, value)
            raise why(ref, where=self.where)
        value = self._store.lookup_sync(location)
        if value is None:
            unread = MissingSecretError if ref in self._missing else NotWarmError
            raise unread(ref, where=self.where)
        return self._checked(ref, value)

    def _accept(self, ref: str, location: str, value: object) -> str:
        checked = self._checked(ref, value)
        if self._follows:
            with self._lock, suppress(SecretReadError):  # gone: the next read says so
                self._keep(ref, location, self._ask(ref, location))
        return checked

    def _keep(self, ref: str, location: str, value: str) -> None:
        if self._follows and not self._runs_out(location):
            self._kept.setdefault(split_location(location)[0], set()).add(ref)
            self.values[ref] = value

    def _runs_out(self, location: str) -> bool:
        store = self._store
        return isinstance(store, Expiring) and store.expires(location)

    def _checked(self, ref: str, value: object) -> str:
        if not isinstance(value, str):
            raise MalformedSecretError(
                type(self._store).__name__,
                ref=ref,
                expected=f"a str, not {type(value).__name__}",
            )
        KNOWN.add(value, ref=ref, tenant=self._tenant)
        return value
