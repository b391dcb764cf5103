"""Which files were read, and which of them have changed since."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from secretscope.backends._disk._signature import Signature, signature_of


class Seen:
    """The state in which each location was last read.

    A change is told once, until the location is read again.
    """

    def __init__(self) -> None:
        self._read: dict[str, Signature | None] = {}

    def note(self, location: str, signature: Signature | None) -> None:
        """Remember in which state it was read; None is that it wasn't there."""
        self._read[location] = signature

    def changed(self, locate: Callable[[str], Path]) -> list[str]:
        """Return the locations that are in another state now; this looks at the disk.

        Args:
            locate: gives the file of a location.
        """
        found: list[str] = []
        for location, signature in tuple(self._read.items()):
            if signature_of(locate(location)) != signature:
                # unless it has been read again meanwhile
                if self._read.get(location) == signature:
                    self._read.pop(location, None)
                found.append(location)
        return found
