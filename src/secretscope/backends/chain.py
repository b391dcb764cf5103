"""Several stores, asked one after the other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack

import anyio
from anyio.abc import TaskStatus

from secretscope.errors import (
    MissingSecretError,
    ReadOnlyStoreError,
    SecretReadError,
    SecretScopeError,
)
from secretscope.protocols import (
    Openable,
    Owned,
    Peekable,
    Refreshable,
    Secrets,
    Servable,
    Settled,
)
from secretscope.redaction import redact
from secretscope.values import called, parse_ref


def says_missing(error: KeyError) -> bool:
    """Tell whether a store said "not here", and not "not yet" or "no longer"."""
    return isinstance(error, MissingSecretError) or not isinstance(
        error, SecretScopeError
    )


class ChainSecrets:
    """The first of several stores that has the secret.

    An outage of one is an error: the next might hold another value under the name.

    Args:
        stores: in the order they are asked; each is any Secrets.
    """

    def __init__(self, stores: Sequence[Secrets]) -> None:
        self._stores = tuple(stores)

    @property
    def owner(self) -> Callable[[str], str | None] | None:
        """Tells which tenant a ref belongs to; set by the lifetime, for all stores."""
        return next((s.owner for s in self._stores if isinstance(s, Owned)), None)

    @owner.setter
    def owner(self, owner: Callable[[str], str | None] | None) -> None:
        for store in self._stores:
            if isinstance(store, Owned):
                store.owner = owner

    async def resolve(self, ref: str) -> str:
        """Return the value from the first store that has it.

        Raises:
            MissingSecretError: None of them has it.
            StoreError: One that was asked failed (or what a store of yours raises).
        """
        parse_ref(ref)
        for store in self._stores:
            try:
                return await store.resolve(ref)
            except KeyError as error:
                if not says_missing(error):
                    raise
        raise self._missing(ref)

    async def store(self, ref: str, value: str) -> None:
        """Write to the first store that can be written to.

        Raises:
            ReadOnlyStoreError: None of them can.
        """
        parse_ref(ref)
        for store in self._stores:
            try:
                return await store.store(ref, value)
            except NotImplementedError:
                continue
        raise ReadOnlyStoreError(repr(self))

    def redact(self, text: str) -> str:
        """Return the text with every credential in it masked."""
        return redact(text)

    def lookup_sync(self, ref: str) -> str | None:
        """Return what is at hand; None where nothing is, or an earlier store is cold."""
        try:
            return self.peek(ref)
        except SecretReadError:
            return None

    def peek(self, ref: str) -> str:
        """Return what is at hand, from the first store that has it.

        Raises:
            MissingSecretError: None of them has it.
            NotWarmError: An earlier store has not been asked yet.
            ExpiredError: An earlier store's value has run out.
        """
        parse_ref(ref)
        for store in self._stores:
            value = _peek(store, ref)
            if value is not None:
                return value
        raise self._missing(ref)

    def settled(self, ref: str) -> bool:
        """Tell whether all of its stores say that what they know is good still."""
        return all(
            isinstance(store, Settled) and store.settled(ref) for store in self._stores
        )

    async def refresh(self, ref: str, *, bad: str | None = None) -> None:
        """Fetch the secret anew in every store that can."""
        for store in self._stores:
            if isinstance(store, Refreshable):
                await store.refresh(ref, bad=bad)

    async def open(self) -> None:
        """Open every store; if one fails, close those that were opened."""
        async with AsyncExitStack() as undo:
            for store in self._stores:
                if isinstance(store, Openable):
                    await store.open()
                    undo.push_async_callback(store.aclose)
            undo.pop_all()

    async def aclose(self) -> None:
        """Close every store, the last first; failures leave as one group."""
        failures: list[Exception] = []
        for store in reversed(self._stores):
            if isinstance(store, Openable):
                try:
                    await store.aclose()
                except Exception as failure:  # noqa: BLE001 - the others close too
                    failures.append(failure)
        if failures:
            raise ExceptionGroup("stores of a chain did not close", failures)

    async def serve(
        self, *, task_status: TaskStatus[None] = anyio.TASK_STATUS_IGNORED
    ) -> None:
        """Run what its stores run in the background, until cancelled."""
        async with anyio.create_task_group() as group:
            for store in self._stores:
                if isinstance(store, Servable):
                    await group.start(store.serve)
            task_status.started()

    def _missing(self, ref: str) -> MissingSecretError:
        return MissingSecretError(ref, where=repr(self))

    def __repr__(self) -> str:
        return f"ChainSecrets({', '.join(map(called, self._stores))})"


def _peek(store: Secrets, ref: str) -> str | None:
    if not isinstance(store, Peekable):
        return store.lookup_sync(ref)
    try:
        return store.peek(ref)
    except MissingSecretError:
        return None
