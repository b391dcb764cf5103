"""Scopes: what a task may see of the secrets, and for how long."""

from secretscope.scopes._forced import force
from secretscope.scopes._frame import Frame
from secretscope.scopes._holding import Holding
from secretscope.scopes._home import ANYWHERE, Anywhere, Home, refuse_in_loop, soon
from secretscope.scopes._instance import Close
from secretscope.scopes._instances import Instances, Lease
from secretscope.scopes._kept import Kept
from secretscope.scopes._lifetime import Lifetime
from secretscope.scopes._lifetime_reader import LifetimeReader
from secretscope.scopes._limits import TenantLimits
from secretscope.scopes._override import Override
from secretscope.scopes._plan import (
    AppPlan,
    TenantPlan,
    TenantStore,
    check_template,
    check_tenant_template,
)
from secretscope.scopes._portal import Portal
from secretscope.scopes._reader import Reader
from secretscope.scopes._recording import noted
from secretscope.scopes._scope import Scope
from secretscope.scopes._scoped_reader import ScopedReader
from secretscope.scopes._several import OverrideAll, SeveralStores
from secretscope.scopes._store_view import StoreView, says_missing
from secretscope.scopes._tenant_block import TenantBlock
from secretscope.scopes._trail import ScopeEvent, Sink, log_events, write_events

__all__ = [
    "ANYWHERE",
    "Anywhere",
    "AppPlan",
    "Close",
    "Frame",
    "Holding",
    "Home",
    "Instances",
    "Kept",
    "Lease",
    "Lifetime",
    "LifetimeReader",
    "Override",
    "OverrideAll",
    "Portal",
    "Reader",
    "Scope",
    "ScopeEvent",
    "ScopedReader",
    "SeveralStores",
    "Sink",
    "StoreView",
    "TenantBlock",
    "TenantLimits",
    "TenantPlan",
    "TenantStore",
    "check_template",
    "check_tenant_template",
    "force",
    "log_events",
    "noted",
    "refuse_in_loop",
    "says_missing",
    "soon",
    "write_events",
]
