"""Scripted sources with a talent each: batches, leases, logins, a watch."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from time import monotonic

import anyio
from anyio.streams.memory import MemoryObjectSendStream
from attrs import define

from secretscope.errors import (
    AccessDeniedError,
    MissingSecretError,
    SecretScopeError,
    again,
)
from secretscope.testing._scripted import NAME, ScriptedSource
from secretscope.values import Secret


class ScriptedBatches(ScriptedSource):
    """One that fetches many at once."""

    async def fetch_many(
        self, locations: Sequence[str]
    ) -> Mapping[str, Secret | SecretScopeError]:
        """Answer for each as the script says."""
        await self._request("fetch_many", *locations)
        return {location: self._answer(location) for location in locations}


@define
class _Lease:
    location: str
    until: float
    last: float


class ScriptedLeases(ScriptedSource):
    """One whose every fetch makes a new pair of credentials, on a lease.

    Attributes:
        seconds: how long a lease is, from its start and from each renewal.
        longest: seconds from its start after which it is prolonged no more.
        renewable: whether it is prolonged at all.
        leased: the locations that hand out leases; None is all of them.
        made: how many credentials were made.
        revoked: the leases that were given back.
    """

    seconds: float = 60.0
    longest: float = 3600.0
    renewable: bool = True
    leased: frozenset[str] | None = None

    def __init__(
        self,
        held: Mapping[str, str | Mapping[str, str] | Secret] | None = None,
        *,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        super().__init__(held, clock=clock)
        self.made = 0
        self.revoked: list[str] = []
        self._leases: dict[str, _Lease] = {}

    def _answer(self, location: str) -> Secret | SecretScopeError:
        answer = super()._answer(location)
        if isinstance(answer, Exception) or (
            self.leased is not None and location not in self.leased
        ):
            return answer
        self.made += 1
        lease_id = f"{location}/{self.made}"
        now = self.clock()
        self._leases[lease_id] = _Lease(
            location, now + self.seconds, now + self.longest
        )
        pair = {
            "user": f"user-{self.made}-of-{location}",
            "password": f"password-{self.made}-of-{location}",
        }
        return self._leased(pair, lease_id)

    async def renew(self, location: str, secret: Secret) -> Secret:
        """Prolong the lease, up to its longest end."""
        await self._request("renew", location)
        lease = self._leases.get(secret.lease_id or "")
        if lease is None or lease.until <= self.clock():
            raise MissingSecretError(location, where=NAME)
        lease.until = min(self.clock() + self.seconds, lease.last)
        fields = {name: secret.reveal(name) for name in secret.fields}
        return self._leased(fields, secret.lease_id or "")

    async def revoke(self, secret: Secret) -> None:
        """Take the lease back."""
        lease_id = secret.lease_id or ""
        await self._request("revoke", self._leases[lease_id].location)
        del self._leases[lease_id]
        self.revoked.append(lease_id)

    def _leased(self, pair: Mapping[str, str], lease_id: str) -> Secret:
        return Secret(
            pair,
            version=lease_id.rpartition("/")[2],
            expires_at=self._leases[lease_id].until,
            renewable=self.renewable,
            lease_id=lease_id,
        )


class ScriptedLogins(ScriptedSource):
    """One that is logged in, until its token dies.

    Attributes:
        alive: whether the store still knows the token.
        refused: what a login raises, if anything.
    """

    alive: bool = True
    refused: Exception | None = None

    async def login(self) -> None:
        """Get a new token."""
        await self._request("login")
        if self.refused is not None:
            raise again(self.refused)
        self.alive = True

    def _answer(self, location: str) -> Secret | SecretScopeError:
        if not self.alive:
            return AccessDeniedError(NAME, ref=location, reason="the token is dead")
        return super()._answer(location)


class ScriptedWatch(ScriptedSource):
    """One that tells of what the script changes, while somebody watches."""

    def __init__(
        self,
        held: Mapping[str, str | Mapping[str, str] | Secret] | None = None,
        *,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._watching: set[MemoryObjectSendStream[str | Exception]] = set()
        super().__init__(held, clock=clock)

    @property
    def watched(self) -> int:
        """How many watch now."""
        return len(self._watching)

    def tell(self, change: str | Exception) -> None:
        """Tell who watches of a changed location, or end their watch with an error."""
        for stream in self._watching:
            stream.send_nowait(change)

    async def watch(self) -> AsyncGenerator[str]:
        """Yield what is told, until it is closed."""
        send, receive = anyio.create_memory_object_stream[str | Exception](1000)
        self._watching.add(send)
        try:
            with send, receive:
                async for change in receive:
                    if isinstance(change, Exception):
                        raise again(change)
                    yield change
        finally:
            self._watching.discard(send)
