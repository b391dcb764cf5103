"""A fleet's bus, spoken to by a command for once (extra ``redis``)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import anyio

from secretscope.errors import SecretReadError
from secretscope.fleet import KeyReader
from secretscope.integrations.redis import redis_fleet
from secretscope.providers import SecretsBackend
from secretscope.scopes import LifetimeReader

_PATIENCE = 10.0
"""Seconds: to connect, to log in and to be heard take a part of one."""


async def publish(
    container: Any,  # noqa: ANN401 - any container's instance
    secrets: LifetimeReader,
    settings: Mapping[str, Any],
    ref: str,
    *,
    tenant: str | None,
    version: str | None,
) -> str | None:
    """Tell every process that a secret has another version; return why it failed.

    Args:
        container: has the store that holds the fleet's key.
        secrets: the reader of its open lifetime.
        settings: the fleet's.
        ref: which secret.
        tenant: whose it is.
        version: as its store calls it; None is unknown.

    Raises:
        ConfigurationError: The settings can't work.
        SecretReadError: The fleet's key is not there.
    """
    keys = await _keys(container, settings)
    async with redis_fleet(secrets, settings, keys=keys) as fleet:
        fleet.rotated(ref, tenant=tenant, version=version)
        with anyio.move_on_after(_PATIENCE):
            await fleet.told()
            return None
        return (fleet.status().fault or "it does not answer").partition(";")[0]


async def _keys(container: Any, settings: Mapping[str, Any]) -> KeyReader | None:  # noqa: ANN401
    """Return what reads the fleet's key: of several stores the first that has it."""
    stores = [
        provider
        for provider in container.providers.values()
        if isinstance(provider, SecretsBackend)
    ]
    for store in stores if len(stores) > 1 else ():
        reader: KeyReader = store()
        try:
            await reader.resolve(str(settings.get("key_ref")))
        except SecretReadError:
            continue
        return reader
    return None
