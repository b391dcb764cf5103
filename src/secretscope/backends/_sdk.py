"""An SDK that blocks: its clients are made, asked and closed in worker threads alone."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from typing import Generic, Protocol, TypeVar

from secretscope.backends._threads import Threads
from secretscope.errors import SecretScopeError


class Clients(Protocol):
    """What an SDK is asked through."""

    def close(self) -> None:
        """Close the connections; the next request makes new ones."""
        ...


C = TypeVar("C", bound=Clients)
T = TypeVar("T")


class Sdk(Generic[C]):
    """The clients of one SDK, for one identity.

    Args:
        make: imports the SDK and makes its clients; called once, in a thread, since an
            import takes up to half a second.
        threads: how many requests run at once.
    """

    def __init__(self, make: Callable[[], C], *, threads: int) -> None:
        self._make = make
        self._threads = Threads(threads)
        self._lock = Lock()
        self._clients: C | None = None

    async def ask(self, act: Callable[[C], T | SecretScopeError]) -> T:
        """Return what the clients answer, asked in a thread.

        An act returns what went wrong, and none of the SDK's own errors leaves it: those
        can reach what was sent.

        Raises:
            SecretScopeError: What the act returned.
        """
        answer: T | SecretScopeError = await self._threads.run(self._ask, act)
        if isinstance(answer, SecretScopeError):
            raise answer
        return answer

    async def aclose(self) -> None:
        """Close what was opened; the next request opens anew."""
        if self._clients is not None:
            await self._threads.run(self._clients.close)

    def _ask(self, act: Callable[[C], T | SecretScopeError]) -> T | SecretScopeError:
        with self._lock:
            if self._clients is None:
                self._clients = self._make()
        return act(self._clients)
