"""Everything secretscope raises, as one tree; no error ever holds a value.

SecretScopeError
├── ConfigurationError (ValueError)        settings that cannot work, all faults at once
│   ├── UnknownModelError                  a model name no adapter answers to
│   └── UnknownStoreError                  no such store to override or read
├── NotSecretsError (TypeError)            an object that lacks a method of Secrets
├── MissingExtraError (ImportError)        the SDK behind a store or model is not installed
├── InvalidRefError (ValueError)           a ref outside the grammar
├── InvalidTenantError (ValueError)        a tenant name outside the grammar
├── UnknownTenantError (LookupError)       a well-formed name that nobody has
├── SecretReadError (KeyError)             a ref that cannot be read here and now
│   ├── MissingSecretError                 the store said: not here
│   │   ├── DeletedSecretError             it was, and has been deleted
│   │   └── DestroyedSecretError           it was, and can never come back
│   ├── NotWarmError                       nobody has fetched it yet
│   ├── ExpiredError                       what was fetched has run out
│   └── NoTenantError                      a tenant's ref, read outside any tenant
├── StoreError                             a store that did not do its part
│   ├── StoreUnavailableError (ConnectionError)
│   ├── StoreTimeoutError (TimeoutError)
│   ├── AccessDeniedError (PermissionError)
│   ├── MalformedSecretError (ValueError)
│   ├── ConflictError                      check-and-set lost the race
│   └── ReadOnlyStoreError (NotImplementedError)
├── ScopeError (RuntimeError)              the right call at the wrong time or place
│   ├── NotOpenError                       read before the lifetime was entered
│   │   └── LifespanError                  a web server that told of no lifespan
│   ├── ForkedError                        opened in the process that this one was forked from
│   ├── ScopeClosedError                   read after the block has ended
│   ├── ScopeMismatchError                 an agent of one tenant run in another
│   ├── NestedTenantError                  another tenant inside a tenant
│   ├── AlreadyOpenError                   a lifetime entered twice
│   ├── NotOverridableError                a ref that no tenant's block may override
│   ├── BlockedLoopError                   a plain `with` that would block a running loop
│   └── OverriddenWhileOpenError           a store replaced under its readers
├── GraphError (TypeError)                 a container that cannot be given its secrets
│   ├── CaptiveError                       a singleton would keep one tenant's key for all, or an old one
│   ├── CycleError                         stores that need each other to open
│   ├── AsyncioOnlyError                   a provider that only works on asyncio
│   └── AmbiguousStoreError                a need that does not say which store it reads
├── WarmUpError                            required refs that could not be had, all at once
├── ChannelError (ConnectionError)         a bus between processes that is not there
└── AgentError
    ├── ToolDefinitionError (TypeError)    a function that cannot be a tool
    ├── MissingKeyError (LookupError)      no step of a model's order found its key
    ├── ModelError                         the model's service answered with an error
    ├── AuthenticationError (PermissionError)  ... it refused the key
    ├── RunTimeoutError (TimeoutError)     a run took longer than it may
    ├── TurnLimitError                     a run took more turns than it may
    └── AuditError                         an audit log that is not what was written
"""

from secretscope.errors._again import again as again
from secretscope.errors._agent import (
    AgentError,
    AuditError,
    AuthenticationError,
    MissingKeyError,
    ModelError,
    RunTimeoutError,
    ToolDefinitionError,
    TurnLimitError,
)
from secretscope.errors._fleet import ChannelError
from secretscope.errors._graph import (
    AmbiguousStoreError,
    AsyncioOnlyError,
    CaptiveError,
    CycleError,
    GraphError,
    WarmUpError,
)
from secretscope.errors._names import (
    InvalidRefError,
    InvalidTenantError,
    UnknownTenantError,
)
from secretscope.errors._nearest import nearest as nearest
from secretscope.errors._reading import (
    DeletedSecretError,
    DestroyedSecretError,
    ExpiredError,
    MissingSecretError,
    NoTenantError,
    NotWarmError,
    SecretReadError,
)
from secretscope.errors._root import SecretScopeError
from secretscope.errors._scopes import (
    AlreadyOpenError,
    BlockedLoopError,
    ForkedError,
    LifespanError,
    NestedTenantError,
    NotOpenError,
    NotOverridableError,
    OverriddenWhileOpenError,
    ScopeClosedError,
    ScopeError,
    ScopeMismatchError,
)
from secretscope.errors._settings import (
    ConfigurationError,
    MissingExtraError,
    NotSecretsError,
    UnknownModelError,
    UnknownStoreError,
)
from secretscope.errors._stores import (
    AccessDeniedError,
    ConflictError,
    MalformedSecretError,
    ReadOnlyStoreError,
    StoreError,
    StoreTimeoutError,
    StoreUnavailableError,
)

__all__ = [
    "AccessDeniedError",
    "AgentError",
    "AlreadyOpenError",
    "AmbiguousStoreError",
    "AsyncioOnlyError",
    "AuditError",
    "AuthenticationError",
    "BlockedLoopError",
    "CaptiveError",
    "ChannelError",
    "ConfigurationError",
    "ConflictError",
    "CycleError",
    "DeletedSecretError",
    "DestroyedSecretError",
    "ExpiredError",
    "ForkedError",
    "GraphError",
    "InvalidRefError",
    "InvalidTenantError",
    "LifespanError",
    "MalformedSecretError",
    "MissingExtraError",
    "MissingKeyError",
    "MissingSecretError",
    "ModelError",
    "NestedTenantError",
    "NoTenantError",
    "NotOpenError",
    "NotOverridableError",
    "NotSecretsError",
    "NotWarmError",
    "OverriddenWhileOpenError",
    "ReadOnlyStoreError",
    "RunTimeoutError",
    "ScopeClosedError",
    "ScopeError",
    "ScopeMismatchError",
    "SecretReadError",
    "SecretScopeError",
    "StoreError",
    "StoreTimeoutError",
    "StoreUnavailableError",
    "ToolDefinitionError",
    "TurnLimitError",
    "UnknownModelError",
    "UnknownStoreError",
    "UnknownTenantError",
    "WarmUpError",
]

for _name in __all__:  # tracebacks and pickles name the door, not the room behind it
    globals()[_name].__module__ = __name__
