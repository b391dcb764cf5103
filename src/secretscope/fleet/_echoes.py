"""What was told already, by us or to us: nobody says it twice."""

from __future__ import annotations

from collections import OrderedDict

from secretscope.fleet._notice import Notice

_Key = tuple[str, str | None, str | None]


class Echoes:
    """Remembers the last version that was told of each secret.

    A process that looks at the store because it was told to sees a rotation, too; if
    it told of that, a thousand processes would tell each other a thousand times.

    Args:
        most: how many secrets are remembered, the latest.
    """

    def __init__(self, most: int = 16_384) -> None:
        self._most = most
        self._versions: OrderedDict[_Key, str] = OrderedDict()

    def note(self, notice: Notice) -> None:
        """Remember what was told; a secret without versions leaves no trace."""
        if notice.version is None:
            return
        key = (notice.store, notice.tenant, notice.ref)
        self._versions[key] = notice.version
        self._versions.move_to_end(key)
        if len(self._versions) > self._most:
            self._versions.popitem(last=False)

    def holds(self, notice: Notice) -> bool:
        """Tell whether this very version was the last that was told."""
        key = (notice.store, notice.tenant, notice.ref)
        return notice.version is not None and self._versions.get(key) == notice.version
