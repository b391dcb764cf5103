"""A source in memory that does what a test tells it: answer, fail, hang, rotate."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from time import monotonic

import anyio
import anyio.lowlevel
from attrs import define, frozen

from secretscope.errors import (
    AccessDeniedError,
    MissingSecretError,
    SecretScopeError,
    again,
)
from secretscope.values import Secret

NAME = "the scripted store"
"""What errors call it."""


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
        self._held[location] = error or MissingSecretError(location, where=NAME)

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
            return AccessDeniedError(NAME, ref=location)
        held = self._held.get(location)
        return MissingSecretError(location, where=NAME) if held is None else held
