"""Asking a source: so many at once, for so long, and after a login once more."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import TypeVar

import anyio
from attrs import define, field

from secretscope.cache._clock import Clock, Elapsed, within
from secretscope.cache._failures import Circuit, Kind, kind_of
from secretscope.cache._logins import Logins
from secretscope.cache._observer import Request, tell
from secretscope.cache._policy import Policy
from secretscope.cache._shelf import Shelf
from secretscope.errors import (
    AccessDeniedError,
    MalformedSecretError,
    StoreTimeoutError,
    StoreUnavailableError,
    again,
)
from secretscope.protocols import (
    AuthenticatedSource,
    BatchSource,
    LeasingSource,
    Source,
)
from secretscope.values import Secret

_BATCH = 100
"""Locations in one call of `fetch_many`; the source splits them as its store needs."""
T = TypeVar("T")
Answers = dict[str, "Secret | Exception"]


class Room:
    """Lets so many requests run at once, on whichever loop they run.

    Args:
        most: how many.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._limiter: anyio.CapacityLimiter | None = None
        self._wanted = 0

    @asynccontextmanager
    async def taken(self) -> AsyncGenerator[None]:
        """Wait for a place, and hold it."""
        if self._limiter is None or not self._wanted:  # the loop may be another one
            self._limiter = anyio.CapacityLimiter(self._most)
        self._wanted += 1
        try:
            async with self._limiter:
                yield
        finally:
            self._wanted -= 1


@define(eq=False)
class Asking:
    """One source, and how it may be asked.

    Attributes:
        source: the store.
        shelf: gives its name and the time.
        policy: how long a request may take.
        room: how many may run at once.
        circuit: keeps it from being asked in an outage.
        logins: logs it in anew.
    """

    source: Source
    shelf: Shelf
    policy: Policy
    room: Room
    circuit: Circuit
    logins: Logins
    name: str = field(init=False)
    clock: Clock = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.name, self.clock = self.shelf.name, self.shelf.clock

    async def fetch(self, bases: Sequence[str]) -> Answers:
        """Ask for all of them, in as few requests as the source can."""
        if len(bases) > 1 and isinstance(self.source, BatchSource):
            return await self._fetch_many(self.source, bases)
        return {base: await self._answer(base) for base in bases}

    async def renew(self, source: LeasingSource, base: str, secret: Secret) -> Secret:
        """Prolong a lease.

        Raises:
            StoreError: It was refused, or could not be asked for.
        """
        return await self._admitted("renew", [base], lambda: source.renew(base, secret))

    async def put(self, base: str, work: Callable[[], Awaitable[None]]) -> None:
        """Write; a timeout does not say whether it was done.

        Raises:
            StoreError: The store failed, or refused.
        """
        await self._admitted("put", [base], work)

    async def revoke(self, source: LeasingSource, secret: Secret) -> None:
        """Give one lease back."""
        await self._timed("revoke", [], lambda: source.revoke(secret))

    async def _answer(self, base: str) -> Secret | Exception:
        try:
            return await self._admitted("fetch", [base], lambda: self._one(base))
        except Exception as error:  # noqa: BLE001 - an answer, too
            return again(error)

    async def _one(self, base: str) -> Secret:
        return self._checked(base, await self.source.fetch(base))

    async def _fetch_many(self, source: BatchSource, bases: Sequence[str]) -> Answers:
        found: Answers = {}
        for start in range(0, len(bases), _BATCH):
            found.update(await self._batch(source, bases[start : start + _BATCH]))
        return found

    async def _batch(self, source: BatchSource, bases: Sequence[str]) -> Answers:
        """Ask in one request; those that were denied once more, after a login."""
        seen = self.logins.number
        found = await self._batch_once(source, bases)
        denied = [base for base in bases if isinstance(found[base], AccessDeniedError)]
        if denied and await self._logged_in(seen, found, denied):
            if len(denied) == len(bases) > 1:  # batches themselves may be refused
                found.update({base: await self._answer(base) for base in denied})
            else:
                found.update(await self._batch_once(source, denied))
        return found

    async def _batch_once(self, source: BatchSource, bases: Sequence[str]) -> Answers:
        failure: Exception | None = None
        given: Mapping[str, object] = {}
        try:
            await self.circuit.enter(bases[0])
        except StoreUnavailableError as refusal:
            return {
                base: self.circuit.refusal(base) or again(refusal) for base in bases
            }
        try:
            given = await self._timed(
                "fetch_many", bases, lambda: source.fetch_many(list(bases))
            )
        except Exception as error:  # noqa: BLE001 - the answer for each of them
            failure = error
        except BaseException:
            self.circuit.left()
            raise
        found: Answers = {}
        for base in bases:
            answer = failure if failure is not None else given.get(base)
            if isinstance(answer, Exception):
                found[base] = again(answer)
            else:
                found[base] = self._secret_or_error(base, answer)
        self._judge(found)
        return found

    async def _logged_in(
        self, seen: int, found: Answers, denied: Sequence[str]
    ) -> bool:
        """Log in for those that were denied, and tell whether to ask once more."""
        if not isinstance(self.source, AuthenticatedSource):
            return False
        try:
            return await self.logins.renew(seen, self._login(self.source))
        except Exception as error:  # noqa: BLE001 - the answer for each of them
            found.update({base: again(error) for base in denied})
        return False

    async def _admitted(
        self, act: str, bases: Sequence[str], work: Callable[[], Awaitable[T]]
    ) -> T:
        """Do one request, unless there is an outage; once more after a login."""
        await self.circuit.enter(bases[0])
        seen = self.logins.number
        try:
            return await self._judged(act, bases, work)
        except AccessDeniedError as error:
            denial: Exception = again(error)
        if isinstance(self.source, AuthenticatedSource):
            login = self._login(self.source)
            if await self.logins.renew(seen, login):
                return await self._judged(act, bases, work)
        raise denial

    def _login(self, source: AuthenticatedSource) -> Callable[[], Awaitable[None]]:
        return lambda: self._timed("login", [], source.login)

    async def _judged(
        self, act: str, bases: Sequence[str], work: Callable[[], Awaitable[T]]
    ) -> T:
        try:
            answer = await self._timed(act, bases, work)
        except Exception as error:
            if kind_of(error) is Kind.OUTAGE:
                self.circuit.failed(bases[0], error)
            else:
                self.circuit.answered()
            raise
        except BaseException:
            self.circuit.left()
            raise
        self.circuit.answered()
        return answer

    def _judge(self, found: Answers) -> None:
        """Tell the circuit what a batch says of the store."""
        outages = {
            base: answer
            for base, answer in found.items()
            if isinstance(answer, Exception) and kind_of(answer) is Kind.OUTAGE
        }
        if len(outages) < len(found):
            self.circuit.answered()
        else:
            for base, error in outages.items():
                self.circuit.failed(base, error)

    async def _timed(
        self, act: str, bases: Sequence[str], work: Callable[[], Awaitable[T]]
    ) -> T:
        """Do one request when there is room, in the time that it has."""
        policy = self.policy.of(bases[0]) if bases else self.policy
        failed: str | None = "Cancelled"
        async with self.room.taken():
            began = self.clock()
            try:
                answer = await within(self.clock, policy.timeout, work)
                failed = None
            except Elapsed:
                failed = StoreTimeoutError.__name__
            except Exception as error:
                failed = type(error).__name__
                raise
            else:
                return answer
            finally:
                took = self.clock() - began
                request = Request(self.name, act, tuple(bases), took, failed)
                tell(lambda observer: observer.requested(request))
        ref = bases[0] if len(bases) == 1 else None
        raise StoreTimeoutError(self.name, ref=ref, seconds=policy.timeout)

    def _checked(self, base: str, answer: object) -> Secret:
        secret = self._secret_or_error(base, answer)
        if isinstance(secret, Exception):
            raise secret
        return secret

    def _secret_or_error(self, base: str, answer: object) -> Secret | Exception:
        if not isinstance(answer, Secret):
            got = f"a Secret from the source, not {type(answer).__name__}"
            return MalformedSecretError(self.name, ref=base, expected=got)
        for value in answer.values():
            if not isinstance(value, str):
                got = f"a str, not {type(value).__name__}"
                return MalformedSecretError(self.name, ref=base, expected=got)
        return answer
