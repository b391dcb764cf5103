"""The right call at the wrong time or place."""

from secretscope.errors._root import SecretScopeError


class ScopeError(SecretScopeError, RuntimeError):
    """The right call at the wrong time or place."""


class NotOpenError(ScopeError):
    """A scoped secret was read before its lifetime was entered."""

    def __init__(self, what: str = "these secrets") -> None:
        super().__init__(
            f"{what} cannot be read yet: enter `async with lifetime(container)` first",
        )


class ForkedError(ScopeError):
    """Secrets were used in a child process that its parent had opened."""

    def __init__(self) -> None:
        super().__init__(
            "these secrets were opened in the process that this one was forked from, "
            "which alone keeps them fresh: open the lifetime after the fork, of a "
            "container that was not open before it (under gunicorn: without --preload, "
            "or at the first request)",
        )


class LifespanError(NotOpenError):
    """A request came before any lifespan had opened the lifetime."""

    def __init__(self) -> None:
        super().__init__("this request's secrets")
        self.args = (
            "this request's secrets cannot be read: no lifespan has opened their "
            "lifetime; wrap the whole application in SecretsMiddleware, and run the "
            "server with its lifespan on, or hand the middleware the reader of a "
            "lifetime that is open around the server",
        )


class ScopeClosedError(ScopeError):
    """A scoped secret was read after its block had ended."""

    def __init__(self, scope: str) -> None:
        super().__init__(
            f"{scope} has ended, and its secrets with it: read inside its block, "
            "or end the task that outlived it",
        )
        self.scope = scope


class ScopeMismatchError(ScopeError):
    """What was built for one tenant was used in another place."""

    def __init__(self, *, built_in: str, used_in: str | None) -> None:
        here = f"in tenant {used_in!r}" if used_in else "outside any tenant"
        super().__init__(
            f"this agent was built in tenant {built_in!r} and is run {here}: "
            "build it where it runs, or build it outside all tenants",
        )
        self.built_in = built_in
        self.used_in = used_in


class NestedTenantError(ScopeError):
    """Another tenant was entered inside a tenant."""

    def __init__(self, tenant: str, *, inside: str) -> None:
        super().__init__(
            f"tenant {tenant!r} cannot be entered inside tenant {inside!r}: "
            "leave the first block, or start the work from outside it",
        )
        self.tenant = tenant
        self.inside = inside


class NotOverridableError(ScopeError):
    """A ref was overridden in a tenant that the policy does not let be replaced."""

    def __init__(self, *refs: str, tenant: str) -> None:
        super().__init__(
            f"{', '.join(refs)} can't be overridden in tenant {tenant!r}: "
            "name it in secrets.tenants.overridable, or leave it out of the override",
        )
        self.refs = refs
        self.tenant = tenant


class AlreadyOpenError(ScopeError):
    """A lifetime was entered twice."""

    def __init__(self, what: str) -> None:
        super().__init__(
            f"{what} is already open: hand its reader on, or make a new one",
        )


class BlockedLoopError(ScopeError):
    """A plain ``with`` would block the event loop that runs in its thread."""

    def __init__(self, what: str) -> None:
        super().__init__(
            f"{what} was entered by a plain `with`, which would block the event loop "
            "that runs in this thread: write `async with`",
        )
        self.what = what


class OverriddenWhileOpenError(ScopeError):
    """A store was overridden while its lifetime was open."""

    def __init__(self, store: str) -> None:
        super().__init__(
            f"{store} was overridden while its lifetime was open: override it before "
            "`async with lifetime(...)`; for one task use `secrets.override(...)`",
        )
        self.store = store
