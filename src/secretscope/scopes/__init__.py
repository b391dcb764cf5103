"""Scopes: what a task may see of the secrets, and for how long."""

from secretscope.scopes._blocks import OverrideBlock, TenantBlock
from secretscope.scopes._lifetime import Lifetime
from secretscope.scopes._lifetime_reader import LifetimeReader
from secretscope.scopes._plan import (
    AppPlan,
    TenantPlan,
    TenantStore,
    check_template,
    check_tenant_template,
)
from secretscope.scopes._reader import BoundReader, ScopedReader
from secretscope.scopes._scope import Scope
from secretscope.scopes._view import StoreView, says_missing

__all__ = [
    "AppPlan",
    "BoundReader",
    "Lifetime",
    "LifetimeReader",
    "OverrideBlock",
    "Scope",
    "ScopedReader",
    "StoreView",
    "TenantBlock",
    "TenantPlan",
    "TenantStore",
    "check_template",
    "check_tenant_template",
    "says_missing",
]
