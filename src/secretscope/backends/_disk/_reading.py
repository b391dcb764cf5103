"""Reading a file that somebody may be writing to."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import anyio
from attrs import field, frozen

from secretscope.backends._disk._signature import Signature, signature_of
from secretscope.backends._threads import Threads

SETTLED = 0.05
"""Seconds that a file must be left alone; file systems tell time in steps of 10 ms."""

SETTLED_EMPTY = 1.0
"""Seconds for an empty one: somebody may have cleared it, and write what is to come."""

_TRIES = 20


@frozen
class Place:
    """Where a file is.

    Attributes:
        path: its path, every link resolved.
        linked: whether a link led there.
    """

    path: Path
    linked: bool


@frozen
class Reading:
    """What was found at a path.

    Attributes:
        payload: the bytes; None where there is no file that can be read.
        fault: why not: ``absent``, ``a folder``, or the system's reason.
        mode: the file's permissions.
        signature: its state before it was read.
        afterwards: its state after that; another one means that somebody wrote.
        dangling: whether a link leads there, and to nothing.
    """

    payload: bytes | None = field(default=None, repr=False)
    fault: str = ""
    mode: int = 0
    signature: Signature | None = None
    afterwards: Signature | None = None
    dangling: bool = False

    def settles_in(self, now: float) -> float:
        """Return the seconds until it can be trusted; 0 is now.

        Args:
            now: seconds since the epoch.
        """
        if self.payload is None or self.signature is None:
            return SETTLED if self.dangling else 0
        quiet = SETTLED if self.signature.size else SETTLED_EMPTY
        if self.signature != self.afterwards:
            return quiet
        age = now - self.signature.written / 1e9
        return quiet if age < 0 else max(0.0, quiet - age)


class Reader:
    """Reads files whole, in worker threads: never half of one text and of another.

    A text is taken once it has been left alone for a moment, or was found the same
    twice; while a link is swapped, what it leads to next is waited for. A writer that
    rests for longer within a file can't be told from one that is done: replace files,
    as `os.replace` does.

    Args:
        threads: where it runs.
        limit: the most bytes that are read, and one more, which tells that there are.
        clock: gives seconds since the epoch.
        pause: waits so many seconds.
    """

    def __init__(
        self,
        threads: Threads,
        *,
        limit: int,
        clock: Callable[[], float] = time.time,
        pause: Callable[[float], Awaitable[object]] = anyio.sleep,
    ) -> None:
        self._threads = threads
        self._limit = limit
        self._clock = clock
        self._pause = pause
        self._trusted: object = ...

    async def read(self, locate: Callable[[], Place]) -> Reading | None:
        """Return what is there, or None where it is being written to all the time.

        Args:
            locate: gives the place, its links resolved anew each time.
        """
        last: object = ...
        for _ in range(_TRIES):
            found = await self._threads.run(self._once, locate)
            wait = found.settles_in(self._clock())
            known = found.signature in (last, self._trusted)
            if wait == 0 or (known and found.signature == found.afterwards):
                return found
            last = found.signature
            await self._pause(wait)
        return None

    def trust(self, signature: Signature) -> None:
        """Take a file that we wrote ourselves as it is, however new."""
        self._trusted = signature

    def _once(self, locate: Callable[[], Place]) -> Reading:
        place = locate()
        try:
            # a pipe that nobody writes to would wait for ever
            handle = os.open(place.path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
            try:
                return self._whole(place.path, handle)
            finally:
                os.close(handle)
        except (FileNotFoundError, NotADirectoryError):
            return Reading(fault="absent", dangling=place.linked)
        except OSError as error:
            fault = error.strerror or "it can't be read"
        return Reading(fault=fault, signature=signature_of(place.path))

    def _whole(self, path: Path, handle: int) -> Reading:
        state = os.fstat(handle)
        signature = Signature.of(state)
        if not stat.S_ISREG(state.st_mode):
            return Reading(fault="a folder", signature=signature)
        payload = b""
        while more := os.read(handle, self._limit + 1 - len(payload)):
            payload += more
        return Reading(
            payload,
            mode=state.st_mode,
            signature=signature,
            afterwards=signature_of(path),
        )
