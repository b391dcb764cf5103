"""DotenvSecrets: the names of a ``.env`` file, kept and watched."""

from __future__ import annotations

import os

from secretscope.backends.dotenv._source import DotenvSource
from secretscope.cache import CachedSecrets, Policy


class DotenvSecrets(CachedSecrets):
    """Reads secrets from a ``.env`` file, as developers keep it beside their code.

    ``db#password`` reads one field of a value that is a JSON object. While a lifetime
    is open, a file that changes is read again by itself.

    Args:
        path: the file; it need not be there.
        policy: how long what was read is good.
        poll: seconds between two looks for changes, without the extra ``watch``.
    """

    def __init__(
        self,
        path: str | os.PathLike[str] = ".env",
        *,
        policy: Policy | None = None,
        poll: float = 1.0,
    ) -> None:
        source = DotenvSource(path, poll=poll)
        super().__init__(source, policy, name=str(source))

    def __repr__(self) -> str:
        return f"DotenvSecrets({self._name.removeprefix('the file ')})"
