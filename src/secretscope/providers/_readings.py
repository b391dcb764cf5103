"""Who reads what from where: a container's needs, for people who look after it."""

from __future__ import annotations

from typing import Any

from attrs import frozen

from secretscope.errors import SecretReadError
from secretscope.providers._graph import AnyProvider, effective
from secretscope.providers._plan_needs import Need, declared, is_reader
from secretscope.providers._scoped import ScopedSecrets
from secretscope.providers._stores import scope_behind
from secretscope.providers._survey import survey
from secretscope.scopes import Scope
from secretscope.values import called


@frozen
class Reading:
    """A ref that a provider reads, and where it is kept.

    Attributes:
        ref: the ref.
        needed_by: the provider's path, such as ``App.agent``.
        required: whether its absence fails the start (or a tenant's read).
        environment: whether the environment is looked in, too.
        store: what the store is called; None where the environment is the only place.
        location: where the application's value is kept; None where it has none.
        tenants: where a tenant's value is kept, with ``{tenant}`` in it; None where
            tenants have no place of their own, or nobody asks for theirs.
        reader: the provider it is read through.
    """

    ref: str
    needed_by: str
    required: bool
    environment: bool
    store: str | None
    location: str | None
    tenants: str | None
    reader: AnyProvider | None

    @property
    def scoped(self) -> bool:
        """Whether a tenant's task reads the tenant's."""
        return _follows_the_task(self.reader)


def readings(container: Any) -> list[Reading]:
    """Return what a container reads, in a stable order; no store is asked.

    Raises:
        ConfigurationError: Settings that can't work; every fault is named.
        GraphError: A need does not say which store it reads.
    """
    found = declared(survey(container).graph)
    return [_reading(need) for need in found]


def readers(container: Any) -> dict[str, AnyProvider]:
    """Return what a container's secrets are read through, by its path in the container.

    Each is a `ScopedSecrets` or a `SecretsBackend`; one in a container within is
    ``core.secrets``.
    """
    return {
        found.path.partition(".")[2]: found.provider
        for found in survey(container).graph
        if is_reader(found.provider)
    }


def _scope_of(need: Need) -> Scope | None:
    reader: Any = need.reader
    real = reader.backend if isinstance(reader, ScopedSecrets) else reader
    try:
        return None if real is None else scope_behind(real, need.path)
    except SecretReadError:  # what it is made of is a secret itself, and not fetched
        return None


def _reading(need: Need) -> Reading:
    scope = _scope_of(need)
    location = tenants = None
    store = None if need.reader is None else "a store whose settings are secrets"
    environment = need.environment
    if scope is not None:
        store = called(scope.store)
        location, tenants = _places(need, scope)
        environment = (
            environment and scope.env_fallback and not (tenants and location is None)
        )
    return Reading(
        ref=need.ref,
        needed_by=need.path,
        required=need.required,
        environment=environment,
        store=store,
        location=location,
        tenants=tenants,
        reader=need.reader,
    )


def _follows_the_task(reader: AnyProvider | None) -> bool:
    return reader is not None and isinstance(effective(reader), ScopedSecrets)


def _places(need: Need, scope: Scope) -> tuple[str | None, str | None]:
    plan = scope.tenant_plan
    scoped = _follows_the_task(need.reader)
    location: str | None = None
    if plan is None or not scoped or need.ref in plan.inherit:
        location = scope.app_plan.place(need.ref)
    if plan is None or not scoped:
        return location, None
    place = plan.place("{tenant}", need.ref, apart=plan.kept_apart)
    if place is not None and plan.kept_apart:
        part = (plan.namespace or "{tenant}").rstrip("/")
        place = f"{part}: {place}"
    return location, place
