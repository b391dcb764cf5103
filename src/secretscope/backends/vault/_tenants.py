"""How tenants differ on the server: by mount, by namespace, by login."""

from __future__ import annotations

from collections.abc import Callable

from attrs import evolve, field, frozen

from secretscope.backends.vault._location import Layout
from secretscope.backends.vault._login import Auth
from secretscope.backends.vault._server import path_faults
from secretscope.errors import ConfigurationError
from secretscope.values import TenantNames

HOLE = "{tenant}"
_SAMPLE = "tenant"


@frozen
class Tenants:
    """What is each tenant's own; what is not given, all share with the application.

    Attributes:
        mount: a template of the mount, such as ``kv-{tenant}``.
        namespace: a template of the namespace, such as ``customers/{tenant}``; it
            stands below the server's own. A tenant's login is made in it.
        path: a template of what stands before every location, such as
            ``tenants/{tenant}``.
        auth: gives a tenant's login; each tenant then reads with a token of its own.

    Raises:
        ConfigurationError: It names every template that cannot work.
    """

    mount: str | None = None
    namespace: str | None = None
    path: str | None = None
    auth: Callable[[str], Auth] | None = field(default=None, repr=False)

    def __attrs_post_init__(self) -> None:
        faults: list[str] = []
        for name in ("mount", "namespace", "path"):
            faults += template_faults(getattr(self, name), f"vault.tenant.{name}")
        if faults:
            raise ConfigurationError(*faults)

    def layout(self, shared: Layout, tenant: str) -> Layout:
        """Return where a tenant's secrets are kept; other engines stay closed to it.

        Raises:
            InvalidTenantError: The name is outside the grammar.
        """
        TenantNames().check(tenant)
        return evolve(
            shared,
            mount=fill(self.mount, tenant) or shared.mount,
            path=fill(self.path, tenant) or shared.path,
            engines=(),
        )

    def part(self, shared: str | None, tenant: str) -> str | None:
        """Return a tenant's namespace."""
        own = fill(self.namespace, tenant)
        return shared if own is None else inside(shared, own)


def inside(outer: str | None, inner: str) -> str:
    """Return a namespace within a namespace."""
    return f"{outer}/{inner}" if outer else inner


def fill(template: str | None, tenant: str) -> str | None:
    """Return the template with the tenant's name in it."""
    return None if template is None else template.replace(HOLE, tenant)


def template_faults(template: object, option: str) -> list[str]:
    """Return what is wrong with a template, if anything."""
    if template is None:
        return []
    if not isinstance(template, str) or template.count(HOLE) != 1:
        return [f"{option}: expected a text that holds {HOLE} exactly once"]
    return path_faults(template.replace(HOLE, _SAMPLE), option)
