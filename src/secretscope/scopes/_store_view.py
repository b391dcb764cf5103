"""One place in one store, read and written, where nothing is overridden."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import anyio

from secretscope.errors import (
    ConfigurationError,
    MalformedSecretError,
    MissingSecretError,
    SecretScopeError,
    StoreUnavailableError,
)
from secretscope.protocols import (
    Batched,
    Keeping,
    Peekable,
    Refreshable,
    Settled,
    Snapshots,
)
from secretscope.redaction import KNOWN
from secretscope.scopes._kept import UNREADABLE, Kept, retold
from secretscope.values import Secret, split_location


def says_missing(error: KeyError) -> bool:
    """Tell whether a store said "not here", and not "not yet" or "no longer"."""
    return isinstance(error, MissingSecretError) or not isinstance(
        error, SecretScopeError
    )


class StoreView(Kept):
    """What one frame sees of one store where nothing is overridden."""

    __slots__ = ()

    def peek(self, ref: str) -> str:
        """Return what is at hand.

        Raises:
            MissingSecretError: The store said that it is not there.
            NotWarmError: It has not been fetched.
            ExpiredError: What was fetched has run out.
        """
        location = self.location(ref)
        with self._shelf.lock:
            value = self._ask(ref, location)
            self._keep(ref, location, value)
        self.trim()
        return value

    async def resolve(self, ref: str) -> str:
        """Return the value, fetched if need be."""
        location = self.location(ref)
        try:
            value: object = await self._fetch(location)
        except StoreUnavailableError as error:
            self._failed(ref, error)
            raise
        except KeyError as error:
            if not says_missing(error):
                raise
            missing = retold(error, ref, where=self.where)
            self._note(ref, missing=True)
            self.trim()
        else:
            accepted = self._accept(ref, location, value)
            self.trim()
            return accepted
        raise missing

    async def _fetch(self, location: str) -> object:
        return await self._site.store.resolve(location)

    def trim(self) -> None:
        """Let go of what is too much; of the application's, nothing is."""

    def peek_secret(self, ref: str) -> Secret:
        """Return the whole secret that is at hand, or raise as `peek` does."""
        location = self.location(ref)
        store = self._site.store
        if not isinstance(store, Snapshots) or "#" in location:
            return Secret(self.peek(ref))
        try:
            secret = store.peek_secret(location)
        except UNREADABLE as error:
            unreadable = retold(error, ref, where=self.where)
        else:
            return self._whole(ref, secret)
        raise unreadable

    async def resolve_secret(self, ref: str) -> Secret:
        """Return the whole secret, fetched if need be."""
        location = self.location(ref)
        store = self._site.store
        if not isinstance(store, Snapshots) or "#" in location:
            return Secret(await self.resolve(ref))
        try:
            secret = await self._fetch_secret(store, location)
        except StoreUnavailableError as error:
            self._failed(ref, error)
            raise
        except MissingSecretError as error:
            missing = retold(error, ref, where=self.where)
            self._note(ref, missing=True)
        else:
            return self._whole(ref, secret)
        raise missing

    async def _fetch_secret(self, store: Snapshots, location: str) -> Secret:
        return await store.resolve_secret(location)

    def _whole(self, ref: str, secret: Secret) -> Secret:
        for value in secret.values():
            KNOWN.add(value, ref=ref, tenant=self._tenant)
        if ref not in self.values:
            self._note(ref, missing=False)
        return secret

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
        old = self._heard(location)
        await self._site.store.store(location, value)
        if self._asked.get(ref):
            self._note(ref, missing=False)
        self._tell(ref, location, old)

    async def refresh(self, ref: str, bad: str | None) -> None:
        """Fetch the value anew, unless the bad one is no longer current."""
        location = self.location(ref)
        old = self._heard(location)
        if isinstance(self._site.store, Refreshable):
            await self._site.store.refresh(location, bad=bad)
        elif not isinstance(self._site.store, Peekable):
            await self._site.store.resolve(location)
        self._tell(ref, location, old)

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

        if len(cold) > 1 and isinstance(self._site.store, Batched):
            await self._warm_batch(self._site.store, cold, failed)
            for ref in cold:
                done(ref)
        else:
            async with anyio.create_task_group() as group:
                for ref in cold:
                    group.start_soon(one, ref)
        return failed

    async def _warm_batch(
        self, store: Batched, refs: list[str], failed: dict[str, Exception]
    ) -> None:
        places = {ref: self.location(ref) for ref in refs}
        answers = await store.resolve_many(list(places.values()))
        for ref, location in places.items():
            answer = answers[location]
            if isinstance(answer, MissingSecretError):
                self._note(ref, missing=True)
                failed[ref] = retold(answer, ref, where=self.where)
            elif isinstance(answer, Exception):
                failed[ref] = answer
                self._failed(ref, answer)
            else:
                self._accept(ref, location, answer)

    def is_warm(self, refs: Iterable[str]) -> bool:
        """Tell whether all of them are at hand, or known to be missing."""
        return all(ref in self.values or self._is_settled(ref) for ref in refs)

    def _is_settled(self, ref: str) -> bool:
        try:
            self.peek(ref)
        except MissingSecretError:
            return self.is_known_missing(ref)
        except UNREADABLE:
            return False
        return True

    def is_known_missing(self, ref: str) -> bool:
        """Tell whether it is of no use to ask for what was missing.

        The store has said so, which an outage never does, and its word still stands.
        """
        location, store = self._place(ref), self._site.store
        return location is None or (
            self.is_missing(ref)
            and isinstance(store, Settled)
            and store.settled(location)
        )

    def _at_hand(self, ref: str) -> bool:
        try:
            self.peek(ref)
        except UNREADABLE:
            return False
        return True

    def keep(self, refs: Iterable[str]) -> None:
        """Have the store keep these fresh, from now on, where they have a place here.

        What is missing is kept, too: else it would be cold once the store's word has
        run out, and a tenant could not read what it inherits.
        """
        store = self._site.store
        if isinstance(store, Keeping):
            old = self._releases
            places = (self._place(ref) for ref in refs)
            bases = {split_location(at)[0]: at for at in places if at is not None}
            self._releases = tuple(store.keep(at) for at in bases.values())
            for release in old:
                release()
