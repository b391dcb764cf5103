"""A cluster as one identity reaches it: a namespace, and a token."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable

from attrs import define, evolve, field, frozen

from secretscope.backends.vault._login import Auth, Door
from secretscope.backends.vault._mounts import Mounts
from secretscope.backends.vault._refusals import naming
from secretscope.backends.vault._reply import Ask, Reply
from secretscope.backends.vault._session import Session
from secretscope.backends.vault._sessions import Sessions
from secretscope.backends.vault._tenants import Tenants
from secretscope.backends.vault._transport import Transport
from secretscope.errors import StoreError

OWN = "the application"
"""The identity of the application; a tenant's is ``("tenant", name)``."""


@define(eq=False)
class Cluster:
    """What all parts of one cluster share; no token is among it.

    Attributes:
        transport: the connections.
        auth: the application's login; None where a client of the user's has the token.
        tenants: how tenants differ; None where they do not.
        clock: gives seconds, monotonic: the cache's own clock.
        wall: gives seconds since 1970.
        sessions: who is logged in.
        mounts: what is known of the mounts.
    """

    transport: Transport
    auth: Auth | None = None
    tenants: Tenants | None = None
    clock: Callable[[], float] = time.monotonic
    wall: Callable[[], float] = time.time
    sessions: Sessions = field(factory=Sessions)
    mounts: Mounts = field(factory=Mounts)


@frozen
class Identity:
    """Who asks, and in which part of the server.

    Attributes:
        who: whose token is used.
        auth: how it is got; None leaves the token to the client.
        home: the namespace of the login.
        namespace: the namespace that is read.
    """

    who: Hashable
    auth: Auth | None
    home: str | None
    namespace: str | None

    def within(self, namespace: str | None) -> Identity:
        """Return the same identity, reading another namespace."""
        return evolve(self, namespace=namespace)


@define(eq=False)
class Reach:
    """Asks the cluster as one identity, logged in when that is first needed."""

    cluster: Cluster
    identity: Identity
    name: str = field(init=False)
    """What errors call this part of the cluster."""
    _session: Session | None = None

    def __attrs_post_init__(self) -> None:
        server = self.cluster.transport.server
        self.name = evolve(server, namespace=self.identity.namespace).name

    @property
    def trouble(self) -> str | None:
        """What went wrong last; None where all is well."""
        trouble = self.cluster.transport.trouble
        return trouble or (self._session.trouble if self._session else None)

    def session(self) -> Session | None:
        """Return the identity's session, shared by all who have it."""
        auth = self.identity.auth
        if self._session is None and auth is not None:
            door = Door(self.cluster.transport, self.identity.home)
            self._session = self.cluster.sessions.take(
                self.identity.who, lambda: Session(auth, door, self.cluster.clock)
            )
        return self._session

    async def token(self, ref: str | None = None) -> str | None:
        """Return a token that lives; None where the client has its own.

        Args:
            ref: what it is needed for, for errors.

        Raises:
            AccessDeniedError: The login was refused.
            StoreError: The server does not answer.
        """
        session = self.session()
        failed: StoreError | None = None
        try:
            return None if session is None else await session.token()
        except StoreError as error:
            failed = error
        raise naming(failed, ref)

    async def send(self, ask: Ask, *, ref: str) -> Reply:
        """Return the answer in our namespace, whatever its status.

        A token that the ask has is used as it is; else it gets ours.
        """
        token = ask.token if ask.token is not None else await self.token(ref)
        asked = evolve(ask, token=token, namespace=self.identity.namespace)
        return await self.cluster.transport.send(asked, ref=ref)

    def forget(self) -> None:
        """Forget the session, which was closed with all others."""
        self._session = None

    async def aclose(self) -> None:
        """Let go of the session; the last one who does closes it."""
        session, self._session = self._session, None
        if session is not None:
            await self.cluster.sessions.give_back(self.identity.who)
