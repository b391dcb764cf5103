"""FileSource: one file a secret, below one directory and never outside it."""

from __future__ import annotations

import os
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from pathlib import Path

import anyio

from secretscope.backends._disk import (
    Alarm,
    OpenFiles,
    Place,
    Reader,
    Seen,
    Signature,
    bytes_of,
    replace,
    text_of,
)
from secretscope.backends._threads import Threads
from secretscope.errors import (
    AccessDeniedError,
    ConfigurationError,
    MalformedSecretError,
    MissingSecretError,
    SecretScopeError,
    StoreUnavailableError,
)
from secretscope.values import Secret, parse_ref

MIB = 1024 * 1024
"""Bytes; Kubernetes allows as many a Secret."""


class FileSource:
    """Reads one file a secret, below one directory and never outside it.

    A file that is being written to is waited for, and a link that is being swapped is
    followed once it is in place: a value is one text, whole.

    Args:
        directory: where the files are; it may be a symbolic link.
        max_bytes: the largest file that is read; Kubernetes allows 1 MiB a Secret.
        poll: seconds between two looks for changes, without the extra ``watch``.
        clock: gives seconds since the epoch.
        pause: waits so many seconds.

    Raises:
        ConfigurationError: A number is not above 0.
    """

    def __init__(
        self,
        directory: str | os.PathLike[str],
        *,
        max_bytes: int = MIB,
        poll: float = 1.0,
        clock: Callable[[], float] = time.time,
        pause: Callable[[float], Awaitable[object]] = anyio.sleep,
    ) -> None:
        if max_bytes < 1:
            raise ConfigurationError("files.max_bytes: must be 1 or more")
        if poll <= 0:
            raise ConfigurationError("files.poll: must be above 0")
        self._directory = Path(directory)
        self._max_bytes = max_bytes
        self._open_files = OpenFiles("chmod 0400 it (Kubernetes: defaultMode: 0400)")
        self._threads = Threads()
        self._reader = Reader(self._threads, limit=max_bytes, clock=clock, pause=pause)
        self._seen = Seen()
        self._alarm = Alarm(self._directory, interval=poll)

    async def fetch(self, location: str) -> Secret:
        """Read a file; one newline at its end is dropped.

        Raises:
            InvalidRefError: The name is outside the grammar.
            MissingSecretError: There is no such file.
            AccessDeniedError: It leads out of the directory, or can't be read.
            MalformedSecretError: It is too large, no file, or no UTF-8 text.
            StoreUnavailableError: The directory is not there, or the file is being
                written to all the time.
        """
        parse_ref(location)
        found = await self._reader.read(lambda: self._inside(location))
        self._seen.note(location, found.signature if found else None)
        if found is None:
            raise StoreUnavailableError(
                str(self), ref=location, reason="the file is being written to"
            )
        if found.payload is None:
            raise self._unread(location, found.fault)
        self._open_files.warn(self._locate(location), found.mode)
        text = text_of(
            found.payload, limit=self._max_bytes, store=str(self), ref=location
        )
        return Secret(text.removesuffix("\n").removesuffix("\r"))

    async def put(self, location: str, value: str, *, field: str | None = None) -> None:
        """Write a file in one step: readers see the old text or the new one.

        Raises:
            MalformedSecretError: A field was named; a file is written whole.
            AccessDeniedError: The place can't be written to.
        """
        parse_ref(location)
        if field is not None:
            raise MalformedSecretError(
                str(self), ref=f"{location}#{field}", expected="a whole file to write"
            )
        self._reader.trust(await self._threads.run(self._write, location, value))

    async def watch(self) -> AsyncGenerator[str]:
        """Yield each location that was read and is in another state now.

        A change is noticed within a fraction of a second with the extra ``watch``, and
        at the next look (`poll`) without it. It is told once, until the location is
        read again.
        """
        heard = 0
        with self._alarm.listening():
            while True:
                for location in await self._threads.run(
                    self._seen.changed, self._locate
                ):
                    yield location
                heard = await self._alarm.wait(heard)

    def namespaced(self, name: str) -> FileSource:
        """Return a source of one sub-directory alone; it shares the watch."""
        parse_ref(name)
        part = FileSource(self._directory / name, max_bytes=self._max_bytes)
        part._threads, part._reader = self._threads, self._reader
        part._alarm = self._alarm
        return part

    def _locate(self, location: str) -> Path:
        return self._directory / location

    def _inside(self, location: str) -> Place:
        root = Path(os.path.realpath(self._directory))
        if not root.is_dir():
            raise StoreUnavailableError(
                str(self), ref=location, reason=f"the directory is not there: {root}"
            )
        path = Path(os.path.realpath(root / location))
        if not path.is_relative_to(root):
            raise AccessDeniedError(
                str(self), ref=location, reason="it leads out of the directory"
            )
        return Place(path, linked=path != root / location)

    def _unread(self, location: str, fault: str) -> SecretScopeError:
        if fault == "absent":
            return MissingSecretError(
                location, where=str(self), cure=f"put it into the file {location}"
            )
        if fault == "a folder":
            return MalformedSecretError(
                str(self), ref=location, expected="a file, not a folder or a pipe"
            )
        return AccessDeniedError(str(self), ref=location, reason=fault)

    def _write(self, location: str, value: str) -> Signature:
        payload = bytes_of(value, store=str(self), ref=location)
        path = self._inside(location).path
        reason = "it can't be written"
        try:
            return replace(path, payload)
        except OSError as error:
            reason = error.strerror or reason
        raise AccessDeniedError(str(self), ref=location, reason=reason)

    def __str__(self) -> str:
        return f"the files in {self._directory}"
