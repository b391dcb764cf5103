"""DotenvSource: the names of one ``.env`` file."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from pathlib import Path

import anyio

from secretscope.backends._disk import (
    Alarm,
    OpenFiles,
    Place,
    Reader,
    Reading,
    Seen,
    Signature,
    bytes_of,
    replace,
    signature_of,
    text_of,
)
from secretscope.backends._threads import Threads
from secretscope.backends.dotenv._lines import (
    Lines,
    lines_of,
    rewritten,
    unread,
    value_of,
)
from secretscope.errors import (
    AccessDeniedError,
    ConfigurationError,
    ConflictError,
    MalformedSecretError,
    MissingSecretError,
    SecretScopeError,
    StoreUnavailableError,
)
from secretscope.values import Secret, parse_ref

_MIB = 1024 * 1024


class DotenvSource:
    """Reads the names of one ``.env`` file.

    ``${NAME}`` within a value is left as it is, and `os.environ` is neither read nor
    written. Of a name that is set twice, the last one counts.

    Args:
        path: the file; it need not be there.
        poll: seconds between two looks for changes, without the extra ``watch``.
        clock: gives seconds since the epoch.
        pause: waits so many seconds.

    Raises:
        ConfigurationError: `poll` is not above 0.
    """

    def __init__(
        self,
        path: str | os.PathLike[str] = ".env",
        *,
        poll: float = 1.0,
        clock: Callable[[], float] = time.time,
        pause: Callable[[float], Awaitable[object]] = anyio.sleep,
    ) -> None:
        if poll <= 0:
            raise ConfigurationError("dotenv.poll: must be above 0")
        self._path = Path(path)
        self._threads = Threads()
        self._reader = Reader(self._threads, limit=_MIB, clock=clock, pause=pause)
        self._open_files = OpenFiles("chmod 0600 it")
        self._seen = Seen()
        self._alarm = Alarm(self._path.parent, interval=poll, below=False)
        self._writing = threading.Lock()

    async def fetch(self, location: str) -> Secret:
        """Read the file, and return what it has under the name.

        Raises:
            InvalidRefError: The name is outside the grammar.
            MissingSecretError: The file has no such name, or isn't there.
            AccessDeniedError: It can't be read.
            MalformedSecretError: It is too large, no file, no UTF-8 text, or has lines
                that can't be read, where the name may stand.
            StoreUnavailableError: It is being written to all the time.
        """
        parse_ref(location)
        found = (await self.fetch_many([location]))[location]
        if isinstance(found, SecretScopeError):
            raise found
        return found

    async def fetch_many(
        self, locations: Sequence[str]
    ) -> dict[str, Secret | SecretScopeError]:
        """Read the file once for all of them."""
        found: dict[str, Secret | SecretScopeError] = {}
        for location in locations:
            try:
                parse_ref(location)
            except SecretScopeError as error:
                found[location] = error
        asked = [location for location in locations if location not in found]
        if asked:
            found |= await self._read(asked)
        return found

    async def put(self, location: str, value: str, *, field: str | None = None) -> None:
        """Write the name's line anew and leave the others; the file is replaced.

        Raises:
            MalformedSecretError: A field was named; a value is written whole.
            ConflictError: Somebody else changed the file meanwhile.
            AccessDeniedError: The file can't be written to.
        """
        parse_ref(location)
        if field is not None:
            raise MalformedSecretError(
                str(self), ref=f"{location}#{field}", expected="a whole value to write"
            )
        reading, lines, fault = await self._look()
        if fault is not None:
            raise fault(location)
        text = rewritten(lines, location, value)
        payload = bytes_of(text, store=str(self), ref=location)
        before = reading.signature if reading else None
        self._reader.trust(
            await self._threads.run(self._write, location, payload, before)
        )

    async def watch(self) -> AsyncGenerator[str]:
        """Yield each name that was read, once the file is in another state."""
        heard = 0
        with self._alarm.listening():
            while True:
                for name in await self._threads.run(
                    self._seen.changed, lambda name: self._path
                ):
                    yield name
                heard = await self._alarm.wait(heard)

    async def _read(
        self, asked: Sequence[str]
    ) -> Mapping[str, Secret | SecretScopeError]:
        reading, lines, fault = await self._look()
        for name in asked:
            self._seen.note(name, reading.signature if reading else None)
        if fault is not None:
            return {name: fault(name) for name in asked}
        return {name: self._one(name, lines) for name in asked}

    async def _look(
        self,
    ) -> tuple[Reading | None, Lines, Callable[[str], SecretScopeError] | None]:
        """Return what was read, its lines, and what makes the error if it can't be."""
        reading = await self._reader.read(self._place)
        if reading is None:
            return None, [], self._busy
        if reading.payload is None and reading.fault != "absent":
            return reading, [], lambda name: self._unread(name, reading.fault)
        self._open_files.warn(self._path, reading.mode)
        lines, expected = await self._threads.run(self._lines, reading.payload or b"")
        if expected:
            return reading, [], lambda name: self._malformed(name, expected)
        return reading, lines, None

    def _lines(self, payload: bytes) -> tuple[Lines, str]:
        """Return the file's lines, or what was expected instead of this."""
        try:
            text = text_of(payload, limit=_MIB, store=str(self), ref="")
        except MalformedSecretError as error:
            return [], error.expected
        return lines_of(text), ""

    def _one(self, name: str, lines: Lines) -> Secret | SecretScopeError:
        value = value_of(lines, name)
        if value is not None:
            return Secret(value)
        wrong = unread(lines)
        if wrong:  # it may stand there, and nobody may look for it elsewhere
            return self._malformed(name, f"NAME=value in line {wrong}")
        return MissingSecretError(
            name, where=str(self), cure=f"add the line {name}=... to it"
        )

    def _busy(self, name: str) -> SecretScopeError:
        return StoreUnavailableError(
            str(self), ref=name, reason="the file is being written to"
        )

    def _unread(self, name: str, fault: str) -> SecretScopeError:
        if fault == "a folder":
            return self._malformed(name, "a file, not a folder or a pipe")
        return AccessDeniedError(str(self), ref=name, reason=fault)

    def _malformed(self, name: str, expected: str) -> SecretScopeError:
        return MalformedSecretError(str(self), ref=name, expected=expected)

    def _place(self) -> Place:
        path = Path(os.path.realpath(self._path))
        return Place(path, linked=path != self._path.absolute())

    def _write(
        self, location: str, payload: bytes, before: Signature | None
    ) -> Signature:
        path = self._place().path
        reason = ""
        with self._writing:
            try:
                if signature_of(path) == before:
                    return replace(path, payload)
            except OSError as error:
                reason = error.strerror or "it can't be written"
        if reason:
            raise AccessDeniedError(str(self), ref=location, reason=reason)
        raise ConflictError(str(self), ref=location)

    def __str__(self) -> str:
        return f"the file {self._path}"
