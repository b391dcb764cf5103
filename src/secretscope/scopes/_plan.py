"""Where refs are kept: the application's places, and the tenants'."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from functools import lru_cache

from attrs import field, frozen

from secretscope.errors import ConfigurationError, InvalidRefError
from secretscope.protocols import Secrets
from secretscope.scopes._limits import TenantLimits
from secretscope.values import TenantNames, parse_ref

TenantStore = Callable[[str], "Secrets | Awaitable[Secrets]"]
"""Gives a tenant's own store; sync or async."""

_HOLE = re.compile(r"\{([a-z]*)\}")


def _literal(template: str) -> str:
    """Return a pattern that matches a base made from the template."""
    parts = _HOLE.split(template.partition("#")[0])
    return "".join(
        re.escape(part) if at % 2 == 0 else f"(?P<{part}>.+)"
        for at, part in enumerate(parts)
    )


def check_template(template: str, *, option: str, holes: tuple[str, ...]) -> list[str]:
    """Return what is wrong with a template, each with the option's path."""
    found = _HOLE.findall(template)
    faults = [
        f"{option}: {{{name}}} is not known there; it takes "
        + " and ".join(f"{{{hole}}}" for hole in holes)
        for name in found
        if name not in holes
    ]
    faults += [
        f"{option}: {template!r} must hold {{{hole}}} exactly once"
        for hole in holes
        if found.count(hole) != 1
    ]
    if template.count("#") > 1:
        faults.append(f"{option}: {template!r} holds more than one '#'")
    return faults


def check_tenant_template(
    template: str, names: TenantNames, *, option: str = "tenants.path"
) -> list[str]:
    """Return what would let two tenants share a place."""
    faults = check_template(template, option=option, holes=("tenant", "ref"))
    if faults:
        return faults
    before, _, between = template.partition("{tenant}")
    between, found, _ = between.partition("{ref}")
    if not found:
        return [f"{option}: {{tenant}} must stand before {{ref}} in {template!r}"]
    if all(names.can_hold(character) for character in between):
        return [
            f"{option}: {template!r} can collide: "
            + (f"a tenant's name may hold {between!r}; " if between else "")
            + "put a '/' or '#' between {tenant} and {ref}"
        ]
    if "#" in before:
        return [f"{option}: '#' must not stand before {{tenant}} in {template!r}"]
    return []


@frozen
class AppPlan:
    """Where the application's refs are kept.

    Attributes:
        path: a template such as ``prod/{ref}``.
        refs: locations by ref, in the store's own grammar; they go before the path.
    """

    path: str = "{ref}"
    refs: Mapping[str, str] = field(factory=dict[str, str])

    def place(self, ref: str) -> str:
        """Return the location of an application's ref.

        Raises:
            InvalidRefError: It is outside the grammar.
        """
        given = self.refs.get(ref)
        if given is not None:
            return given
        return _fill(self.path, ref, None)

    def refs_at(self, base: str) -> tuple[str, ...]:
        """Return the refs, without their field, that may be kept at a base."""
        given = [r for r, at in self.refs.items() if at.partition("#")[0] == base]
        match = re.fullmatch(_literal(self.path), base)
        kept = match.groupdict().get("ref") if match else None
        return (*given, kept) if kept else tuple(given)


@frozen
class TenantPlan:
    """Where tenants' refs are kept, and what they share with the application.

    One of four: a path in the application's store, a namespace of it, a part of it
    that the store itself was told of, or a store of the tenant's own.

    Attributes:
        path: a template such as ``tenants/{tenant}/{ref}``.
        inherit: refs that a tenant takes from the application where it has none.
        names: the grammar of tenants' names.
        namespace: a template such as ``customers/{tenant}``, or None.
        stores: gives a tenant's own store, or None.
        by_store: whether the store was told how tenants differ (see `Tenanted`).
        overridable: refs that an override may replace inside a tenant; None is all.
        limits: how many are kept open, and how much one may take up; None is the
            default's.
    """

    path: str | None = None
    inherit: frozenset[str] = frozenset()
    names: TenantNames = field(factory=TenantNames)
    namespace: str | None = None
    stores: TenantStore | None = None
    by_store: bool = False
    overridable: frozenset[str] | None = None
    limits: TenantLimits | None = None

    def __attrs_post_init__(self) -> None:
        faults: list[str] = []
        if self.namespace is not None:
            faults += check_template(
                self.namespace, option="tenants.namespace", holes=("tenant",)
            )
        if self.kept_apart and self.path is not None:
            faults += check_template(self.path, option="tenants.path", holes=("ref",))
        elif self.path is not None:
            faults += check_tenant_template(self.path, self.names)
        if faults:
            raise ConfigurationError(*faults)

    @property
    def kept_apart(self) -> bool:
        """Whether each tenant has a store, or a part of one, to itself."""
        return self.by_store or self.namespace is not None or self.stores is not None

    @property
    def shared(self) -> bool:
        """Whether the path leads to a tenant's place in the application's store."""
        return self.path is not None and not self.kept_apart and "{tenant}" in self.path

    def place(self, tenant: str, ref: str, *, apart: bool) -> str | None:
        """Return the location of a tenant's ref; None where tenants have no place.

        Args:
            tenant: the tenant.
            ref: what it calls the secret.
            apart: whether the store is its own; in the application's it never gets a
                location without its name.

        Raises:
            InvalidRefError: The ref is outside the grammar.
        """
        parse_ref(ref)
        if apart:
            return _fill(self.path or "{ref}", ref, tenant)
        return _fill(self.path or "", ref, tenant) if self.shared else None

    def tenant_at(self, base: str) -> tuple[str, str | None] | None:
        """Return whose place a base is, and which ref's where the path tells.

        Only for tenants that share the application's store.
        """
        if not self.shared:
            return None
        found = _tenant_at(self.path or "", base)
        return found if found and self.names.holds(found[0]) else None

    def owner(self, location: str) -> str | None:
        """Return the tenant whose place a location is; None is the application."""
        found = self.tenant_at(location.partition("#")[0])
        return found[0] if found else None


@lru_cache(maxsize=64)
def _tenant_pattern(path: str) -> re.Pattern[str]:
    """Match a base of the template: the name ends where the separator begins."""
    literal = _literal(path)
    return re.compile(literal.replace("(?P<tenant>.+)", "(?P<tenant>.+?)"))


def _tenant_at(path: str, base: str) -> tuple[str, str | None] | None:
    match = _tenant_pattern(path).fullmatch(base)
    if match is None:
        return None
    return match["tenant"], match.groupdict().get("ref")


def _fill(template: str, ref: str, tenant: str | None) -> str:
    name = parse_ref(ref)
    base, hash_, rest = template.partition("#")
    if hash_ and "{ref}" in rest:  # one document: the ref is the field
        if name.field is not None:
            raise InvalidRefError(
                ref, reason="refs are fields of one document here, and have none"
            )
        filled = template.replace("{ref}", ref)
    elif name.field is not None:
        filled = f"{base.replace('{ref}', name.base)}#{name.field}"
    else:
        filled = template.replace("{ref}", ref)
    return filled if tenant is None else filled.replace("{tenant}", tenant)


def refuse_tenants_place(ref: str, location: str, plan: TenantPlan | None) -> str:
    """Return the location, unless it is a tenant's.

    Raises:
        InvalidRefError: An application's ref leads to a tenant's place.
    """
    tenant = plan.owner(location) if plan else None
    if tenant is not None:
        raise InvalidRefError(
            ref, reason="it leads to a tenant's place; enter that tenant to read it"
        )
    return location
