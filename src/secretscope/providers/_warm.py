"""Warming: every declared need is fetched at once, and one error names what is missing."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress

import anyio

from secretscope.errors import MissingSecretError, SecretScopeError, WarmUpError
from secretscope.providers._plan_needs import Need
from secretscope.providers._stores import Stores
from secretscope.redaction import redact
from secretscope.scopes import StoreView
from secretscope.values import called

Progress = Callable[[int, int, str], None]
"""Told after each ref of a warm-up: how many are done, of how many, and which."""

_Failed = dict[tuple[int, str], Exception]


async def warm(
    stores: Stores,
    needs: list[Need],
    limiter: anyio.CapacityLimiter,
    on_progress: Progress | None = None,
) -> None:
    """Fetch what is needed, all at once; a tenant's needs wait for the tenant.

    Raises:
        WarmUpError: It names every required ref that can't be had.
    """
    waiting: dict[int, tuple[StoreView, list[str]]] = {}
    for need in needs:
        scope, view = stores.scope(need), stores.view(need)
        if scope is not None and need.ref not in scope.needs:
            scope.needs = (*scope.needs, need.ref)
        if view is not None:
            refs = waiting.setdefault(id(view), (view, []))[1]
            if need.ref not in refs:
                refs.append(need.ref)
    done = _Count(sum(len(refs) for _, refs in waiting.values()), on_progress)
    failed: _Failed = {}

    async def fetch(view: StoreView, refs: list[str]) -> None:
        for ref, error in (await view.warm(refs, limiter, done)).items():
            failed[id(view), ref] = error
        view.keep(refs)

    async with anyio.create_task_group() as group:
        for view, refs in waiting.values():
            group.start_soon(fetch, view, refs)
    _judge(stores, needs, failed)


def _judge(stores: Stores, needs: list[Need], failed: _Failed) -> None:
    faults: list[tuple[str, str]] = []
    causes: dict[str, Exception] = {}
    for need in needs:
        error = _fault(stores, need, failed)
        if error is not None:
            place = _place(stores, need)
            line = f"{need.ref} (needed by {need.path}{place}): {_told(error)}"
            if need.environment:
                line += "; the environment has no such variable, too"
            faults.append((need.ref, line))
            causes[need.ref] = error
    if faults:
        raise WarmUpError(faults, causes)


def _fault(stores: Stores, need: Need, failed: _Failed) -> Exception | None:
    """Return why a need can't be met by any step of its reader's order."""
    if not need.required:
        return None
    view, scope = stores.view(need), stores.scope(need)
    error: Exception | None = None
    if view is not None:
        error = failed.get((id(view), need.ref))
    elif need.reader is None and need.ref not in os.environ:
        error = MissingSecretError(need.ref, where="the environment")
    if not isinstance(error, MissingSecretError):
        return error
    if scope is not None and scope.tenant_plan is not None:
        return None  # a tenant may bring its own
    fallback = need.environment and (scope is None or scope.env_fallback)
    return None if fallback and need.ref in os.environ else error


def _place(stores: Stores, need: Need) -> str:
    """Return where a need was looked for, as a further remark on it."""
    view, scope = stores.view(need), stores.scope(need)
    told = ""
    if view is not None and scope is not None:
        with suppress(SecretScopeError):
            at = view.location(need.ref)
            told = f", looked for in {called(scope.store)} at {at}"
    return told


def _told(error: Exception) -> str:
    """Return what an error says; of one that is not ours, masked."""
    if isinstance(error, SecretScopeError):
        return str(error)
    return f"{type(error).__name__}: {redact(str(error))}"


class _Count:
    """Counts what is warm, for who wants to see it."""

    def __init__(self, total: int, tell: Progress | None) -> None:
        self._total = total
        self._tell = tell
        self._done = 0

    def __call__(self, ref: str) -> None:
        self._done += 1
        if self._tell is not None:
            self._tell(self._done, self._total, ref)
