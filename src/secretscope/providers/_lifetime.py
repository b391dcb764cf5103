"""lifetime(): opens a container's stores, warms what it needs, and closes all again."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from types import TracebackType
from typing import Any

from dependency_injector import containers

from secretscope.errors import AlreadyOpenError, ForkedError, StoreTimeoutError
from secretscope.providers._graph import AnyProvider, Found, below, name_of
from secretscope.providers._plan_needs import declared
from secretscope.providers._stores import Stores
from secretscope.providers._survey import Survey, in_order, survey
from secretscope.providers._warm import Progress, warm
from secretscope.redaction import redact
from secretscope.scopes import (
    Lifetime,
    LifetimeReader,
    Portal,
    Sink,
    TenantLimits,
    refuse_in_loop,
)

Beside = Callable[[LifetimeReader], AbstractAsyncContextManager[object]]
"""Gives what stands beside a lifetime, for its reader."""


class lifetime:  # noqa: N801 - it is used as a function: `async with lifetime(app)`
    """Open a container's stores for a block, and close them after it.

    It walks what the container would really build, refuses what can't work, opens
    the stores in the order in which they need each other, fetches every declared need
    at once, and yields the reader of the current frame, which also opens tenants'
    blocks and overrides. At the end everything is closed once, in order, shielded.

    ``async with`` opens them on the running loop. A plain ``with`` is for applications
    without one: a thread of its own does the I/O, on a loop of its own, and the frames
    stand in the caller's context.

    Args:
        container: an instance of a dependency-injector container.
        needs: warm only what these providers need; all of the container's without it.
        concurrency: how many refs are fetched at once.
        close_timeout: seconds that each store may take to close.
        on_progress: called after each ref: how many are done, of how many, which.
        loop: of a plain ``with``: the thread's loop, ``asyncio`` or ``trio``.
        clock: gives seconds, monotonic, for what waits; tests hand one in that they
            turn (with ``async sleep(seconds)``).
        beside: gives, for the reader, what is entered once all is warm, and left before
            the stores are closed, on the lifetime's own loop: a `Fleet`, say.
        limits: bounds on open tenants; without them, those of the settings.
        audit: told of what happens (`ScopeEvent`), in the background.

    Raises:
        ConfigurationError: Settings that can't work; every fault is named.
        GraphError: A container that can't be given its secrets.
        WarmUpError: Required refs that can't be had; one error names them all.
        AlreadyOpenError: The container's lifetime is open already.
        ForkedError: ... in the process that this one was forked from.
        BlockedLoopError: A plain ``with`` in a thread where a loop runs.
    """

    def __init__(  # noqa: PLR0913 - an application's options, by name
        self,
        container: containers.Container | type[containers.DeclarativeContainer],
        *,
        needs: Sequence[AnyProvider] | None = None,
        concurrency: int = 32,
        close_timeout: float = 5.0,
        on_progress: Progress | None = None,
        loop: str = "asyncio",
        clock: Callable[[], float] = time.monotonic,
        beside: Beside | None = None,
        limits: TenantLimits | None = None,
        audit: Sink | None = None,
    ) -> None:
        self._container = container
        self._needs = needs
        self._concurrency = concurrency
        self._close_timeout = close_timeout
        self._on_progress = on_progress
        self._clock = clock
        self._limits = limits
        self._audit = audit
        self._open: tuple[Lifetime, Stores] | None = None
        self._reader = LifetimeReader()
        self._loop = loop
        self._beside = beside
        self._entered: AbstractAsyncContextManager[object] | None = None
        self._portal: Portal[LifetimeReader] | None = None

    async def __aenter__(self) -> LifetimeReader:
        found = survey(self._container)
        self._refuse_twice(found)
        opened = Lifetime(
            concurrency=self._concurrency,
            close_timeout=self._close_timeout,
            clock=self._clock,
            limits=self._limits,
            audit=self._audit,
        )
        stores = Stores(opened, found)
        await opened.start()
        self._open = opened, stores
        opened.on_fork = stores.leave_behind
        try:
            for store in in_order(found.backends):
                await warm(stores, declared(_settings_of(store)), opened.limiter)
                await stores.open(store)
            stores.attach()
            stores.refuse_captives()
            self._reader.open_in(opened)
            needs = declared(found.wanted(self._needs))
            await warm(stores, needs, opened.limiter, self._on_progress)
            if self._beside is not None:
                beside = self._beside(self._reader)
                await beside.__aenter__()
                self._entered = beside
        except BaseException:
            await self._shut()
            raise
        return self._reader

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        _tell(await self._shut(), error)

    def __enter__(self) -> LifetimeReader:
        refuse_in_loop("this lifetime")
        portal = Portal(self, loop=self._loop)
        reader = portal.enter(patience=self._close_timeout)
        self._portal = portal
        return reader

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        portal, self._portal = self._portal, None
        if portal is None:
            return
        patience = self._open[0].patience if self._open else self._close_timeout
        failures: list[Exception] = []
        try:
            portal.leave(patience=patience)
        except ExceptionGroup as several:
            failures += several.exceptions
        except StoreTimeoutError as late:
            failures.append(late)
        _tell(failures, error)

    def _refuse_twice(self, found: Survey) -> None:
        providers: list[Any] = [scoped.provider for scoped in found.scoped]
        scopes = [each.reader.scope for each in providers if each.reader.scope]
        if any(scope.home.forked for scope in scopes):
            raise ForkedError
        if self._open is not None or scopes:
            raise AlreadyOpenError(f"the lifetime of {name_of(self._container)}")

    async def _shut(self) -> list[Exception]:
        if self._open is None:
            return []
        (opened, stores), self._open = self._open, None
        failures: list[Exception] = []
        try:
            failures += await self._leave()
        finally:
            try:
                failures += await opened.close()
            finally:
                stores.let_go()
        return failures

    async def _leave(self) -> list[Exception]:
        entered, self._entered = self._entered, None
        if entered is None:
            return []
        try:
            await entered.__aexit__(None, None, None)
        except Exception as failure:  # noqa: BLE001 - the stores close all the same
            return [failure]
        return []


def _tell(failures: Sequence[Exception], error: BaseException | None) -> None:
    """Raise what failed at closing, or add it to the error that is on its way."""
    if error is not None:
        for failure in failures:
            error.add_note(f"while closing: {redact(str(failure))}")
    elif failures:
        raise ExceptionGroup("stores did not close", failures)


def _settings_of(store: Found) -> list[Found]:
    """Return what a store is built from: it may read stores that are open already."""
    return [found for found in below(store) if found.provider is not store.provider]
