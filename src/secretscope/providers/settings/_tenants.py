"""The section ``tenants``: where tenants' secrets are kept, and what they share."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from attrs import fields

from secretscope.errors import (
    ConfigurationError,
    InvalidRefError,
    UnknownTenantError,
)
from secretscope.protocols import Secrets
from secretscope.providers.settings._faults import Faults
from secretscope.providers.settings._options import (
    anything,
    listed,
    number,
    options,
    text,
    whole,
)
from secretscope.scopes import TenantLimits, TenantPlan
from secretscope.values import TenantNames, parse_ref

ReadStore = Callable[[Mapping[str, Any], str], Secrets | None]
"""Makes a store of settings at a path; None where they are faulty."""


def _ref(value: object, path: str, faults: Faults) -> None:
    text(value, path, faults)
    reason = None
    try:
        parse_ref(value if isinstance(value, str) else "TEXT")
    except InvalidRefError as wrong:
        reason = wrong.reason
    if reason is not None:
        faults.add(path, f"no ref: {reason}")


_CHECK = options(
    {
        "path": text,
        "names": text,
        "namespace": text,
        "inherit": listed(_ref, "a list of refs"),
        "stores": anything,
        "overridable": listed(_ref, "a list of refs"),
        "max_open": whole(least=1),
        "max_bytes": whole(least=1),
        "idle": number(),
        "max_refs": whole(least=1),
        "max_loads": whole(least=1),
        "failures": whole(least=1),
        "pause": number(),
    }
)


def read_tenants(
    raw: object, path: str, faults: Faults, read: ReadStore, *, by_store: bool
) -> TenantPlan | None:
    """Return where tenants' secrets are kept; None without the section.

    Args:
        raw: the section.
        path: where it stands.
        faults: what is wrong is added here.
        read: makes a store of a tenant's own settings.
        by_store: whether the store itself was told how tenants differ.
    """
    if raw is None:
        return None
    before = len(faults.found)
    _CHECK(raw, path, faults)
    if not isinstance(raw, Mapping):
        return None
    stores = _stores(raw.get("stores"), f"{path}.stores", faults, read)
    if len(faults.found) > before:
        return None
    try:
        return TenantPlan(
            path=raw.get("path"),
            inherit=frozenset(raw.get("inherit") or ()),
            names=TenantNames(raw.get("names")),
            namespace=raw.get("namespace"),
            stores=stores,
            by_store=by_store,
            overridable=_refs(raw.get("overridable")),
            limits=_limits(raw),
        )
    except ConfigurationError as wrong:
        faults.found += [re.sub(r"^tenants", path, fault) for fault in wrong.faults]
    return None


def _refs(given: Iterable[str] | None) -> frozenset[str] | None:
    return None if given is None else frozenset(given)


def _limits(raw: Mapping[str, Any]) -> TenantLimits | None:
    names = [option.name for option in fields(TenantLimits)]
    given = {name: raw[name] for name in names if raw.get(name) is not None}
    return TenantLimits(**given) if given else None


def _stores(
    raw: object, path: str, faults: Faults, read: ReadStore
) -> Callable[[str], Any] | None:
    if raw is None or callable(raw):
        return raw
    if not isinstance(raw, Mapping):
        faults.add(path, "expected a mapping of tenant to store, or a function")
        return None
    stores: dict[str, Secrets | None] = {}
    for name, given in raw.items():
        if isinstance(given, Mapping):
            stores[name] = read(given, f"{path}.{name}")
        elif isinstance(given, Secrets):
            stores[name] = given
        else:
            faults.add(f"{path}.{name}", "expected a store or its settings")
    return _mapped(stores, path)


def _mapped(stores: Mapping[str, Any], path: str) -> Callable[[str], Any]:
    def store_of(tenant: str) -> object:
        if tenant not in stores:
            raise UnknownTenantError(tenant, where=path)
        return stores[tenant]

    return store_of
