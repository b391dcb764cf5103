"""How every secret of every open scope is doing, without any I/O."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from attrs import evolve

from secretscope.errors import SecretScopeError
from secretscope.protocols import Reporting, Secrets
from secretscope.scopes._scope import Scope
from secretscope.scopes._store_view import StoreView
from secretscope.values import SecretStatus, split_location

Reports = dict[int, dict[str, SecretStatus]]


def status_of(scopes: Iterable[Scope], tenant: str | None = None) -> list[SecretStatus]:
    """Return the status of each ref once: the application's, then the tenants'.

    Args:
        scopes: what is open; some may show the same store.
        tenant: this tenant's alone.
    """
    found: dict[tuple[int, str | None, str], SecretStatus] = {}
    reports: Reports = {}
    for scope in scopes:
        for view, needs in _views(scope, tenant):
            for ref in dict.fromkeys((*needs, *view.refs())):
                name = split_location(ref)[0]
                key = id(view.kept_in), view.tenant, name
                status = None if key in found else _status(view, ref, reports)
                if status is not None:
                    found[key] = evolve(status, ref=name, tenant=view.tenant)
    return sorted(found.values(), key=lambda s: (s.tenant or "", s.ref, s.store))


def _views(
    scope: Scope, tenant: str | None
) -> Iterator[tuple[StoreView, tuple[str, ...]]]:
    if tenant is None:
        yield scope.app, () if scope.tenant_plan else scope.needs
    for name, view in tuple(scope.tenants.items()):
        if tenant in (None, name):
            yield view, tuple(n for n in scope.needs if n not in view.inherit)


def _status(view: StoreView, ref: str, reports: Reports) -> SecretStatus | None:
    store = view.kept_in
    try:
        base = split_location(view.location(ref))[0]
    except SecretScopeError:  # it has no place here
        return None
    known = _reported(store, reports).get(base)
    if known is not None:
        return known
    missing = view.is_missing(ref)
    return SecretStatus(ref=ref, store=type(store).__name__, missing=missing)


def _reported(store: Secrets, reports: Reports) -> dict[str, SecretStatus]:
    known = reports.get(id(store))
    if known is None:
        told = store.report() if isinstance(store, Reporting) else ()
        known = reports[id(store)] = {status.ref: status for status in told}
    return known
