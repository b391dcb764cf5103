"""One cluster: its addresses in turn, and a little patience where it asks for some."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

import anyio

from secretscope.backends.vault._refusals import outage, unanswered
from secretscope.backends.vault._reply import Ask, Fault, Reply
from secretscope.backends.vault._server import Server
from secretscope.backends.vault._wire import HttpxWire, Wire

_NOT_DONE = frozenset({501, 503})
"""A node that says so has not done what it was asked."""
_FAULTY = frozenset({500, 502, 504})
_MOVED = frozenset({307, 308})
_PAUSES = (0.05, 0.1, 0.2, 0.4)
"""Seconds before a 412 is asked again; a standby is behind by less than that."""

Sleep = Callable[[float], Awaitable[None]]


class Transport:
    """Asks a cluster.

    A node that does not answer, is sealed or is not initialised is left for the next
    address; the one that answered last is asked first. A request that may have been
    carried out is not sent a second time, unless it only reads.

    Args:
        server: where it is.
        wire: what carries a request; httpx2, unless you say otherwise.
        sleep: how the pauses before a 412 is asked again are spent.
    """

    def __init__(
        self, server: Server, wire: Wire | None = None, *, sleep: Sleep = anyio.sleep
    ) -> None:
        self.server = server
        self.trouble: str | None = None
        self._wire: Wire = wire or HttpxWire(server)
        self._sleep = sleep
        self._best = 0

    @property
    def name(self) -> str:
        """What errors call the cluster."""
        return self.server.name

    async def send(self, ask: Ask, *, ref: str | None = None) -> Reply:
        """Return the cluster's answer, whatever its status.

        Raises:
            StoreUnavailableError: No address could be reached.
            StoreTimeoutError: The last one took too long.
        """
        reply = await self._anywhere(ask, ref)
        for pause in _PAUSES:
            if reply.status != 412:
                break
            await self._sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311
            reply = await self._anywhere(ask, ref)
        return reply

    async def aclose(self) -> None:
        """Close every connection."""
        await self._wire.aclose()

    async def _anywhere(self, ask: Ask, ref: str | None) -> Reply:
        addresses = self.server.addresses
        left = [*range(self._best, len(addresses)), *range(self._best)]
        answer: Reply | Fault = Fault("it has no address")
        while left:
            at = left.pop(0)
            answer = await self._wire.send(addresses[at], ask)
            if isinstance(answer, Reply) and answer.status in _MOVED:
                left = self._moved(answer, left)
                continue
            if not _may_go_on(answer, ask):
                self._best = at
                break
        return self._told(answer, ref)

    def _told(self, answer: Reply | Fault, ref: str | None) -> Reply:
        if isinstance(answer, Fault):
            self.trouble = answer.reason
            raise unanswered(answer, store=self.name, ref=ref)
        bad = answer.status >= 500 or answer.status in {412, 429, *_MOVED}
        self.trouble = outage(answer, store=self.name).reason if bad else None
        return answer

    def _moved(self, reply: Reply, left: list[int]) -> list[int]:
        """Return where to go on: at the active node, if it is one of our addresses.

        A standby that does not forward requests redirects:
        https://developer.hashicorp.com/vault/docs/concepts/ha#client-redirection
        """
        target = _origin(reply.headers.get("location", ""))
        first = [at for at in left if _origin(self.server.addresses[at]) == target]
        return first[:1] + [at for at in left if at not in first[:1]]


def _may_go_on(answer: Reply | Fault, ask: Ask) -> bool:
    if isinstance(answer, Fault):
        return not answer.sent or ask.repeatable
    if answer.status in _NOT_DONE:
        return True
    return answer.status in _FAULTY and ask.repeatable


def _origin(address: str) -> tuple[str, str]:
    try:
        parts = urlsplit(address)
    except ValueError:
        return "", ""
    return parts.scheme, parts.netloc.lower()
