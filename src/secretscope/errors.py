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

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches

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


class SecretScopeError(Exception):
    """The root of everything secretscope raises."""

    def __str__(self) -> str:
        """Return the sentence, also where KeyError would quote it."""
        return str(self.args[0]) if self.args else ""

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle and copy by its facts: an error crosses processes as it is."""
        return _revive, (type(self), self.args, dict(self.__dict__))


def _revive(
    kind: type[Exception], args: tuple[object, ...], facts: dict[str, object]
) -> Exception:
    error = kind.__new__(kind, *args)
    error.args = args
    error.__dict__.update(facts)
    return error


def nearest(name: str, known: Iterable[str]) -> str:
    """Return ``"; did you mean 'x'?"`` for the nearest known name, or nothing."""
    close = get_close_matches(name, list(known), n=1)
    return f"; did you mean {close[0]!r}?" if close else ""


# --- settings ------------------------------------------------------------------------


class ConfigurationError(SecretScopeError, ValueError):
    """Settings that cannot work; every fault is named at once, with its path."""

    def __init__(self, *faults: str) -> None:
        lines = "\n".join(f"  - {fault}" for fault in faults)
        one = faults[0] if len(faults) == 1 else f"{len(faults)} faults:\n{lines}"
        super().__init__(f"the configuration cannot work: {one}")
        self.faults = faults


class UnknownModelError(ConfigurationError):
    """A model name that no adapter answers to."""

    def __init__(self, model: str, *, known: Sequence[str]) -> None:
        super().__init__(
            f"no adapter knows the model {model!r}{nearest(model, known)}; "
            f"use a name that begins with one of {', '.join(known)}, "
            "or pass a model object"
        )
        self.model = model


class UnknownStoreError(ConfigurationError):
    """A store was named that this lifetime does not hold."""

    def __init__(self, store: str, *, known: Sequence[str]) -> None:
        super().__init__(
            f"{store} is no ScopedSecrets of this lifetime: "
            f"pass one of {', '.join(known) or '(there is none)'}"
        )
        self.store = store


class NotSecretsError(SecretScopeError, TypeError):
    """An object was given as secrets that lacks a method of the protocol."""

    def __init__(
        self, kind: str, *, missing: Sequence[str], is_class: bool = False
    ) -> None:
        super().__init__(
            f"{kind} is a class: pass an instance of it, {kind}(...)"
            if is_class
            else f"{kind} cannot serve as secrets, it has no {', '.join(missing)}(): "
            "add resolve, store, redact and lookup_sync (the protocol is Secrets)",
        )
        self.kind = kind
        self.missing = tuple(missing)


class MissingExtraError(SecretScopeError, ImportError):
    """The package behind an optional part is not installed."""

    def __init__(self, what: str, *, extra: str) -> None:
        super().__init__(
            f"{what} needs an extra: pip install 'secretscope[{extra}]'",
        )
        self.what = what
        self.extra = extra


class InvalidRefError(SecretScopeError, ValueError):
    """A ref outside the grammar; no store was asked."""

    def __init__(self, ref: object, *, reason: str) -> None:
        super().__init__(
            f"{ref!r} is no ref: {reason}; a ref is letters, digits and _ . @ + = - "
            "in parts joined by single slashes, with one '#field' at most",
        )
        self.ref = ref
        self.reason = reason


class InvalidTenantError(SecretScopeError, ValueError):
    """A tenant name outside the grammar; no store was asked."""

    def __init__(self, tenant: object, *, grammar: str) -> None:
        shown = repr(tenant) if len(repr(tenant)) <= 80 else f"{repr(tenant)[:77]}..."  # noqa: PLR2004
        super().__init__(
            f"{shown} is no tenant name here: it must match {grammar} whole "
            "(the option secrets.tenants.names narrows it)",
        )
        self.tenant = tenant
        self.grammar = grammar


class UnknownTenantError(SecretScopeError, LookupError):
    """A well-formed name that is no tenant's."""

    def __init__(self, tenant: str, *, where: str) -> None:
        super().__init__(
            f"there is no tenant {tenant!r} in {where}: add it there, "
            "or correct the name",
        )
        self.tenant = tenant
        self.where = where


# --- reading -------------------------------------------------------------------------


class SecretReadError(SecretScopeError, KeyError):
    """A ref that cannot be read here and now."""

    def __init__(self, message: str, *, ref: str) -> None:
        super().__init__(message)
        self.ref = ref


class MissingSecretError(SecretReadError):
    """The store said that it does not hold the secret."""

    def __init__(self, ref: str, *, where: str, cure: str | None = None) -> None:
        super().__init__(
            f"secret {ref!r} not present in {where}: "
            f"{cure or 'store it there, or correct the ref'}",
            ref=ref,
        )
        self.where = where
        self.cure = cure

    def seen_as(self, ref: str, *, where: str) -> MissingSecretError:
        """Return the same of a ref as its reader knows it, with the store's cure.

        Args:
            ref: what was asked for.
            where: where it was looked for; the store's own word follows in brackets.
        """
        kinds = (DestroyedSecretError, DeletedSecretError, MissingSecretError)
        kind = next(kind for kind in kinds if isinstance(self, kind))
        place = where if where == self.where else f"{where} ({self.where})"
        return kind(ref, where=place, cure=self.cure)


class DeletedSecretError(MissingSecretError):
    """The secret's newest version has been deleted; it may be restored."""

    def __init__(self, ref: str, *, where: str, cure: str | None = None) -> None:
        super().__init__(
            ref,
            where=where,
            cure=cure
            or "its newest version was deleted; undelete it or store a new one",
        )


class DestroyedSecretError(MissingSecretError):
    """The secret's newest version has been destroyed for good."""

    def __init__(self, ref: str, *, where: str, cure: str | None = None) -> None:
        super().__init__(
            ref,
            where=where,
            cure=cure or "its newest version was destroyed for good; store a new one",
        )


class NotWarmError(SecretReadError):
    """A secret was read before its scope had fetched it."""

    def __init__(self, ref: str, *, where: str) -> None:
        super().__init__(
            f"{ref!r} is not warm in {where}: "
            "declare it as a need, or `await secrets.resolve(...)` first",
            ref=ref,
        )
        self.where = where


class ExpiredError(SecretReadError):
    """What was fetched has run out and nothing newer has arrived."""

    def __init__(self, ref: str, *, where: str) -> None:
        super().__init__(
            f"{ref!r} has expired in {where}: "
            "`await secrets.resolve(...)` fetches it again",
            ref=ref,
        )
        self.where = where


class NoTenantError(SecretReadError):
    """A ref that belongs to tenants was read outside any tenant."""

    def __init__(self, ref: str) -> None:
        super().__init__(
            f"{ref!r} belongs to tenants and no tenant is entered here: "
            "read it inside `secrets.tenant(...)`, or name it in "
            "secrets.tenants.inherit; a bare thread has lost its frame: "
            "start it with anyio.to_thread",
            ref=ref,
        )


# --- stores --------------------------------------------------------------------------


class StoreError(SecretScopeError):
    """A store that did not do its part.

    Attributes:
        store: the store's name, without credentials.
        ref: what was asked for, if one thing was.
        retry_after: seconds the store asked us to wait, if it did.
    """

    def __init__(
        self,
        message: str,
        *,
        store: str,
        ref: str | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.store = store
        self.ref = ref
        self.retry_after = retry_after


class StoreUnavailableError(StoreError, ConnectionError):
    """The store could not be reached, or is sealed, overloaded or broken.

    Attributes:
        reason: what is known of it.
        asked: whether it was asked at all; not where it is known to have an outage.
    """

    def __init__(
        self,
        store: str,
        *,
        ref: str | None = None,
        reason: str = "it could not be reached",
        retry_after: float | None = None,
        asked: bool = True,
    ) -> None:
        wanted = f" for {ref!r}" if ref else ""
        verb = "did not answer" if asked else "was not asked"
        super().__init__(
            f"{store} {verb}{wanted}: {reason}; "
            "this says nothing about whether the secret is there: try again later",
            store=store,
            ref=ref,
            retry_after=retry_after,
        )
        self.reason = reason
        self.asked = asked


class StoreTimeoutError(StoreError, TimeoutError):
    """The store took longer than it may."""

    def __init__(self, store: str, *, ref: str | None = None, seconds: float) -> None:
        asked = f" for {ref!r}" if ref else ""
        super().__init__(
            f"{store} did not answer{asked} within {seconds:g} s: "
            "try again later, or give it longer",
            store=store,
            ref=ref,
        )
        self.seconds = seconds


class AccessDeniedError(StoreError, PermissionError):
    """The store knows us and says no."""

    def __init__(
        self, store: str, *, ref: str | None = None, reason: str = "permission denied"
    ) -> None:
        asked = f" for {ref!r}" if ref else ""
        super().__init__(
            f"{store} refused{asked}: {reason}; "
            "check what this application's credentials may read there",
            store=store,
            ref=ref,
        )
        self.reason = reason


class MalformedSecretError(StoreError, ValueError):
    """A store handed out something that is no secret."""

    def __init__(self, store: str, *, ref: str, expected: str, cure: str = "") -> None:
        super().__init__(
            f"{store} gave no usable value for {ref!r}: expected {expected}"
            f"{'; ' + cure if cure else ''}",
            store=store,
            ref=ref,
        )
        self.expected = expected


class ConflictError(StoreError):
    """A write lost the race: somebody else changed the secret first."""

    def __init__(self, store: str, *, ref: str) -> None:
        super().__init__(
            f"{ref!r} changed in {store} since it was read: read it again, then store",
            store=store,
            ref=ref,
        )


class ReadOnlyStoreError(StoreError, NotImplementedError):
    """A store that cannot be written to."""

    def __init__(self, store: str) -> None:
        super().__init__(
            f"{store} is read-only: write to a DictSecrets, a FileSecrets or "
            "a store of your own",
            store=store,
        )


# --- scopes --------------------------------------------------------------------------


class ScopeError(SecretScopeError, RuntimeError):
    """The right call at the wrong time or place."""


class NotOpenError(ScopeError):
    """A scoped secret was read before its lifetime was entered."""

    def __init__(self, what: str = "these secrets") -> None:
        super().__init__(
            f"{what} cannot be read yet: enter `async with lifetime(container)` first",
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


# --- graphs --------------------------------------------------------------------------


class GraphError(SecretScopeError, TypeError):
    """A container that cannot be given its secrets as it stands."""


class CaptiveError(GraphError):
    """A provider that lives long would keep one tenant's key for all."""

    def __init__(self, *paths: str) -> None:
        lines = "\n".join(f"  - {path}" for path in paths)
        super().__init__(
            "these would keep the first tenant's secret and hand it to all, or keep "
            f"what has been rotated:\n{lines}\n"
            "Make each a Rotating: it keeps one for each tenant, and builds it anew when "
            "its secret rotates; or a Factory: it reads the secret each time it builds",
        )
        self.paths = paths


class CycleError(GraphError):
    """Stores that need each other to open."""

    def __init__(self, *path: str) -> None:
        super().__init__(
            f"these need each other to open: {' -> '.join(path)}; "
            "take one of their settings from elsewhere",
        )
        self.path = path


class AsyncioOnlyError(GraphError):
    """Providers that dependency-injector can only run on asyncio."""

    def __init__(self, *paths: str) -> None:
        lines = "\n".join(f"  - {path}" for path in paths)
        super().__init__(
            "dependency-injector runs these on asyncio alone, and this is trio:\n"
            f"{lines}\nBuild them in the body of the lifetime, or make them sync",
        )
        self.paths = paths


class AmbiguousStoreError(GraphError):
    """A need that does not say which store it reads."""

    def __init__(self, need: str, *, stores: Sequence[str]) -> None:
        found = ", ".join(stores)
        super().__init__(
            f"{need} declares secrets but reads "
            + (
                f"none of {found} itself: say which with secrets=..."
                if stores
                else "no store, and the container has none: add a SecretsBackend"
            ),
        )
        self.stores = tuple(stores)


class WarmUpError(SecretScopeError):
    """Required refs that could not be had; one error names them all.

    Attributes:
        faults: one sentence a ref: who needs it, where it was looked for, the cure.
        refs: the refs, in the order of the faults.
        causes: what the stores raised, by ref, for those that failed.
    """

    def __init__(
        self, faults: Sequence[tuple[str, str]], causes: dict[str, Exception]
    ) -> None:
        lines = "\n".join(f"  - {line}" for _, line in faults)
        super().__init__(f"{len(faults)} required secret(s) cannot be had:\n{lines}")
        self.refs = tuple(ref for ref, _ in faults)
        self.faults = tuple(line for _, line in faults)
        self.causes = causes


# --- fleets --------------------------------------------------------------------------


class ChannelError(SecretScopeError, ConnectionError):
    """The bus between processes could not be reached, or was lost."""

    def __init__(self, channel: str, *, reason: str) -> None:
        super().__init__(
            f"the channel {channel} is not there: {reason}; secrets are read as before, "
            "and what has rotated is noticed by freshness alone until it is back"
        )
        self.channel = channel
        self.reason = reason


# --- agents --------------------------------------------------------------------------


class AgentError(SecretScopeError):
    """Something an agent could not do."""


class ToolDefinitionError(AgentError, TypeError):
    """A function that cannot be shown to a model as a tool."""

    def __init__(self, tool: str, *, reason: str) -> None:
        super().__init__(f"{tool} cannot be a tool: {reason}")
        self.tool = tool
        self.reason = reason


class MissingKeyError(AgentError, LookupError):
    """No step of a model's order found its key."""

    def __init__(self, ref: str, *, model: str, store: str | None) -> None:
        looked = f"{store} has no {ref!r}" if store else "no secrets are wired"
        super().__init__(
            f"{model} has no key: no api_key= was given, {looked}, and the environment "
            f"variable {ref} is not set; give it in one of the three",
        )
        self.ref = ref
        self.model = model


class ModelError(AgentError):
    """The model's service failed, or answered what cannot be used."""

    def __init__(self, model: str, *, reason: str, status: int | None = None) -> None:
        super().__init__(f"{model} failed: {reason}")
        self.model = model
        self.status = status


class AuthenticationError(AgentError, PermissionError):
    """The model's service refused the key, also after it was refreshed."""

    def __init__(self, model: str, *, ref: str) -> None:
        super().__init__(
            f"{model} refused the key it was given: rotate {ref} in its store, "
            "or correct api_key=",
        )
        self.model = model
        self.ref = ref


class RunTimeoutError(AgentError, TimeoutError):
    """A run took longer than its agent allows."""

    def __init__(self, *, seconds: float) -> None:
        super().__init__(
            f"the run took longer than {seconds:g} s: raise Agent(timeout=...) "
            "or ask for less",
        )
        self.seconds = seconds


class TurnLimitError(AgentError):
    """A run took more turns than its agent allows."""

    def __init__(self, *, turns: int) -> None:
        super().__init__(
            f"the run was not done after {turns} turns: raise Agent(max_turns=...) "
            "or look at what its tools answer",
        )
        self.turns = turns


class AuditError(AgentError):
    """An audit log that is not what was written."""

    def __init__(self, where: str, *, line: int, reason: str) -> None:
        super().__init__(
            f"{where}, entry {line}: {reason}; "
            "what follows it cannot be trusted: compare it with a copy",
        )
        self.where = where
        self.line = line
        self.reason = reason
