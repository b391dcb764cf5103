"""What a fleet asks of the process that it serves (its lifetime's reader)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from secretscope.protocols import Peekable, Secrets
from secretscope.values import Rotation, SecretStatus


class KeyReader(Secrets, Peekable, Protocol):
    """A reader of the application's own secrets."""


class Holder(Protocol):
    """A process's open secrets: what it holds, and how it looks again."""

    @property
    def application(self) -> KeyReader:
        """The reader of the application's own secrets, whatever the frame."""
        ...

    def on_rotation(self, listener: Callable[[Rotation], None]) -> Callable[[], None]:
        """Call the listener after each rotation; return what ends that."""
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
