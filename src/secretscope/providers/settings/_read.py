"""Reading settings: they are checked as a whole, and every fault is named with its path."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from secretscope.errors import ConfigurationError, nearest
from secretscope.protocols import Secrets
from secretscope.providers.settings._backend import Backend, Settings
from secretscope.providers.settings._backends import BACKENDS
from secretscope.providers.settings._cache import read_cache
from secretscope.providers.settings._embedded import CHAIN, ENV
from secretscope.providers.settings._faults import Faults
from secretscope.providers.settings._options import each, flag, text
from secretscope.providers.settings._tenants import read_tenants
from secretscope.scopes import AppPlan, check_template

SHARED = ("backend", "path", "refs", "env_fallback", "tenants", "cache")
"""What may be said of every store."""


def read_settings(raw: object, *, path: str = "secrets") -> Settings:
    """Check settings from YAML, JSON, a dictionary or pydantic settings.

    Raises:
        ConfigurationError: It names every fault with its path, and holds no value.
    """
    raw = _plain(raw)
    if not raw:
        raise ConfigurationError(
            f"{path}: nothing is configured; set {path}.backend to one of "
            + ", ".join(BACKENDS)
        )
    if not isinstance(raw, Mapping):
        raise ConfigurationError(
            f"{path}: expected a mapping of options, such as {{'backend': 'env'}}, "
            f"got {type(raw).__name__}"
        )
    faults = Faults()
    settings = _read(raw, path, faults)
    faults.tell()
    return settings


def read_policy(raw: object, *, path: str = "secrets") -> Settings:
    """Read only what holds over a store that tests put in the backend's place."""
    raw = _plain(raw)
    kept = {
        name: raw[name]
        for name in ("tenants", "env_fallback")
        if isinstance(raw, Mapping) and raw.get(name) is not None
    }
    return read_settings({"backend": ENV.name, **kept}, path=path)


def read_own_settings(raw: object) -> Settings:
    """Read what may be said of a store that the user made."""
    if raw is None:
        return Settings(ENV)
    if not isinstance(raw, dict):
        raise ConfigurationError(
            f"settings: expected a mapping of options, got {type(raw).__name__}"
        )
    return read_settings({"backend": ENV.name, **raw}, path="settings")


def _plain(raw: Any) -> Any:
    """Return pydantic settings as a mapping, and anything else as it is."""
    dump = getattr(raw, "model_dump", None)
    return raw if dump is None else dump(exclude_none=True)


def _read(
    raw: Mapping[str, Any], path: str, faults: Faults, *, named_at: str | None = None
) -> Settings:
    """Read one store's settings; `named_at` is where its name stands, in a chain."""
    for name in raw:
        if name not in SHARED and name not in BACKENDS:
            known = (*SHARED, *BACKENDS)
            faults.add(f"{path}.{name}", f"unknown option{nearest(str(name), known)}")
    backend = _backend(raw.get("backend"), named_at or f"{path}.backend", faults)
    own = f"{path}.{backend.name}"
    options, its_cache = _own(backend, raw.get(backend.name), own, faults)
    cache = {f"{path}.cache": raw.get("cache"), f"{own}.cache": its_cache}
    env_fallback = raw.get("env_fallback", True)
    flag(env_fallback, f"{path}.env_fallback", faults)

    def tenants_store(settings: Mapping[str, Any], at: str) -> Secrets | None:
        before = len(faults.found)
        read = _read(settings, at, faults)
        return None if len(faults.found) > before else read.store()

    app = _app(raw, path, faults)
    tenants = read_tenants(
        raw.get("tenants"),
        f"{path}.tenants",
        faults,
        tenants_store,
        by_store=backend.tenanted(options),
    )
    if tenants is not None and tenants.path is not None and not tenants.kept_apart:
        faults.found += [f"{path}.tenants.{one}" for one in backend.folds(tenants)]
    return Settings(
        backend=backend,
        options=options,
        chained=_chained(raw, options, path, faults) if backend is CHAIN else (),
        app=app,
        tenants=tenants,
        env_fallback=bool(env_fallback),
        policy=read_cache(cache, app, tenants, faults),
    )


def _own(
    backend: Backend, given: object, path: str, faults: Faults
) -> tuple[dict[str, Any], object]:
    """Return a store's own options, checked, and its own section ``cache``."""
    options: object = {} if given is None else given
    cache: object = None
    if isinstance(options, Mapping):
        options = dict(options)
        cache = options.pop("cache", None) if backend.cached else None
    backend.check(options, path, faults)
    return options if isinstance(options, dict) else {}, cache


def _backend(name: object, path: str, faults: Faults) -> Backend:
    known = ", ".join(BACKENDS)
    if name is None:
        faults.add(path, f"is not set; one of {known}")
    elif not isinstance(name, str):
        faults.mistyped(name, path, f"a name, one of {known}")
    elif name not in BACKENDS:
        near = nearest(name, BACKENDS)
        faults.add(path, f"unknown backend {name!r}{near}; known: {known}")
    else:
        return BACKENDS[name]
    return ENV


def _chained(
    raw: Mapping[str, Any], options: Mapping[str, Any], path: str, faults: Faults
) -> tuple[Settings, ...]:
    names = options.get("of")
    at = f"{path}.chain.of"
    if not isinstance(names, list | tuple) or not names:
        faults.add(at, "expected a list of backends, such as [env, files]")
        return ()
    links: list[Settings] = []
    for number, name in enumerate(names):
        if name == CHAIN.name:
            faults.add(f"{at}[{number}]", "a chain can't hold itself")
            continue
        one = {"backend": name, "cache": raw.get("cache")}
        if isinstance(name, str) and name in raw:
            one[name] = raw[name]
        links.append(_read(one, path, faults, named_at=f"{at}[{number}]"))
    return tuple(links)


def _app(raw: Mapping[str, Any], path: str, faults: Faults) -> AppPlan:
    before = len(faults.found)
    template = raw.get("path", "{ref}")
    if isinstance(template, str):
        faults.found += check_template(template, option=f"{path}.path", holes=("ref",))
    else:
        faults.mistyped(template, f"{path}.path", "a template with {ref}")
    refs = raw.get("refs") or {}
    each(text, "a mapping of ref to location")(refs, f"{path}.refs", faults)
    return AppPlan() if len(faults.found) > before else AppPlan(template, dict(refs))
