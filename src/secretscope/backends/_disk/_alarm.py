"""An alarm that rings when something in a directory may have changed."""

from __future__ import annotations

import logging
import threading
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path

import anyio

from secretscope.backends._threads import Threads

_LOG = logging.getLogger("secretscope")
_STEP, _DEBOUNCE = 20, 100
"""Milliseconds that a burst of changes is gathered for: each change, and at most."""

_AT_LEAST = 500
"""Milliseconds after which it rings in any case: a network mount tells of nothing."""


class Alarm:
    """Rings for everybody who listens, however many do, from one thread.

    It is told of changes by the system, through watchfiles (the extra ``watch``). Where
    that can't be had, it rings at an interval.

    Args:
        directory: what is watched.
        interval: seconds between two rings without watchfiles.
        below: whether what is in its folders is watched, too.
    """

    def __init__(self, directory: Path, *, interval: float, below: bool = True) -> None:
        self._directory = directory
        self._below = below
        self._interval = interval
        self._threads = Threads(1)
        self._listeners = 0
        self._count = 0
        self._carried = False
        self._rung: anyio.Event | None = None
        self._ear: _Ear | None = None
        self._deaf = False
        self._said = False

    @contextmanager
    def listening(self) -> Generator[None]:
        """Watch for as long as somebody is within the block."""
        self._listeners += 1
        try:
            yield
        finally:
            self._listeners -= 1
            if not self._listeners:
                self._hush()

    async def wait(self, heard: int) -> int:
        """Return the number of the last ring, once there is a newer one.

        Args:
            heard: the number of the last ring that the caller knows; 0 for none.
        """
        if self._count == heard:
            rung = self._rung = self._rung or anyio.Event()
            if self._carried:
                await rung.wait()
            else:
                await self._carry(rung)
        return self._count

    async def _carry(self, rung: anyio.Event) -> None:
        self._carried = True
        done = False
        try:
            await self._listen()
            done = True
        finally:
            if not done:  # its thread is still within
                self._hush()
            self._carried = False
            self._count += 1
            self._rung = None
            rung.set()

    async def _listen(self) -> None:
        if not self._deaf:
            if self._ear is None:
                self._ear = _Ear(self._directory, below=self._below)
            heard = await self._threads.run(self._ear.hear)
            if heard is None:
                return
            self._hush()
            self._deaf = heard is ModuleNotFoundError
            self._say(heard)
        await anyio.sleep(self._interval)

    def _say(self, fault: type[Exception]) -> None:
        if not self._said:
            self._said = True
            _LOG.info(
                "%s is looked at every %g s: %s",
                self._directory,
                self._interval,
                "watchfiles is not installed (the extra 'watch')"
                if self._deaf
                else f"it can't be watched ({fault.__name__})",
            )

    def _hush(self) -> None:
        if self._ear is not None:
            self._ear.stop.set()
            self._ear = None


class _Ear:
    """One subscription to the system's notices; all but `stop` runs in threads."""

    def __init__(self, directory: Path, *, below: bool) -> None:
        self.stop = threading.Event()
        self._below = below
        self._directory = directory
        self._notices: Iterator[object] | None = None

    def hear(self) -> type[Exception] | None:
        """Wait for the next notice, or for the timeout; return what went wrong."""
        try:
            if not self._directory.is_dir():
                raise FileNotFoundError
            if self._notices is None:
                self._notices = self._subscribe()
            next(self._notices, None)
        except (ModuleNotFoundError, OSError, RuntimeError) as error:
            return type(error)
        return None

    def _subscribe(self) -> Iterator[object]:
        from watchfiles import watch  # noqa: PLC0415 - an extra, imported in a thread

        return watch(
            self._directory,
            watch_filter=None,
            step=_STEP,
            debounce=_DEBOUNCE,
            stop_event=self.stop,
            rust_timeout=_AT_LEAST,
            yield_on_timeout=True,
            raise_interrupt=False,
            recursive=self._below,
            ignore_permission_denied=True,
        )
