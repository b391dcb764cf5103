"""Where AWS keeps things: the grammar of locations, checked before it is asked."""

from __future__ import annotations

import re

from attrs import frozen

from secretscope.errors import InvalidRefError

_NAME = r"[A-Za-z0-9/_+=.@-]{1,512}"
"""A secret's name and a staging label's characters, as CreateSecret has them."""
_ACCOUNT = r"[a-z0-9-]+:[0-9]{12}"
_SECRET = re.compile(
    rf"(?P<id>(?:arn:aws[a-z-]*:secretsmanager:{_ACCOUNT}:secret:)?(?P<name>{_NAME}))"
    rf"(?P<tail>:(?P<stage>{_NAME})?(?::(?P<version>[A-Za-z0-9-]{{32,64}}))?)?"
)
_PARAMETER = re.compile(
    rf"(?P<id>(?P<arn>arn:aws[a-z-]*:ssm:{_ACCOUNT}:parameter/?)?"
    r"(?P<name>[A-Za-z0-9/_.-]{1,1011}))"
    r"(?::(?P<selector>[A-Za-z0-9_.-]{1,100}))?"
)


@frozen
class SecretPlace:
    """A place in Secrets Manager: ``NAME``, ``NAME:STAGE`` or ``NAME::VERSION-ID``.

    Attributes:
        id: the name or the ARN.
        stage: a staging label; None is AWSCURRENT, unless a version is named.
        version: a version's id.
    """

    id: str
    stage: str | None = None
    version: str | None = None

    @property
    def is_current(self) -> bool:
        """Whether it is the current version that is meant."""
        return self.stage is None and self.version is None


@frozen
class ParameterPlace:
    """A place in Parameter Store: ``NAME``, ``NAME:VERSION`` or ``NAME:LABEL``.

    Attributes:
        id: the name or the ARN.
        selector: a version's number or a label; None is the newest version.
        is_arn: whether it was given by ARN, as another account's parameters are.
    """

    id: str
    selector: str | None = None
    is_arn: bool = False


def secret_place(location: str) -> SecretPlace:
    """Take a location of Secrets Manager apart.

    Raises:
        InvalidRefError: Secrets Manager has no such names.
    """
    found = _SECRET.fullmatch(location)
    if found is None or found["tail"] == ":":
        raise InvalidRefError(
            location,
            reason="a secret of AWS is NAME, NAME:STAGE, NAME::VERSION-ID or an ARN "
            "with the same at its end",
        )
    _refuse_ways_out(location, found["name"].removeprefix("/"))
    return SecretPlace(found["id"], found["stage"], found["version"])


def parameter_place(location: str) -> ParameterPlace:
    """Take a location of Parameter Store apart.

    Raises:
        InvalidRefError: Parameter Store has no such names, or it is a hierarchy
            without its leading ``/``, which AWS would fold into another name.
    """
    found = _PARAMETER.fullmatch(location)
    if found is None:
        raise InvalidRefError(
            location,
            reason="a parameter of AWS is NAME, NAME:VERSION or NAME:LABEL, in letters, "
            "digits and _ . - with '/' between its levels",
        )
    name = found["name"]
    if found["arn"] is None and name.startswith("/") != ("/" in name[1:]):
        raise InvalidRefError(
            location,
            reason="a parameter in a hierarchy begins with '/', and one outside has "
            "none: write the path as '/prod/{ref}'",
        )
    _refuse_ways_out(location, name.removeprefix("/"))
    return ParameterPlace(found["id"], found["selector"], found["arn"] is not None)


def _refuse_ways_out(location: str, name: str) -> None:
    if any(not part.strip(".") for part in name.split("/")):
        raise InvalidRefError(
            location,
            reason="a part between slashes is empty or leads out of its folder",
        )
