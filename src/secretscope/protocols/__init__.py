"""What readers and stores promise each other: one act a protocol.

A `Secrets` is all that a reader needs. A networked store implements `Source` and what
further talents it has; `secretscope.cache.CachedSecrets` makes a `Secrets` of it.
"""

from secretscope.protocols._freshness import (
    Announcing,
    Expiring,
    Forgetful,
    Keeping,
    Observable,
    Refreshable,
    Reporting,
)
from secretscope.protocols._reading import (
    Batched,
    Bindable,
    BoundSecrets,
    Peekable,
    Secrets,
    Settled,
    Snapshots,
)
from secretscope.protocols._sources import (
    AuthenticatedSource,
    BatchSource,
    LeasingSource,
    NamespacedSource,
    Source,
    TenantedSource,
    WatchingSource,
    WritableSource,
)
from secretscope.protocols._stores import (
    Monitored,
    Namespaced,
    Openable,
    Owned,
    Servable,
    Tenanted,
)

__all__ = [
    "Announcing",
    "AuthenticatedSource",
    "BatchSource",
    "Batched",
    "Bindable",
    "BoundSecrets",
    "Expiring",
    "Forgetful",
    "Keeping",
    "LeasingSource",
    "Monitored",
    "Namespaced",
    "NamespacedSource",
    "Observable",
    "Openable",
    "Owned",
    "Peekable",
    "Refreshable",
    "Reporting",
    "Secrets",
    "Servable",
    "Settled",
    "Snapshots",
    "Source",
    "Tenanted",
    "TenantedSource",
    "WatchingSource",
    "WritableSource",
]

for (
    _name
) in __all__:  # the reference and tracebacks name the door, not the room behind it
    globals()[_name].__module__ = __name__
