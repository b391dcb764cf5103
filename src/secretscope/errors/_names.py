"""Refs and tenants' names that no store is asked for."""

from secretscope.errors._root import SecretScopeError


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
