"""Sources and stores over a server, as the tests make them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from secretscope.backends.vault import (
    Auth,
    Cluster,
    Layout,
    Server,
    Tenants,
    Token,
    Transport,
    VaultSource,
)
from tests.backends.vault.double import Double


async def no_pause(seconds: float) -> None:
    """Spend no time: for what a store does between two tries."""


def source_of(
    server: Any,
    layout: Layout | None = None,
    *,
    auth: Auth | None = None,
    tenants: Tenants | None = None,
    **options: Any,
) -> VaultSource:
    """Return a source with the root token, unless another login is given."""
    namespace = options.pop("namespace", None)
    where = Server(server.address, namespace=namespace, **options)
    clock = server.core.clock if isinstance(server, Double) else None
    times: dict[str, Any] = {} if clock is None else {"clock": clock, "wall": clock}
    cluster = Cluster(
        Transport(where, sleep=no_pause), auth or Token(server.token), tenants, **times
    )
    return VaultSource(cluster, layout)


@asynccontextmanager
async def opened(*args: Any, **options: Any) -> AsyncIterator[VaultSource]:
    source = source_of(*args, **options)
    try:
        yield source
    finally:
        await source.aclose()
