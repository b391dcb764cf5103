"""What waits to be told: bounded, and of each thing the newest alone."""

from __future__ import annotations

from collections import OrderedDict

from secretscope.fleet._notice import Kind, Notice

_Key = tuple[Kind, str, str | None, str | None]


class Outbox:
    """Notices in the order in which they are told.

    Where more would wait than it holds, they become one: "look at everything".
    Notices that a tenant is gone are kept, the oldest dropped.

    Args:
        most: how many notices wait.
    """

    def __init__(self, most: int = 1024) -> None:
        self._most = most
        self._waiting: OrderedDict[_Key, Notice] = OrderedDict()

    def put(self, notice: Notice) -> None:
        """Let a notice wait in place of an older one of the same thing."""
        key = (notice.kind, notice.store, notice.tenant, notice.ref)
        self._waiting.pop(key, None)
        self._waiting[key] = notice
        if len(self._waiting) > self._most:
            self._collapse()

    def take(self) -> Notice | None:
        """Return the oldest notice, which waits no more; None where none waits."""
        return self._waiting.popitem(last=False)[1] if self._waiting else None

    def _collapse(self) -> None:
        gone = [key for key in self._waiting if key[0] is Kind.FORGET]
        kept = [(key, self._waiting[key]) for key in gone[1 - self._most :]]
        everything = Notice(Kind.ALL)
        kept.append(((everything.kind, "", None, None), everything))
        self._waiting = OrderedDict(kept)

    def __len__(self) -> int:
        return len(self._waiting)
