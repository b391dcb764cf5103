"""Fleet: many processes that tell each other what has rotated."""

from __future__ import annotations

from collections.abc import Callable
from random import Random, SystemRandom
from secrets import token_hex
from types import TracebackType
from typing import Self

import anyio
from anyio.abc import TaskGroup

from secretscope.errors import AlreadyOpenError
from secretscope.fleet._channel import Channel, Credentialed
from secretscope.fleet._echoes import Echoes
from secretscope.fleet._hearing import Hearing
from secretscope.fleet._holder import Holds, KeyReader
from secretscope.fleet._keyring import Keyring
from secretscope.fleet._link import Link
from secretscope.fleet._loop import Loop
from secretscope.fleet._notice import Kind, Notice
from secretscope.fleet._options import FleetOptions
from secretscope.fleet._partings import Partings
from secretscope.fleet._rechecks import Rechecks
from secretscope.fleet._replay import Replays
from secretscope.fleet._seal import Seal
from secretscope.fleet._speaking import Speaking
from secretscope.fleet._status import FleetStatus
from secretscope.fleet._time import Clock, SystemClock
from secretscope.values import Rotation, TenantNames, parse_ref

_LAST_WORDS = 1.0
"""Seconds that what waits to be told may take as the fleet closes."""


class Fleet:
    """Keeps this process's secrets in step with those of others (``async with``).

    It stands inside the lifetime whose secrets it keeps. What rotates here is told
    over the channel; what rotates elsewhere is fetched anew, each process at a time of
    its own. Whenever the channel was down, everything is looked at again. Without a
    channel all goes on as before: the cache's freshness bounds how stale a value is.

    Args:
        secrets: what the lifetime yields.
        channel: the bus between the processes.
        options: which key signs, and how the work is spread.
        keys: reads the key; the lifetime's store without it, if there is one alone.
        clock: tells the time, and waits.
        random: draws when the store is asked.
    """

    def __init__(
        self,
        secrets: Holds,
        channel: Channel,
        options: FleetOptions,
        *,
        keys: KeyReader | None = None,
        clock: Clock | None = None,
        random: Random | None = None,
    ) -> None:
        holder = secrets.holding
        clock, random = clock or SystemClock(), random or SystemRandom()
        sender = token_hex(8)
        self._holder = holder
        self._channel = channel
        self._echoes = Echoes()
        self._keyring = Keyring(
            keys or holder.application, options, clock=clock, random=random
        )
        self._rechecks = Rechecks(holder, options, clock=clock, random=random)
        self._partings = Partings(holder, self._rechecks)
        seal = Seal(channel.name, self._keyring.keys)
        self._hearing = Hearing(
            sender=sender,
            seal=seal,
            keyring=self._keyring,
            replays=Replays(window=options.window),
            holder=holder,
            rechecks=self._rechecks,
            partings=self._partings,
            echoes=self._echoes,
            clock=clock,
        )
        self._link = Link(
            channel, self._hearing.hear, self._rechecks.sweep, clock, random
        )
        self._speaking = Speaking(
            channel, self._link, seal, self._keyring, sender=sender, clock=clock
        )
        self._loop = Loop()
        self._group: TaskGroup | None = None
        self._stops: tuple[Callable[[], None], ...] = ()

    async def __aenter__(self) -> Self:
        """Join the others; it does not wait for the channel.

        Raises:
            SecretReadError: The key is not there.
            StoreError: Its store failed.
            ConfigurationError: It is too short.
        """
        if self._group is not None:
            raise AlreadyOpenError("this fleet")
        if isinstance(self._channel, Credentialed):
            self._channel.log_in_with(self._holder.application.resolve)
        await self._keyring.open()
        self._loop.settle()
        self._stops = (
            self._holder.on_rotation(lambda each: self._loop.do(self._rotated, each)),
            self._holder.on_forget(lambda name: self._loop.do(self._forgotten, name)),
        )
        self._group = anyio.create_task_group()
        await self._group.__aenter__()
        for work in (
            self._link,
            self._speaking,
            self._rechecks,
            self._partings,
            self._keyring,
        ):
            self._group.start_soon(work.run)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        group, self._group = self._group, None
        for stop in self._stops:
            stop()
        if group is not None:
            try:
                if error is None and self._link.up.is_set():
                    with anyio.move_on_after(_LAST_WORDS):
                        await self._speaking.told()
            finally:
                group.cancel_scope.cancel()
                await group.__aexit__(None, None, None)

    # --- telling ---------------------------------------------------------------------

    def rotated(
        self, ref: str, *, tenant: str | None = None, version: str | None = None
    ) -> None:
        """Tell all that a secret has a new version: of a script that has written it.

        What rotates in a lifetime is told without this. It is called on any thread.

        Raises:
            InvalidRefError: The ref is outside the grammar.
            InvalidTenantError: The tenant's name is.
        """
        base = parse_ref(ref).base
        notice = Notice(Kind.ROTATED, base, _checked(tenant), version)
        self._loop.do(self._say, notice)

    def stale(self, ref: str | None = None, *, tenant: str | None = None) -> None:
        """Tell all to fetch a secret anew, or (without a ref) all of a tenant's.

        It is called on any thread.

        Raises:
            InvalidRefError: The ref is outside the grammar.
            InvalidTenantError: The tenant's name is.
        """
        base = None if ref is None else parse_ref(ref).base
        self._loop.do(self._say, Notice(Kind.STALE, base, _checked(tenant)))

    async def forget(self, tenant: str) -> None:
        """Let go of a tenant, here and everywhere, as `secrets.forget` does.

        Raises:
            InvalidTenantError: The name is outside the grammar.
            ExceptionGroup: Stores of its own did not close here.
        """
        await self._holder.forget(TenantNames().check(tenant))

    async def told(self) -> None:
        """Return once all that was to be told has got out."""
        await self._speaking.told()

    def status(self) -> FleetStatus:
        """Return how it is doing."""
        link, hearing, rechecks = self._link, self._hearing, self._rechecks
        return FleetStatus(
            up=link.up.is_set(),
            fault=link.fault,
            joins=link.joins,
            said=self._speaking.said,
            unsaid=self._speaking.waiting,
            heard=hearing.heard,
            dropped=dict(hearing.tally.counts),
            looked=rechecks.looked,
            waiting=rechecks.waiting,
            given_up=rechecks.given_up,
        )

    def _say(self, notice: Notice) -> None:
        self._echoes.note(notice)
        self._speaking.say(notice)
        key = (notice.store, notice.tenant, notice.ref)
        self._rechecks.soon(key, notice.version)

    def _rotated(self, rotation: Rotation) -> None:
        """Tell of a rotation that was noticed here first."""
        version = None if rotation.counted else rotation.new
        notice = Notice(
            Kind.ROTATED, rotation.ref, rotation.tenant, version, rotation.store
        )
        if self._echoes.holds(notice):
            return
        looking = self._rechecks.is_looking_at(rotation.tenant, rotation.ref)
        if looking and version is None:
            return  # we were told to look; without a version, nobody could tell
        self._echoes.note(notice)
        self._speaking.say(notice)

    def _forgotten(self, tenant: str) -> None:
        """Tell of a tenant that was let go of here, unless we were told to."""
        if not self._partings.is_parting(tenant):
            self._speaking.say(Notice(Kind.FORGET, tenant=tenant))


def _checked(tenant: str | None) -> str | None:
    return None if tenant is None else TenantNames().check(tenant)
