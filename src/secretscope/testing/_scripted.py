"""Sources in memory that do what a test tells them: answer, fail, hang, rotate."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from time import monotonic

import anyio
import anyio.lowlevel
from anyio.streams.memory import MemoryObjectSendStream
from attrs import define, frozen

from secretscope.errors import (
    AccessDeniedError,
    MissingSecretError,
    SecretScopeError,
    again,
)
from secretscope.values import Secret

_NAME = "the scripted store"


@frozen
class Call:
    """One request that reached a scripted source.

    Attributes:
        act: ``fetch``, ``fetch_many``, ``put``, ``renew``, ``revoke`` or ``login``.
        locations: what it was about.
        at: when, in seconds of the source's clock.
    """

    act: str
    locations: tuple[str, ...]
    at: float


@define
class _Fault:
    error: Exception
    on: str | None
    act: str | None
    times: int | None

    def meets(self, act: str, locations: Sequence[str]) -> bool:
        return (self.act is None or self.act == act) and (
            self.on is None or self.on in locations
        )


class ScriptedSource:
    """A source in memory; every request is noted, and does what the script says.

    ``ScriptedBatches``, ``ScriptedLeases``, ``ScriptedLogins`` and ``ScriptedWatch`` add a
    talent each; inherit from several to have several.

    Args:
        held: values, fields or whole secrets by location.
        clock: gives the time of its calls and of its leases.

    Attributes:
        calls: every request, in order.
    """

    def __init__(
        self,
        held: Mapping[str, str | Mapping[str, str] | Secret] | None = None,
        *,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self.clock = clock
        self.calls: list[Call] = []
        self._held: dict[str, Secret | MissingSecretError] = {}
        self._denied: set[str] = set()
        self._faults: list[_Fault] = []
        self._gate: anyio.Event | None = None
        for location, value in (held or {}).items():
            self.hold(location, value)

    # --- the script ------------------------------------------------------------------

    def hold(
        self,
        location: str,
        value: str | Mapping[str, str] | Secret,
        *,
        version: str | None = None,
        expires_at: float | None = None,
    ) -> None:
        """Hold this value from now on: a first one, or a new one in its place."""
        if not isinstance(value, Secret):
            value = Secret(value, version=version, expires_at=expires_at)
        self._held[location] = value
        self._denied.discard(location)

    def drop(self, location: str, error: MissingSecretError | None = None) -> None:
        """Hold it no more; the error says whether it was deleted or destroyed."""
        self._held[location] = error or MissingSecretError(location, where=_NAME)

    def deny(self, location: str) -> None:
        """Refuse it to everybody, until it is held again."""
        self._denied.add(location)

    def fail(
        self,
        error: Exception,
        *,
        on: str | None = None,
        act: str | None = None,
        times: int | None = None,
    ) -> None:
        """Fail requests with this error.

        Args:
            error: what they raise, a fresh one each.
            on: only those about this location.
            act: only this kind of request.
            times: how many; without it, all until `mend`.
        """
        self._faults.append(_Fault(error, on, act, times))

    def mend(self) -> None:
        """Fail and hang no more."""
        self._faults.clear()
        self.release()

    def hang(self) -> None:
        """Let every request wait, until `release`."""
        self._gate = anyio.Event()

    def release(self) -> None:
        """Let the requests that wait go on."""
        if self._gate is not None:
            self._gate.set()
            self._gate = None

    def asked(self, location: str | None = None, *, act: str | None = None) -> int:
        """Return how many requests there were, about this location or of this kind."""
        return sum(
            (location is None or location in call.locations)
            and (act is None or act == call.act)
            for call in self.calls
        )

    # --- a source --------------------------------------------------------------------

    async def fetch(self, location: str) -> Secret:
        """Answer as the script says."""
        await self._request("fetch", location)
        answer = self._answer(location)
        if isinstance(answer, Exception):
            raise again(answer)
        return answer

    async def put(self, location: str, value: str, *, field: str | None = None) -> None:
        """Hold the value, or one field of it."""
        await self._request("put", location)
        if field is None:
            self.hold(location, value)
            return
        old = self._held.get(location)
        fields = (
            {name: old.reveal(name) for name in old.fields}
            if isinstance(old, Secret) and not old.is_text
            else {}
        )
        self.hold(location, {**fields, field: value})

    async def _request(self, act: str, *locations: str) -> None:
        self.calls.append(Call(act, locations, self.clock()))
        await anyio.lowlevel.checkpoint()
        if self._gate is not None:
            await self._gate.wait()
        for fault in self._faults:
            if fault.meets(act, locations):
                if fault.times is not None:
                    fault.times -= 1
                    if not fault.times:
                        self._faults.remove(fault)
                raise again(fault.error)

    def _answer(self, location: str) -> Secret | SecretScopeError:
        if location in self._denied:
            return AccessDeniedError(_NAME, ref=location)
        held = self._held.get(location)
        return MissingSecretError(location, where=_NAME) if held is None else held


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
            raise MissingSecretError(location, where=_NAME)
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
            return AccessDeniedError(_NAME, ref=location, reason="the token is dead")
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
