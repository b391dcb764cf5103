"""Where an ASGI request says which tenant it is for."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any

from secretscope.errors import ConfigurationError
from secretscope.integrations._door import checked_header

_DOMAIN = re.compile(r"\.?[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*\.?")
ASGIScope = MutableMapping[str, Any]
TenantOf = Callable[[ASGIScope], Awaitable[str | None]]
"""Names a request's tenant; None is that it names none, or not clearly."""


def header_values(scope: ASGIScope, name: bytes) -> list[bytes]:
    """Return each value of a header, in the order of the request."""
    headers = scope.get("headers") or ()
    return [value for key, value in headers if key.lower() == name]


def _ascii(values: list[bytes]) -> str | None:
    """Return the only value, where there is one and it is ASCII."""
    if len(values) != 1 or not values[0].isascii():
        return None
    return values[0].decode("ascii")


def from_header(name: str) -> TenantOf:
    """Take the tenant from a header that stands there once.

    Trust it only behind a gateway that sets it, or where what follows checks it.

    Raises:
        ConfigurationError: That is no header's name.
    """
    key = checked_header(name).lower().encode("ascii")

    async def tenant_of(scope: ASGIScope) -> str | None:
        return _ascii(header_values(scope, key))

    return tenant_of


def from_subdomain(domain: str) -> TenantOf:
    """Take the tenant from the label before the domain, in lower case.

    ``acme.example.com`` is acme's where the domain is ``example.com``; the port counts
    for nothing, and ``a.b.example.com`` is nobody's.

    Raises:
        ConfigurationError: The domain is none: it has a scheme, a port, a path.
    """
    if not _DOMAIN.fullmatch(domain):
        raise ConfigurationError(
            f"from_subdomain({domain!r}): expected a domain such as 'example.com'"
        )
    suffix = f".{domain.lower().strip('.')}"

    async def tenant_of(scope: ASGIScope) -> str | None:
        host = (_ascii(header_values(scope, b"host")) or "").partition(":")[0].lower()
        label = host.removesuffix(suffix)
        return None if label == host or "." in label else label

    return tenant_of


def from_path(template: str) -> TenantOf:
    """Take the tenant from one part of the path: ``/tenants/{tenant}``.

    What follows that part is the application's; the path itself stays as it is.

    Raises:
        ConfigurationError: The template is no path with one part ``{tenant}``, the last.
    """
    prefix, hole, rest = template.partition("{tenant}")
    if not prefix.startswith("/") or not prefix.endswith("/") or not hole or rest:
        raise ConfigurationError(
            f"from_path({template!r}): expected a path such as '/tenants/{{tenant}}'"
        )

    async def tenant_of(scope: ASGIScope) -> str | None:
        path: str = scope.get("path", "").removeprefix(scope.get("root_path", ""))
        if not path.startswith(prefix):
            return None
        return path.removeprefix(prefix).partition("/")[0] or None

    return tenant_of


def from_claim(*path: str) -> TenantOf:
    """Take the tenant from what an authenticating middleware left in the ASGI scope.

    ``from_claim("user", "tenant")`` reads ``scope["user"].tenant``, or the same in
    mappings. That middleware must stand outside this one.

    Raises:
        ConfigurationError: The path is empty.
    """
    if not path:
        raise ConfigurationError(
            "from_claim(): expected where the claim is, as in from_claim('user', 'tenant')"
        )

    async def tenant_of(scope: ASGIScope) -> str | None:
        found: Any = scope
        for name in path:
            if isinstance(found, Mapping):
                found = found.get(name)
            else:
                found = getattr(found, name, None)
        return found if isinstance(found, str) else None

    return tenant_of
