"""Where a key vault keeps things: the grammar of locations, and the names they map to."""

from __future__ import annotations

import re

from attrs import frozen

from secretscope.errors import InvalidRefError

_LOCATION = re.compile(r"(?P<name>[A-Za-z0-9_]{1,127})(?:/(?P<version>[0-9a-f]{32}))?")
"""An object's name is ``[0-9a-zA-Z-]{1,127}`` and a version 32 characters, as Key Vault
has it; ``_`` in a location stands for the ``-`` that a name may hold."""


@frozen
class Place:
    """A secret in a vault.

    Attributes:
        name: its name in the vault.
        version: which version; empty for the newest.
    """

    name: str
    version: str = ""


class Names:
    """The names that were asked for, of which no two spellings may be one."""

    def __init__(self) -> None:
        self._spelt: dict[str, str] = {}

    def place_of(self, location: str) -> Place:
        """Take a location apart: ``NAME`` or ``NAME/VERSION``.

        Raises:
            InvalidRefError: Key Vault has no such names, or keeps this one and another
                that was asked for in the same place.
        """
        found = _LOCATION.fullmatch(location) if isinstance(location, str) else None
        if found is None:
            raise InvalidRefError(location, reason=_reason(location))
        name = found["name"]
        first = self._spelt.setdefault(name.lower(), name)
        if first != name:
            raise InvalidRefError(
                location,
                reason=f"Key Vault knows no case, and keeps it where {first!r} is",
            )
        return Place(name.replace("_", "-"), found["version"] or "")


def _reason(location: object) -> str:
    reason = (
        "a secret of Key Vault is NAME or NAME/VERSION, in letters, digits and '_' "
        "(its own '-'), 127 at most"
    )
    if isinstance(location, str) and "-" in location:
        written = location.replace("-", "_")
        reason += f"; '_' and '-' are the same there: write {written!r}"
    return reason
