"""A client of one service of AWS, for one identity: made once, asked from threads."""

from __future__ import annotations

import time
from collections.abc import Callable
from importlib import import_module
from threading import Lock
from typing import TYPE_CHECKING, Any

from secretscope.backends._aws._access import AwsAccess
from secretscope.backends._aws._fault import Fault
from secretscope.backends._extra import require
from secretscope.backends._threads import Threads
from secretscope.errors import ConfigurationError

if TYPE_CHECKING:
    from secretscope.backends._aws._boto import Connected

_AHEAD = 300.0
"""Seconds before a role's credentials run out at which they are had anew."""


class AwsClient:
    """Asks one service of AWS as one identity.

    The SDK is imported and its client made at the first request, in a worker thread.
    Threads are bounded, and a caller that is cancelled leaves its thread behind: the
    SDK's own time limits end it.

    Args:
        service: boto3's name of the service.
        title: what errors call it.
        access: how it is reached, and as whom.
        clock: gives seconds since the epoch; AWS says in those when a login runs out.

    Raises:
        MissingExtraError: boto3 is not installed.
    """

    def __init__(
        self,
        service: str,
        title: str,
        access: AwsAccess,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        require("boto3", store=title, extra="aws")
        self.access = access
        self._service = service
        self._title = title
        self._clock = clock
        self._lock = Lock()
        self._session: _Session = _Session(access)
        self._connected: Connected | None = None
        self._threads = Threads(access.threads)

    @property
    def where(self) -> str:
        """What errors call the store: its name, and the region once it is known."""
        connected = self._connected
        region = connected.region if connected else self.access.region
        role = self.access.role
        as_role = f" as {role.arn}" if role else ""
        return f"{self._title}{f' in {region}' if region else ''}{as_role}"

    def for_tenant(self, tenant: str) -> AwsClient | None:
        """Return a client that asks as the tenant; None where tenants share this one."""
        access = self.access.for_tenant(tenant)
        if access is None:
            return None
        own = AwsClient(self._service, self._title, access, clock=self._clock)
        own._session = self._session
        return own

    async def ask(self, operation: str, **request: Any) -> dict[str, Any] | Fault:
        """Return the answer, or what was said instead of one."""
        return await self._threads.run(self._ask, operation, request)

    async def demand(
        self,
        location: str,
        operation: str,
        **request: Any,
    ) -> dict[str, Any]:
        """Return the answer, or raise what was said instead of one.

        Raises:
            SecretScopeError: It names the location.
        """
        answer = await self.ask(operation, **request)
        if isinstance(answer, Fault):
            raise answer.error(location, self.where)
        return answer

    async def open(self) -> None:
        """Import the SDK and make the client, off the loop; nothing is asked yet.

        Raises:
            ConfigurationError: The region, the profile or the address cannot work.
        """
        if self.access.role is not None:
            return  # assuming it would be a request
        made = await self._threads.run(self._connect)
        if isinstance(made, Fault):
            raise ConfigurationError(f"{self.where} cannot be asked: {made.reason}")

    async def login(self) -> None:
        """Let go of what was logged in with; the next request logs in anew."""
        self._session.forget()
        await self.aclose()

    async def aclose(self) -> None:
        """Close the client and its connections."""
        connected, self._connected = self._connected, None
        if connected is not None:
            await self._threads.run(connected.client.close)

    def _ask(self, operation: str, request: dict[str, Any]) -> dict[str, Any] | Fault:
        connected = self._connect()
        if isinstance(connected, Fault):
            return connected
        answer: dict[str, Any] | Fault = _sdk().ask(
            connected, self.access, operation, request
        )
        return answer

    def _connect(self) -> Connected | Fault:
        with self._lock:
            at_hand = self._connected
            if at_hand is not None and not self._runs_out(at_hand):
                return at_hand
            made: Connected | Fault = _sdk().connect(
                self._session, self.access, self._service
            )
            if not isinstance(made, Fault):
                self._connected = made
            return made

    def _runs_out(self, connected: Connected) -> bool:
        until = connected.runs_out
        return until is not None and self._clock() > until - _AHEAD


class _Session:
    """The SDK's session, that the clients of all tenants share: it reads files once."""

    def __init__(self, access: AwsAccess) -> None:
        self._access = access
        self._lock = Lock()
        self._session: Any = None

    def client(self, service: str, **options: Any) -> Any:  # noqa: ANN401 - boto3's own
        """Make a client, one at a time: that is not safe in threads, boto3 says."""
        with self._lock:
            if self._session is None:
                self._session = _sdk().session_of(self._access)
            return self._session.client(service, **options)

    def forget(self) -> None:
        """Let the next client read the machine's files anew."""
        self._session = None


def _sdk() -> Any:  # noqa: ANN401 - a module
    return import_module("secretscope.backends._aws._boto")
