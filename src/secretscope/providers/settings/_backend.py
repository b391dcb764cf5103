"""A kind of store that settings can name, and what the settings of one say."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

from attrs import field, frozen

from secretscope.cache import Policy
from secretscope.protocols import Secrets
from secretscope.providers.settings._options import Check, options
from secretscope.scopes import AppPlan, TenantPlan


def _never(given: Mapping[str, Any]) -> bool:
    return False


def _nothing(plan: TenantPlan) -> list[str]:
    return []


@frozen
class Backend:
    """A kind of store.

    Attributes:
        name: what settings call it; its own options stand under that name.
        build: makes the store of checked settings; nothing is opened or asked yet.
        check: checks its options.
        tenanted: tells of its options whether they say how tenants differ (by mount,
            by role, by account): then each tenant has a store of its own.
        cached: whether it keeps what it fetched, and takes ``cache`` among its options.
        folds: tells what of a plan would let two tenants share a place of it, since the
            store takes different names for one; each with the path below ``tenants``.
    """

    name: str
    build: Callable[[Settings], Secrets]
    check: Check = field(factory=lambda: options({}))
    tenanted: Callable[[Mapping[str, Any]], bool] = _never
    cached: bool = True
    folds: Callable[[TenantPlan], list[str]] = _nothing


@frozen
class Settings:
    """What the settings of one store say.

    Attributes:
        backend: which kind of store it is.
        options: the kind's own options, checked.
        chained: the settings of the stores that a chain asks, in order.
        app: where the application's refs are kept.
        tenants: where tenants' are; None where there are no tenants.
        env_fallback: whether who finds nothing may look in the environment.
        policy: how long values are good; None is the store's own default.
    """

    backend: Backend
    options: Mapping[str, Any] = field(factory=dict[str, Any])
    chained: tuple[Settings, ...] = ()
    app: AppPlan = field(factory=AppPlan)
    tenants: TenantPlan | None = None
    env_fallback: bool = True
    policy: Policy | None = None

    def store(self) -> Secrets:
        """Return the store that they describe; nothing is opened or asked yet.

        Raises:
            MissingExtraError: What it needs is not installed.
        """
        return self.backend.build(self)

    def given(self, *names: str) -> dict[str, Any]:
        """Return those of its options that are set, for a call."""
        return {
            name: self.options[name]
            for name in names
            if self.options.get(name) is not None
        }


def door(module: str) -> Any:
    """Import a store's module when it is first built: its SDK is an extra.

    Args:
        module: such as ``vault``, for ``secretscope.backends.vault``.

    Raises:
        MissingExtraError: What it needs is not installed.
    """
    return import_module(f"secretscope.backends.{module}")
