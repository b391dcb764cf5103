"""What a fleet asks of the process that it serves (its lifetime's reader)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from secretscope.values import Rotation, SecretStatus


class KeyReader(Protocol):
    """A reader of the application's own secrets: a backend's, say."""

    async def resolve(self, ref: str) -> str:
        """Return the value, fetched if need be."""
        ...

    def peek(self, ref: str) -> str:
        """Return the value that is at hand, or raise why it is not."""
        ...

    async def refresh(self, ref: str, *, bad: str | None = None) -> None:
        """Fetch the value anew."""
        ...


class Holder(Protocol):
    """A process's open secrets: what it holds, and how it looks again."""

    @property
    def application(self) -> KeyReader:
        """The reader of the application's own secrets, whatever the frame."""
        ...

    def on_rotation(self, subscriber: Callable[[Rotation], None]) -> Callable[[], None]:
        """Call the subscriber after each rotation; return what ends that."""
        ...

    def on_forget(self, listener: Callable[[str], None]) -> Callable[[], None]:
        """Call the listener with each tenant that is let go; return what ends that."""
        ...

    def open_tenants(self) -> Iterable[str]:
        """Return the tenants of whom something is held."""
        ...

    def held(
        self, tenant: str | None, ref: str | None = None, *, store: str = ""
    ) -> Sequence[SecretStatus]:
        """Return the status of what is held of a tenant, or of the application.

        Args:
            tenant: whose; None is the application.
            ref: only this secret's, in every store; None is all.
            store: only this store's; empty is any.
        """
        ...

    async def recheck(self, ref: str, *, tenant: str | None, store: str) -> None:
        """Fetch a secret that is held anew, from outside its frame.

        Raises:
            SecretReadError: It is gone.
            StoreError: The store failed; what is held stays as long as it is good.
        """
        ...

    async def forget(self, tenant: str) -> None:
        """Let go of everything that is held of a tenant."""
        ...


class Holds(Protocol):
    """What has open secrets: a lifetime's reader."""

    @property
    def holding(self) -> Holder:
        """All that is held."""
        ...


def shared_version(status: SecretStatus) -> str | None:
    """Return the version where the store gave it; a count means nothing elsewhere."""
    return None if status.counted else status.version
