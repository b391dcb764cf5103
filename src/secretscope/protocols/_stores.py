"""A store's life, its parts and its tenants."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, runtime_checkable

from anyio import TASK_STATUS_IGNORED
from anyio.abc import TaskStatus

from secretscope.protocols._reading import Secrets


@runtime_checkable
class Openable(Protocol):
    """A store that holds something open: a connection, a login, a watch."""

    async def open(self) -> None:
        """Get ready; called once, before the first read, on the lifetime's loop."""
        ...

    async def aclose(self) -> None:
        """Let go of everything; called once, shielded, bounded in time."""
        ...


@runtime_checkable
class Servable(Protocol):
    """A store that works in the background while its lifetime is open."""

    async def serve(
        self, *, task_status: TaskStatus[None] = TASK_STATUS_IGNORED
    ) -> None:
        """Work until cancelled; loads and refreshes run here."""
        ...


@runtime_checkable
class Monitored(Protocol):
    """A store or source that can say how it is."""

    def health(self) -> str:
        """Return ``ok``, or a short sentence on what is wrong, without any I/O."""
        ...


@runtime_checkable
class Owned(Protocol):
    """A Secrets that can be told whose places are whose, to tag what it masks."""

    owner: Callable[[str], str | None] | None
    """Gives the tenant of a location; None is the application."""


@runtime_checkable
class Namespaced(Protocol):
    """A store that is divided into parts of which none sees another."""

    def namespaced(self, name: str) -> Secrets:
        """Return a Secrets of that part alone."""
        ...


@runtime_checkable
class Tenanted(Protocol):
    """A store that was told how tenants differ: by mount, by role, by account."""

    def for_tenant(self, tenant: str) -> Secrets | None:
        """Return the tenant's own Secrets; None where tenants share this one."""
        ...
