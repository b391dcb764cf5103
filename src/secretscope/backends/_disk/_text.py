"""Between bytes on a disk and texts, with errors that hold neither."""

from __future__ import annotations

import logging
import os
import stat
import tempfile
from contextlib import suppress
from pathlib import Path

from secretscope.backends._disk._signature import Signature
from secretscope.errors import MalformedSecretError

_LOG = logging.getLogger("secretscope")


def text_of(payload: bytes, *, limit: int, store: str, ref: str) -> str:
    """Return the text of what was read.

    Raises:
        MalformedSecretError: It is longer than the limit, or no UTF-8.
    """
    if len(payload) > limit:
        raise MalformedSecretError(store, ref=ref, expected=f"at most {limit} bytes")
    text: str | None = None
    with suppress(UnicodeDecodeError):  # it carries the whole payload
        text = payload.decode()
    if text is None:
        raise MalformedSecretError(store, ref=ref, expected="UTF-8 text")
    return text


def bytes_of(text: str, *, store: str, ref: str) -> bytes:
    """Return what is to be written.

    Raises:
        MalformedSecretError: It holds half a character, which UTF-8 has not.
    """
    payload: bytes | None = None
    with suppress(UnicodeEncodeError):  # it carries the whole text
        payload = text.encode()
    if payload is None:
        raise MalformedSecretError(store, ref=ref, expected="text that UTF-8 can hold")
    return payload


def replace(path: Path, payload: bytes) -> Signature:
    """Write a file beside the old one, for this user alone, and put it in its place.

    Raises:
        OSError: It can't be written; the old one is as it was.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".")
    try:
        with open(handle, "wb") as file:  # noqa: PTH123 - a handle
            file.write(payload)
            file.flush()
            os.fsync(file.fileno())
            signature = Signature.of(os.fstat(file.fileno()))
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return signature


class OpenFiles:
    """Warns, once each, of files that every user of the machine may read.

    Args:
        cure: what to do about one.
    """

    def __init__(self, cure: str) -> None:
        self._cure = cure
        self._warned: set[Path] = set()

    def warn(self, path: Path, mode: int) -> None:
        """Warn of the file, where its permissions are too wide."""
        if mode & stat.S_IROTH and path not in self._warned:
            self._warned.add(path)
            _LOG.warning(
                "%s can be read by every user of this machine: %s", path, self._cure
            )
