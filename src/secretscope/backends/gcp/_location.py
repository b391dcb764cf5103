"""Where Google Cloud keeps things: the grammar of locations, checked before any I/O."""

from __future__ import annotations

import re

from attrs import frozen

from secretscope.backends.gcp._access import PROJECT, REGION, GcpAccess
from secretscope.errors import InvalidRefError

LATEST = "latest"
_LOCATION = re.compile(
    rf"(?:projects/(?P<project>{PROJECT})/(?:locations/(?P<region>{REGION})/)?secrets/)?"
    r"(?P<name>[A-Za-z0-9_-]{1,255})"
    r"(?:/versions/(?P<version>[1-9][0-9]{0,18}|[A-Za-z][A-Za-z0-9_-]{0,62}))?"
)
"""`SecretManagerService.CreateSecret` and `AccessSecretVersion` name these grammars."""


@frozen
class Place:
    """A version of a secret.

    Attributes:
        parent: the project, or its region, that holds the secret.
        name: the secret's.
        region: the region whose endpoint holds it; None is the global one.
        version: a number, an alias, or ``latest``.
        pinned: whether the location names a version.
    """

    parent: str
    name: str
    region: str | None
    version: str = LATEST
    pinned: bool = False

    @property
    def secret(self) -> str:
        """The secret's resource name."""
        return f"{self.parent}/secrets/{self.name}"

    @property
    def path(self) -> str:
        """The version's resource name."""
        return f"{self.secret}/versions/{self.version}"


def place_of(location: str, access: GcpAccess) -> Place:
    """Take a location apart: ``NAME``, ``NAME/versions/3``, ``projects/P/secrets/...``.

    Raises:
        InvalidRefError: Google Cloud has no such names.
    """
    found = _LOCATION.fullmatch(location) if isinstance(location, str) else None
    if found is None:
        raise InvalidRefError(
            location,
            reason="a secret of Google Cloud is NAME or NAME/versions/N (letters, digits, "
            "_ and -, 255 at most), or the same after projects/P/secrets/",
        )
    region = found["region"] if found["project"] else access.location
    parent = f"projects/{found['project'] or access.project}"
    if region is not None:
        parent += f"/locations/{region}"
    version = found["version"]
    return Place(
        parent, found["name"], region, version or LATEST, pinned=version is not None
    )
