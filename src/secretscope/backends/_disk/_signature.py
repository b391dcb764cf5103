"""What tells two states of a file apart, without reading it."""

from __future__ import annotations

import os
from pathlib import Path

from attrs import frozen


@frozen
class Signature:
    """The state of a file.

    Attributes:
        device: of the file system.
        inode: another one after an atomic replace or a symlink swap.
        size: in bytes.
        written: when it was last written to, in nanoseconds since the epoch.
    """

    device: int
    inode: int
    size: int
    written: int

    @classmethod
    def of(cls, state: os.stat_result) -> Signature:
        """Return the signature of what `stat` says."""
        return cls(state.st_dev, state.st_ino, state.st_size, state.st_mtime_ns)


def signature_of(path: Path) -> Signature | None:
    """Return a file's signature, links followed; None where it can't be had."""
    try:
        return Signature.of(path.stat())
    except OSError:
        return None
