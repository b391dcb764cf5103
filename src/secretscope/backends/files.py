"""Mounted files, one a secret, as Docker and Kubernetes lay them out."""

from __future__ import annotations

import logging
import os
import stat
import tempfile
from contextlib import suppress
from pathlib import Path

import anyio.to_thread

from secretscope.cache import CachedSecrets, Policy
from secretscope.errors import (
    AccessDeniedError,
    ConfigurationError,
    MalformedSecretError,
    MissingSecretError,
    StoreUnavailableError,
)
from secretscope.values import Secret, parse_ref

_LOG = logging.getLogger("secretscope")
_MIB = 1024 * 1024


class FileSource:
    """Reads one file a secret, below one directory and never outside it.

    Args:
        directory: where the files are; it may be a symbolic link.
        max_bytes: the largest file that is read; Kubernetes allows 1 MiB a Secret.

    Raises:
        ConfigurationError: The size is not above 0.
    """

    def __init__(
        self, directory: str | os.PathLike[str], *, max_bytes: int = _MIB
    ) -> None:
        if max_bytes < 1:
            raise ConfigurationError("files.max_bytes: must be 1 or more")
        self._directory = Path(directory)
        self._max_bytes = max_bytes
        self._warned: set[Path] = set()
        self._threads: anyio.CapacityLimiter | None = None

    async def fetch(self, location: str) -> Secret:
        """Read a file; one newline at its end is dropped.

        Raises:
            InvalidRefError: The name is outside the grammar.
            MissingSecretError: There is no such file.
            AccessDeniedError: It leads out of the directory, or can't be read.
            MalformedSecretError: It is too large, no file, or no UTF-8 text.
            StoreUnavailableError: The directory is not there.
        """
        parse_ref(location)
        return await anyio.to_thread.run_sync(
            self._read, location, limiter=self._limiter()
        )

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
        await anyio.to_thread.run_sync(
            self._write, location, value, limiter=self._limiter()
        )

    def namespaced(self, name: str) -> FileSource:
        """Return a source of one sub-directory alone."""
        parse_ref(name)
        return FileSource(self._directory / name, max_bytes=self._max_bytes)

    def _limiter(self) -> anyio.CapacityLimiter:
        if self._threads is None:
            self._threads = anyio.CapacityLimiter(8)
        return self._threads

    def _inside(self, location: str) -> Path:
        root = Path(os.path.realpath(self._directory))
        if not root.is_dir():
            raise StoreUnavailableError(
                str(self), ref=location, reason="the directory is not there"
            )
        path = Path(os.path.realpath(root / location))
        if not path.is_relative_to(root):
            raise AccessDeniedError(
                str(self), ref=location, reason="it leads out of the directory"
            )
        return path

    def _read(self, location: str) -> Secret:
        path = self._inside(location)
        payload: bytes | None = None
        reason, mode = "", 0
        try:
            with path.open("rb") as file:
                mode = os.fstat(file.fileno()).st_mode
                payload = file.read(self._max_bytes + 1)
        except (FileNotFoundError, NotADirectoryError):
            reason = "absent"
        except IsADirectoryError:
            reason = "a folder"
        except OSError as error:
            reason = error.strerror or "it can't be read"
        if payload is None:
            raise self._unread(location, reason)
        self._warn_if_open(path, mode)
        return Secret(self._text(location, payload))

    def _unread(self, location: str, reason: str) -> Exception:
        if reason == "absent":
            return MissingSecretError(
                location, where=str(self), cure=f"put it into the file {location}"
            )
        if reason == "a folder":
            return MalformedSecretError(
                str(self), ref=location, expected="a file, not a folder"
            )
        return AccessDeniedError(str(self), ref=location, reason=reason)

    def _text(self, location: str, payload: bytes) -> str:
        if len(payload) > self._max_bytes:
            raise MalformedSecretError(
                str(self), ref=location, expected=f"at most {self._max_bytes} bytes"
            )
        text: str | None = None
        with suppress(UnicodeDecodeError):  # it carries the whole payload
            text = payload.decode()
        if text is None:
            raise MalformedSecretError(str(self), ref=location, expected="UTF-8 text")
        return text.removesuffix("\n").removesuffix("\r")

    def _warn_if_open(self, path: Path, mode: int) -> None:
        if mode & stat.S_IROTH and path not in self._warned:
            self._warned.add(path)
            _LOG.warning(
                "%s can be read by every user of this machine: chmod 0400 it "
                "(Kubernetes: defaultMode: 0400)",
                path,
            )

    def _write(self, location: str, value: str) -> None:
        path = self._inside(location)
        reason: str | None = None
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=path.parent, prefix=".")
            try:
                with open(handle, "w", encoding="utf-8", newline="") as file:  # noqa: PTH123 - a handle
                    file.write(value)
                    file.flush()
                    os.fsync(file.fileno())
                Path(name).replace(path)
            except BaseException:
                Path(name).unlink(missing_ok=True)
                raise
        except OSError as error:
            reason = error.strerror or "it can't be written"
        if reason is not None:
            raise AccessDeniedError(str(self), ref=location, reason=reason)

    def __str__(self) -> str:
        return f"the files in {self._directory}"


class FileSecrets(CachedSecrets):
    """Reads secrets from mounted files, one a secret.

    ``db#password`` reads one field of a file that holds a JSON object.

    Args:
        directory: where the files are.
        policy: how long what was read is good.
        max_bytes: the largest file that is read.
    """

    def __init__(
        self,
        directory: str | os.PathLike[str],
        *,
        policy: Policy | None = None,
        max_bytes: int = _MIB,
    ) -> None:
        source = FileSource(directory, max_bytes=max_bytes)
        super().__init__(source, policy, name=str(source))

    def peek(self, ref: str) -> str:
        """Return what has been read, or raise why it is not at hand."""
        parse_ref(ref)
        return super().peek(ref)

    def __repr__(self) -> str:
        return f"FileSecrets({self._name.removeprefix('the files in ')})"
