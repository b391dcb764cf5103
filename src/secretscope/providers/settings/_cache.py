"""The section ``cache``: how long values are good, for a store and for single refs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from secretscope.cache import Policy
from secretscope.errors import ConfigurationError, InvalidRefError
from secretscope.providers.settings._faults import Faults
from secretscope.providers.settings._options import each, number, options, whole
from secretscope.scopes import AppPlan, TenantPlan

_NEVER = "never"
"""The word for a ttl without an end: a null counts as not set."""
_number = number()


def _ttl(value: Any, path: str, faults: Faults) -> None:
    if value != _NEVER:
        _number(value, path, faults)


def _jitter(value: Any, path: str, faults: Faults) -> None:
    try:
        Policy(jitter=value)
    except ConfigurationError:
        faults.add(path, "expected two shares below 1, such as [0.1, 0.2]")


_OF_A_REF = {
    "ttl": _ttl,
    "negative_ttl": number(),
    "timeout": number(above=True),
    "refresh_gap": number(),
    "refresh_ahead": number(above=True, most=1),
    "jitter": _jitter,
    "max_stale": number(),
    "backoff": options({"first": number(above=True), "most": number(above=True)}),
    "attempts": whole(least=1),
    "idle": number(),
}
_CHECK = options(
    {
        **_OF_A_REF,
        "concurrency": whole(least=1),
        "close_timeout": number(above=True),
        "refs": each(options(_OF_A_REF), "a mapping of ref to options"),
    }
)


def read_cache(
    places: Mapping[str, Any],
    app: AppPlan,
    tenants: TenantPlan | None,
    faults: Faults,
) -> Policy | None:
    """Return the policy that the sections say, each going before those ahead of it.

    Args:
        places: the sections by their path: the shared one, then the store's own.
        app: where the application's refs are kept: single refs are named by it.
        tenants: where tenants' are.
        faults: what is wrong is added here.
    """
    said: dict[str, Any] = {}
    refs: dict[str, Mapping[str, Any]] = {}
    before = len(faults.found)
    for path, section in places.items():
        if section is None:
            continue
        _CHECK(section, path, faults)
        if len(faults.found) == before:
            given = _set(section)
            for ref, its in given.pop("refs", {}).items():
                for location in _locations(ref, app, tenants, f"{path}.refs", faults):
                    refs[location] = {**refs.get(location, {}), **_set(its)}
            said |= given
    if not (said or refs) or len(faults.found) > before:
        return None
    return Policy(**said, refs=refs)


def _set(section: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options that are set."""
    said = {name: value for name, value in section.items() if value is not None}
    if said.get("ttl") == _NEVER:
        said["ttl"] = None
    return said


def _locations(
    ref: str, app: AppPlan, tenants: TenantPlan | None, path: str, faults: Faults
) -> list[str]:
    """Return where a ref is kept, with a ``*`` for every tenant's name."""
    try:
        found = [app.place(ref)]
        own = None
        if tenants is not None:
            own = tenants.place("*", ref, apart=not tenants.shared)
    except InvalidRefError as error:
        faults.add(f"{path}.{ref}", f"is no ref: {error.reason}")
        return []
    if own is not None:
        found.append(own)
    bases = [location.partition("#")[0] for location in found]
    if "#" not in ref and any(location.endswith(f"#{ref}") for location in found):
        faults.add(
            f"{path}.{ref}",
            "refs are fields of one document here: set the option for the whole store",
        )
    return bases
