"""FileSecrets: the files of a directory, kept and watched."""

from __future__ import annotations

import os

from secretscope.backends.files._source import MIB, FileSource
from secretscope.cache import LOCAL, CachedSecrets, Policy
from secretscope.values import parse_ref


class FileSecrets(CachedSecrets):
    """Reads secrets from mounted files, one a secret.

    ``db#password`` reads one field of a file that holds a JSON object. While a lifetime
    is open, a file that changes is read again by itself.

    Args:
        directory: where the files are.
        policy: how long what was read is good.
        max_bytes: the largest file that is read.
        poll: seconds between two looks for changes, without the extra ``watch``.
    """

    def __init__(
        self,
        directory: str | os.PathLike[str],
        *,
        policy: Policy | None = None,
        max_bytes: int = MIB,
        poll: float = 1.0,
    ) -> None:
        source = FileSource(directory, max_bytes=max_bytes, poll=poll)
        super().__init__(source, policy or LOCAL, name=str(source))

    def peek(self, ref: str) -> str:
        """Return what has been read, or raise why it is not at hand."""
        parse_ref(ref)
        return super().peek(ref)

    def __repr__(self) -> str:
        return f"FileSecrets({self._name.removeprefix('the files in ')})"
