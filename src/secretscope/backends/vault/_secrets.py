"""VaultSecrets: Vault or OpenBao, paired with the cache."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import anyio
from anyio.abc import TaskStatus

from secretscope.backends.vault._client import ClientSource, ReadWrite
from secretscope.backends.vault._httpx import httpx2
from secretscope.backends.vault._hvac import HvacWire, is_hvac
from secretscope.backends.vault._location import Layout
from secretscope.backends.vault._login import Auth
from secretscope.backends.vault._reach import Cluster
from secretscope.backends.vault._server import Server
from secretscope.backends.vault._source import VaultSource
from secretscope.backends.vault._tenants import Tenants
from secretscope.backends.vault._transport import Transport
from secretscope.backends.vault.auth import Token
from secretscope.cache import CachedSecrets, Policy
from secretscope.errors import ConfigurationError, ReadOnlyStoreError
from secretscope.values import split_location

Client = Any
"""An address or several, a `Server`, an `httpx2.AsyncClient`, an `hvac.Client`, or
anything with `read(path)` and `write(path, **data)`."""


class VaultSecrets(CachedSecrets):
    """Reads and writes secrets in HashiCorp Vault or OpenBao.

    Args:
        client: an address or a list of them, a `Server`, or a client of yours: an
            `httpx2.AsyncClient` with a base URL, an `hvac.Client`, or anything with
            ``read(path)`` and ``write(path, **data)``. None takes ``BAO_ADDR`` or
            ``VAULT_ADDR``, and the other variables that the command line knows.
        path: what stands before every ref, such as ``prod/jeeves``.
        auth: how to log in; for an address, the default is the token of the
            environment, for a client of yours, what it sends by itself.
        layout: the mount, its version, other engines; the path goes before its own.
        tenants: how tenants differ, where it is not by path alone.
        policy: how long values are good.

    Raises:
        ConfigurationError: It names every option that cannot work.
    """

    def __init__(
        self,
        client: Client = None,
        path: str | None = None,
        *,
        auth: Auth | None = None,
        layout: Layout | None = None,
        tenants: Tenants | None = None,
        policy: Policy | None = None,
    ) -> None:
        layout = layout or Layout()
        if path is not None:
            layout = Layout(layout.mount, layout.kv_version, path, layout.engines)
        source = _source(client, layout, auth, tenants)
        super().__init__(source, policy, name=str(source))
        self._vault = source

    async def create(self, ref: str, value: str) -> None:
        """Write a secret that is not there yet; `store` also changes one that is.

        Raises:
            ConflictError: It is there.
            ReadOnlyStoreError: A client with read() and write() can't tell.
        """
        source = self._vault
        if not isinstance(source, VaultSource):
            raise ReadOnlyStoreError(str(source))
        base, field = split_location(ref)
        await self._write(
            ref, value, lambda: source.put(base, value, field=field, cas=0)
        )

    async def serve(
        self, *, task_status: TaskStatus[None] = anyio.TASK_STATUS_IGNORED
    ) -> None:
        """Host loads, and keep tokens alive, until cancelled."""
        async with anyio.create_task_group() as group:
            if isinstance(self._vault, VaultSource):
                await group.start(self._vault.serve)
            await super().serve(task_status=task_status)

    def __repr__(self) -> str:
        return f"VaultSecrets({self._vault})"


def _source(
    client: Client, layout: Layout, auth: Auth | None, tenants: Tenants | None
) -> VaultSource | ClientSource:
    server = _server(client)
    if server is not None:
        if auth is None and server.client is None:
            auth = Token()
        return VaultSource(Cluster(_transport(server), auth, tenants), layout)
    if not isinstance(client, ReadWrite):
        raise ConfigurationError(
            f"client: {type(client).__name__} is no address, Server, "
            "httpx2.AsyncClient or hvac.Client, and has no read() and write()"
        )
    if auth is not None or tenants is not None:
        raise ConfigurationError(
            "auth and tenants: a client with read() and write() logs in by itself; "
            "give an address instead"
        )
    return ClientSource(client, layout.path)


def _transport(server: Server) -> Transport:
    if is_hvac(server.client):
        return Transport(server, HvacWire(server.client, timeout=server.timeout))
    return Transport(server)


def _server(client: Client) -> Server | None:
    if client is None:
        return Server.from_environment()
    if isinstance(client, Server):
        return client
    if isinstance(client, httpx2.AsyncClient):
        return Server(_base_url(client), client=client)
    if is_hvac(client):
        return Server(client.url, client=client)
    if isinstance(client, str) or _is_texts(client):
        return Server.from_environment(addresses=client)
    return None


def _is_texts(client: object) -> bool:
    return isinstance(client, Sequence) and all(isinstance(a, str) for a in client)


def _base_url(client: httpx2.AsyncClient) -> str:
    found = str(client.base_url)
    if not found:
        raise ConfigurationError(
            "client: the httpx2.AsyncClient has no base_url; give it the address of "
            "your server, or pass Server(address, client=...)"
        )
    return found
