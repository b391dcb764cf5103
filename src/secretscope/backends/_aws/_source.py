"""What both stores of AWS do in the same way: tenants, logging in, opening, closing."""

from __future__ import annotations

from copy import copy
from typing import Self

from secretscope.backends._aws._client import AwsClient


class AwsStore:
    """A source that asks AWS through one client, and through one more a tenant."""

    def __init__(self, client: AwsClient) -> None:
        self._client = client
        self._tenants: dict[str, Self] = {}

    def for_tenant(self, tenant: str) -> Self | None:
        """Return a source that asks as the tenant's role; None where there is none."""
        own = self._tenants.get(tenant)
        if own is None:
            client = self._client.for_tenant(tenant)
            if client is None:
                return None
            own = self._tenants[tenant] = copy(self)
            own._client, own._tenants = client, {}
        return own

    async def open(self) -> None:
        """Make the client, off the loop; nothing is asked yet.

        Raises:
            ConfigurationError: The region, the profile or the address cannot work.
        """
        await self._client.open()

    async def login(self) -> None:
        """Let go of what was logged in with; the next request logs in anew."""
        await self._client.login()

    async def aclose(self) -> None:
        """Close the client and the tenants' clients."""
        for own in self._tenants.values():
            await own.aclose()
        await self._client.aclose()

    def __str__(self) -> str:
        return self._client.where
