"""A Secrets whose values change: who is told, and who says what to keep."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Protocol, runtime_checkable

from secretscope.values import Rotation, SecretStatus


@runtime_checkable
class Observable(Protocol):
    """A Secrets that tells when what `peek` answers has changed."""

    def subscribe(self, listener: Callable[[str], None]) -> Callable[[], None]:
        """Call the listener with the base of each ref that has changed.

        It is called after the change, on the thread that made it; it must be quick
        and must not raise. A ref whose answer may change without a call (a variable
        of the process's environment) makes a store that is not Observable.

        Returns:
            A function that ends the subscription.
        """
        ...


@runtime_checkable
class Announcing(Protocol):
    """A Secrets that tells of rotations: a base's new version in the old one's place."""

    def on_rotation(self, listener: Callable[[Rotation], None]) -> Callable[[], None]:
        """Call the listener after each change of a value that had been fetched.

        Readers see the new version when it is called; it must be quick and must not
        raise. `Observable` tells of more (of a first fetch, of an expiry) and less (no
        versions).

        Returns:
            A function that ends the subscription.
        """
        ...


@runtime_checkable
class Expiring(Protocol):
    """A Secrets whose values may run out with time alone."""

    def expires(self, ref: str) -> bool:
        """Tell whether what is at hand will run out by itself."""
        ...


@runtime_checkable
class Refreshable(Protocol):
    """A Secrets that can be told that a value is no longer good."""

    async def refresh(self, ref: str, *, bad: str | None = None) -> None:
        """Fetch the secret anew.

        Args:
            ref: which one.
            bad: the value that was refused; a no-op if another one is current.
        """
        ...


@runtime_checkable
class Keeping(Protocol):
    """A Secrets that keeps fresh, in the background, what somebody needs."""

    def keep(self, ref: str) -> Callable[[], None]:
        """Keep the ref's base fresh while its lifetime is open and it can be.

        It may be called before the ref was fetched, and any number of times.

        Returns:
            A function that lets go, once; a base that nobody keeps and nobody has
            read for a while goes cold.
        """
        ...


@runtime_checkable
class Forgetful(Protocol):
    """A Secrets that can let go of what it keeps."""

    def forget(self, ref: str) -> None:
        """Drop what is kept of the ref's base; the next await fetches it anew.

        Its values stay in the set of known values, and masked, for their grace time.
        """
        ...


@runtime_checkable
class Reporting(Protocol):
    """A Secrets that can say how each of its secrets is doing."""

    def report(self, bases: Iterable[str] | None = None) -> Sequence[SecretStatus]:
        """Return the status of every base that was asked for, without any I/O.

        Args:
            bases: of these alone.
        """
        ...
