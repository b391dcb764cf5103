"""VaultSource: what `CachedSecrets` asks of Vault or OpenBao."""

from __future__ import annotations

from typing import Any

import anyio
from anyio.abc import TaskStatus

from secretscope.backends.vault._engines import kind_at
from secretscope.backends.vault._health import HEALTH, told
from secretscope.backends.vault._lease import (
    DONE,
    RENEW,
    REVOKE,
    Leases,
    granted,
    lost,
)
from secretscope.backends.vault._location import Layout
from secretscope.backends.vault._reach import OWN, Cluster, Identity, Reach
from secretscope.backends.vault._read import Moment, data_path, read
from secretscope.backends.vault._refusals import refusal
from secretscope.backends.vault._reply import Ask, Reply
from secretscope.backends.vault._server import path_faults
from secretscope.backends.vault._tenants import inside
from secretscope.backends.vault._write import write
from secretscope.errors import InvalidRefError, ReadOnlyStoreError
from secretscope.values import Secret

_CLOSING = 1.0
"""Seconds that closing the connections may take, when time for all else is over."""


class VaultSource:
    """One part of a cluster: a layout, in a namespace, read as one identity.

    Args:
        cluster: the connections, and how to log in.
        layout: where secrets are kept; KV in the mount ``secret`` by default.
    """

    def __init__(self, cluster: Cluster, layout: Layout | None = None) -> None:
        home = cluster.transport.server.namespace
        identity = Identity(OWN, cluster.auth, home, home)
        self._reach = Reach(cluster, identity)
        self._layout = layout or Layout()
        self._leases = Leases()
        self._versions: dict[str, int] = {}
        self._is_part = False

    # --- reading and writing ---------------------------------------------------------

    async def fetch(self, location: str) -> Secret:
        """Read a secret with all its fields, in one request.

        Raises:
            InvalidRefError: The location is outside the grammar; nothing was asked.
            MissingSecretError: It is not there; DeletedSecretError and
                DestroyedSecretError where it was.
            AccessDeniedError: The token may not read it, or no login was to be had.
            StoreUnavailableError: An outage, 429 or a broken answer.
            StoreTimeoutError: No address answered in time.
        """
        place = self._layout.place(location)
        token = await self._reach.token(location)
        kind = await kind_at(self._reach, self._layout, place, token, ref=location)
        version = place.version if kind == "kv2" else None
        reply = await self._reach.send(
            Ask(
                "GET",
                data_path(kind, place),
                token,
                version=version,
                once=kind == "other",
            ),
            ref=location,
        )
        secret = read(reply, kind, ref=location, store=str(self), now=self._now())
        mounts, namespace = self._reach.cluster.mounts, self._reach.identity.namespace
        mounts.learn(namespace, place.mount, kind)
        if secret.version is not None and place.version is None:
            self._versions[location] = int(secret.version)
        if secret.lease_id is not None:
            secret.expires_at = self._lent(secret.lease_id, token, secret.expires_at)
        return secret

    async def put(
        self,
        location: str,
        value: str,
        *,
        field: str | None = None,
        cas: int | None = None,
    ) -> None:
        """Write a field and leave the others, unless somebody else wrote meanwhile.

        Args:
            location: where.
            value: the text.
            field: which field; without one, ``value`` or the only one there is.
            cas: the version that must be current, 0 for none at all; without one,
                the version that was read from here last, or else is there now.

        Raises:
            ConflictError: Another version is current.
            ReadOnlyStoreError: It is a version of the past, or in another engine.
        """
        place = self._layout.place(location)
        token = await self._reach.token(location)
        kind = await kind_at(self._reach, self._layout, place, token, ref=location)
        if kind == "other" or place.version is not None:
            raise ReadOnlyStoreError(f"{self} at {location!r}")

        async def ask(method: str, body: Any) -> Reply:  # noqa: ANN401 - JSON
            asked = Ask(method, data_path(kind, place), token, body=body)
            return await self._reach.send(asked, ref=location)

        known = self._versions.pop(location, None)
        version = await write(
            ask,
            kind,
            value,
            field=field,
            cas=known if cas is None else cas,
            ref=location,
            store=str(self),
        )
        if version is not None:
            self._versions[location] = version

    # --- leases ----------------------------------------------------------------------

    async def renew(self, location: str, secret: Secret) -> Secret:
        """Prolong a lease; the server may grant less than before.

        Raises:
            MissingSecretError: The lease is gone, can't be prolonged, or hangs on a
                token that has been replaced: a new secret must be fetched.
            StoreError: The server does not answer, or says no.
        """
        token, lease_id = await self._reach.token(location), secret.lease_id or ""
        if not self._leases.hangs_on(lease_id, token):
            raise lost(location, store=str(self))
        reply = await self._reach.send(
            Ask("POST", RENEW, token, body={"lease_id": lease_id}), ref=location
        )
        seconds = granted(reply, store=str(self), ref=location)
        now = self._now().clock
        return Secret(
            secret.reveal()
            if secret.is_text
            else {n: secret.reveal(n) for n in secret.fields},
            version=secret.version,
            fetched_at=now,
            expires_at=self._lent(lease_id, token, now + seconds),
            renewable=(reply.document() or {}).get("renewable") is True,
            lease_id=lease_id,
        )

    async def revoke(self, secret: Secret) -> None:
        """Give a lease back; one that is gone already is fine.

        Raises:
            StoreError: The server does not answer, or says no.
        """
        if secret.lease_id is not None:
            self._leases.forget(secret.lease_id)
            body = {"lease_id": secret.lease_id}
            reply = await self._reach.send(Ask("POST", REVOKE, body=body), ref=REVOKE)
            if reply.status not in DONE:
                raise refusal(reply, store=str(self), ref=REVOKE)

    # --- logins, parts and tenants ---------------------------------------------------

    async def login(self) -> None:
        """Log in anew if the token is dead; one login serves all who ask.

        A token that lives was denied by a policy: then nothing is done.

        Raises:
            AccessDeniedError: The login was refused.
            StoreError: The server does not answer.
        """
        session = self._reach.session()
        if session is not None:
            await session.login()

    def namespaced(self, name: str) -> VaultSource:
        """Return the source of a namespace within this one, read with our token.

        Raises:
            InvalidRefError: The name is outside the grammar.
        """
        if path_faults(name or "/", "namespace"):
            raise InvalidRefError(name, reason="it names no namespace")
        ours = self._reach.identity
        return self._part(self._layout, ours.within(inside(ours.namespace, name)))

    def for_tenant(self, tenant: str) -> VaultSource | None:
        """Return a tenant's own source; None where tenants do not differ here.

        Raises:
            InvalidTenantError: The name is outside the grammar.
        """
        rules, ours = self._reach.cluster.tenants, self._reach.identity
        if rules is None:
            return None
        layout = rules.layout(self._layout, tenant)
        namespace = rules.part(ours.namespace, tenant)
        if rules.auth is None:
            return self._part(layout, ours.within(namespace))
        auth = rules.auth(tenant)
        return self._part(
            layout, Identity(("tenant", namespace, tenant), auth, namespace, namespace)
        )

    # --- its life --------------------------------------------------------------------

    def health(self) -> str:
        """Return ``ok``, or what went wrong last, without any I/O."""
        return self._reach.trouble or "ok"

    async def probe(self) -> str:
        """Ask the server how it is, and return what `health` says from now on.

        Raises:
            StoreError: No address answers.
        """
        transport = self._reach.cluster.transport
        transport.trouble = told(await transport.send(Ask("GET", HEALTH)))
        return self.health()

    async def open(self) -> None:
        """Log in, so that a login that is refused is known at the start."""
        await self._reach.token()

    async def aclose(self) -> None:
        """Give the login back; the whole cluster's source closes all there is.

        Raises:
            StoreError: A token of ours could not be revoked.
        """
        if self._is_part:
            await self._reach.aclose()
            return
        cluster = self._reach.cluster
        self._reach.forget()
        try:
            await cluster.sessions.aclose()
        finally:
            with anyio.move_on_after(_CLOSING, shield=True):
                await cluster.transport.aclose()

    async def serve(
        self, *, task_status: TaskStatus[None] = anyio.TASK_STATUS_IGNORED
    ) -> None:
        """Keep every token of the cluster alive, until cancelled."""
        await self._reach.cluster.sessions.keep(task_status=task_status)

    def __str__(self) -> str:
        return self._reach.name

    def __repr__(self) -> str:
        return f"<VaultSource {self}>"

    # --- within ----------------------------------------------------------------------

    def _part(self, layout: Layout, identity: Identity) -> VaultSource:
        part = VaultSource(self._reach.cluster, layout)
        part._reach = Reach(self._reach.cluster, identity)
        part._is_part = True
        return part

    def _now(self) -> Moment:
        cluster = self._reach.cluster
        return Moment(cluster.clock(), cluster.wall())

    def _lent(
        self, lease_id: str, token: str | None, ends: float | None
    ) -> float | None:
        """Note a lease; return when it ends, which is with its token at the latest."""
        session = self._reach.session()
        if ends is None:
            return None
        if session is not None and token is not None:
            ends = session.lend(token, ends)
        self._leases.note(lease_id, token, ends=ends, now=self._now().clock)
        return ends
