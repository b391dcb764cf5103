"""An instance that was built from secrets: whether it is still good, and who uses it."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from typing import Any

from attrs import define, field

from secretscope.scopes._frame import Frame
from secretscope.scopes._reads import Read

Close = Callable[[Any], object]
"""Closes an instance; sync, or async."""

LOCK = Lock()
"""Held while somebody takes an instance or lets go of one; never over a call."""


@define(eq=False)
class Instance:
    """One instance, from its building to its end.

    Attributes:
        value: what was built.
        reads: the secrets that it was built from.
        parts: other instances that it was given; they stay open for as long as it.
        close: closes the value; None where there is nothing to close.
        grace: seconds that it stays open for whoever was handed it by a plain call.
        frame: the frame whose overrides it was built from, if any.
        direct: whether no frame has a part in it.
        users: how many leases, and instances that it is a part of, it has.
        handed: whether a plain call gave it to somebody.
        deadline: when it may be closed: it is out of use; None while it is in use.
        closed: whether it has been, or is being, closed.
    """

    value: Any = field(repr=False)
    reads: tuple[Read, ...] = field(repr=False)
    parts: tuple[Instance, ...] = field(repr=False)
    close: Close | None
    grace: float
    frame: Frame | None = None
    direct: bool = False
    users: int = 0
    handed: bool = False
    deadline: float | None = None
    closed: bool = False

    def holds(self) -> bool:
        """Tell whether the running task would build the same."""
        if self.deadline is not None:
            return False
        for read in self.reads:
            if not read.holds():
                return False
        return all(part.holds() for part in self.parts)

    def stands(self) -> bool:
        """Tell whether the same would be built at its place."""
        return (
            self.deadline is None
            and all(read.stands() for read in self.reads)
            and all(part.stands() for part in self.parts)
        )

    def take(self, *, use: bool) -> bool:
        """Give it to somebody: to use until it is released, or as it is.

        Returns:
            Whether it was still open.
        """
        if self.handed and not use and not self.closed:
            return True
        with LOCK:
            if self.closed:
                return False
            if use:
                self.users += 1
            else:
                self.handed = True
            return True

    def done(self, now: float) -> bool:
        """Tell, once, that it is to be closed: it is out of use and nobody uses it.

        Args:
            now: the time; of one that a plain call gave away, the grace counts.
        """
        with LOCK:
            due = self.deadline is not None and (
                not self.handed or self.deadline <= now
            )
            if self.closed or self.users or not due:
                return False
            self.closed = True
            return True


class Hold(Frame):
    """Stands among the frames inside another one, to be told of its end."""

    __slots__ = ("_ended",)

    def __init__(self, frame: Frame, ended: Callable[[], None]) -> None:
        self._ended = ended
        super().__init__(
            frame.scope, frame.view, tenant=frame.tenant, parent=frame, outer=frame
        )

    def close(self) -> None:
        """End, and tell of it."""
        super().close()
        self._ended()
