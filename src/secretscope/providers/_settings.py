"""The one schema of settings, checked as a whole: every fault is named with its path."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from typing import Any

from attrs import define, field, frozen

from secretscope.errors import ConfigurationError, UnknownTenantError, nearest
from secretscope.protocols import Secrets
from secretscope.scopes import AppPlan, TenantPlan, check_template
from secretscope.values import TenantNames

BACKENDS: dict[str, tuple[str, ...]] = {
    "env": (),
    "dict": ("*",),
    "files": ("directory", "max_bytes"),
    "chain": ("of",),
}
"""Each backend's options; ``*`` takes any name."""

SHARED = ("backend", "path", "refs", "env_fallback", "tenants", "cache")
TENANTS = ("path", "inherit", "names", "namespace", "stores")
CACHE = ("ttl", "negative_ttl", "concurrency", "timeout", "refresh_gap")


@frozen
class Settings:
    """What the settings of one backend say."""

    backend: str
    options: Mapping[str, Any]
    chained: tuple[Settings, ...] = ()
    app: AppPlan = field(factory=AppPlan)
    tenants: TenantPlan | None = None
    env_fallback: bool = True
    cache: Mapping[str, float] = field(factory=dict[str, float])


@define
class _Faults:
    """Collects what is wrong, so that all of it is told at once."""

    found: list[str] = field(factory=list[str])

    def add(self, path: str, problem: str) -> None:
        self.found.append(f"{path}: {problem}")

    def typed(self, value: object, kind: type, path: str, expected: str) -> bool:
        if isinstance(value, kind) and not (kind is not bool and value is True):
            return True
        self.add(path, f"expected {expected}, got {type(value).__name__}")
        return False

    def known(
        self, given: Mapping[str, Any], names: tuple[str, ...], path: str
    ) -> None:
        for name in given:
            if "*" not in names and name not in names:
                self.add(
                    f"{path}.{name}",
                    f"unknown option{nearest(str(name), names)}",
                )


def read_settings(raw: object, *, path: str = "secrets") -> Settings:
    """Check settings from YAML, JSON, a dictionary or pydantic settings.

    Raises:
        ConfigurationError: It names every fault with its path, and holds no value.
    """
    raw = _plain(raw)
    if raw is None or not isinstance(raw, Mapping) or not raw:
        raise ConfigurationError(
            f"{path}: nothing is configured; set {path}.backend to one of "
            + ", ".join(BACKENDS)
        )
    faults = _Faults()
    settings = _read(raw, path, faults)
    if faults.found:
        raise ConfigurationError(*faults.found)
    return settings


def read_policy(raw: object, *, path: str = "secrets") -> Settings:
    """Read only what holds over a store that tests put in the backend's place."""
    raw = _plain(raw)
    kept = {
        name: raw[name]
        for name in ("tenants", "env_fallback")
        if isinstance(raw, Mapping) and raw.get(name) is not None
    }
    return read_settings({"backend": "env", **kept}, path=path)


def _plain(raw: Any) -> Any:  # noqa: ANN401 - whatever the configuration holds
    """Return pydantic settings as a mapping, and anything else as it is."""
    dump = getattr(raw, "model_dump", None)
    return raw if dump is None else dump(exclude_none=True)


def _read(raw: Mapping[str, Any], path: str, faults: _Faults) -> Settings:
    backend = raw.get("backend")
    faults.known(raw, (*SHARED, *BACKENDS), path)
    if backend is None:
        faults.add(f"{path}.backend", f"is not set; one of {', '.join(BACKENDS)}")
        backend = ""
    elif not isinstance(backend, str) or backend not in BACKENDS:
        faults.add(
            f"{path}.backend",
            f"unknown backend {backend!r}{nearest(str(backend), BACKENDS)}; "
            f"known: {', '.join(BACKENDS)}",
        )
        backend = ""
    options = _options(raw, backend, path, faults)
    env_fallback = raw.get("env_fallback", True)
    faults.typed(env_fallback, bool, f"{path}.env_fallback", "true or false")
    return Settings(
        backend=backend,
        options=options,
        chained=_chained(raw, backend, options, path, faults),
        app=_app(raw, path, faults),
        tenants=_tenants(raw.get("tenants"), f"{path}.tenants", faults),
        env_fallback=bool(env_fallback),
        cache=_cache(raw.get("cache"), f"{path}.cache", faults),
    )


def _options(
    raw: Mapping[str, Any], backend: str, path: str, faults: _Faults
) -> Mapping[str, Any]:
    given = raw.get(backend) if backend else None
    if given is None:
        given = {}
    at = f"{path}.{backend}"
    if not faults.typed(given, Mapping, at, "a mapping of options"):
        return {}
    if backend:
        faults.known(given, BACKENDS[backend], at)
    check = {"files": _files, "dict": _texts}.get(backend)
    if check is not None:
        check(given, at, faults)
    return given


def _files(given: Mapping[str, Any], at: str, faults: _Faults) -> None:
    directory = given.get("directory")
    if directory is None:
        faults.add(f"{at}.directory", "is not set; it names the folder of secrets")
    elif not isinstance(directory, str | os.PathLike):
        faults.add(
            f"{at}.directory", f"expected a path, got {type(directory).__name__}"
        )
    if "max_bytes" in given:
        faults.typed(given["max_bytes"], int, f"{at}.max_bytes", "a whole number")


def _texts(given: Mapping[str, Any], at: str, faults: _Faults) -> None:
    for name, value in given.items():
        faults.typed(value, str, f"{at}.{name}", "a text")


def _chained(
    raw: Mapping[str, Any],
    backend: str,
    options: Mapping[str, Any],
    path: str,
    faults: _Faults,
) -> tuple[Settings, ...]:
    if backend != "chain":
        return ()
    names = options.get("of")
    at = f"{path}.chain.of"
    if not isinstance(names, list | tuple) or not names:
        faults.add(at, "expected a list of backends, such as [env, files]")
        return ()
    links: list[Settings] = []
    for number, name in enumerate(names):
        if name == "chain":
            faults.add(f"{at}[{number}]", "a chain can't hold itself")
            continue
        one = {"backend": name}
        if isinstance(name, str) and name in raw:
            one[name] = raw[name]
        links.append(_read(one, path, faults))
    return tuple(links)


def _app(raw: Mapping[str, Any], path: str, faults: _Faults) -> AppPlan:
    template = raw.get("path", "{ref}")
    if faults.typed(template, str, f"{path}.path", "a template with {ref}"):
        faults.found += check_template(template, option=f"{path}.path", holes=("ref",))
    refs = raw.get("refs") or {}
    if faults.typed(refs, Mapping, f"{path}.refs", "a mapping of ref to location"):
        for ref, location in refs.items():
            faults.typed(location, str, f"{path}.refs.{ref}", "a location")
    else:
        refs = {}
    return AppPlan(template if isinstance(template, str) else "{ref}", dict(refs))


def _tenants(raw: object, path: str, faults: _Faults) -> TenantPlan | None:
    if raw is None:
        return None
    if not isinstance(raw, Mapping):
        faults.add(path, f"expected a mapping of options, got {type(raw).__name__}")
        return None
    faults.known(raw, TENANTS, path)
    for name in ("path", "names", "namespace"):
        if raw.get(name) is not None:
            faults.typed(raw[name], str, f"{path}.{name}", "a text")
    inherit = raw.get("inherit") or ()
    if isinstance(inherit, str) or not isinstance(
        inherit, list | tuple | set | frozenset
    ):
        faults.add(f"{path}.inherit", "expected a list of refs")
        inherit = ()
    try:
        return TenantPlan(
            path=raw.get("path"),
            inherit=frozenset(inherit),
            names=TenantNames(raw.get("names")),
            namespace=raw.get("namespace"),
            stores=_stores(raw.get("stores"), f"{path}.stores", faults),
        )
    except ConfigurationError as wrong:
        faults.found += [re.sub(r"^tenants", path, fault) for fault in wrong.faults]
    except (TypeError, AttributeError):  # already told, with its path
        pass
    return None


def _stores(raw: object, path: str, faults: _Faults) -> Callable[[str], Any] | None:
    if raw is None or callable(raw):
        return raw
    if not isinstance(raw, Mapping):
        faults.add(path, "expected a mapping of tenant to store, or a function")
        return None
    for name, store in raw.items():
        if not isinstance(store, Secrets) and not isinstance(store, Mapping):
            faults.add(f"{path}.{name}", "expected a store or its settings")
    return _mapped(dict(raw), path)


def _mapped(stores: Mapping[str, Any], path: str) -> Callable[[str], Any]:
    def store_of(tenant: str) -> object:
        if tenant not in stores:
            raise UnknownTenantError(tenant, where=path)
        return stores[tenant]

    return store_of


def _cache(raw: object, path: str, faults: _Faults) -> Mapping[str, float]:
    if raw is None:
        return {}
    if not isinstance(raw, Mapping):
        faults.add(path, f"expected a mapping of options, got {type(raw).__name__}")
        return {}
    faults.known(raw, CACHE, path)
    for name, value in raw.items():
        if isinstance(value, bool) or not isinstance(value, int | float):
            faults.add(f"{path}.{name}", "expected a number (of seconds, mostly)")
        elif value < 0:
            faults.add(f"{path}.{name}", "can't be negative")
    return raw
