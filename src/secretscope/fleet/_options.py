"""What can be said of a fleet, and how its settings are read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import field, fields, frozen, validators

from secretscope.errors import ConfigurationError, InvalidRefError, nearest
from secretscope.values import parse_ref


@frozen(kw_only=True)
class FleetOptions:
    """How processes keep each other up to date.

    Attributes:
        key_ref: the application's secret that signs what they tell each other.
        previous_key_refs: secrets whose keys are accepted, too, while the key rotates.
        spread: seconds over which the processes ask the store, after one secret was
            told of.
        sweep: seconds over which a process asks for everything, after a gap.
        window: seconds that a message may be older or newer than this machine's clock.
        concurrency: how many looks at the store are under way in one process.
    """

    key_ref: str
    previous_key_refs: tuple[str, ...] = ()
    spread: float = field(default=5.0, validator=validators.ge(0))
    sweep: float = field(default=60.0, validator=validators.ge(0))
    window: float = field(default=120.0, validator=validators.gt(0))
    concurrency: int = field(default=16, validator=validators.ge(1))


_NUMBERS = ("spread", "sweep", "window", "concurrency")


def read_options(
    raw: object, *, others: tuple[str, ...] = (), path: str = "fleet"
) -> tuple[FleetOptions, Mapping[str, Any]]:
    """Check a fleet's settings.

    Args:
        raw: a mapping; ``previous_key_ref`` is one ref or several.
        others: settings that the channel knows.
        path: where the settings stand, for errors.

    Returns:
        The options, and what is the channel's.

    Raises:
        ConfigurationError: It names every fault with its path.
    """
    if not isinstance(raw, Mapping):
        raise ConfigurationError(
            f"{path}: expected a mapping with url and key_ref, got {type(raw).__name__}"
        )
    known = ("key_ref", "previous_key_ref", *_NUMBERS, *others)
    faults = [
        f"{path}.{name}: unknown option{nearest(str(name), known)}"
        for name in raw
        if name not in known
    ]
    previous = raw.get("previous_key_ref") or ()
    previous = (previous,) if isinstance(previous, str) else tuple(previous)
    if raw.get("key_ref") is None:
        faults.append(f"{path}.key_ref: is not set; it names the secret that signs")
    else:
        faults += _bad_ref(f"{path}.key_ref", raw["key_ref"])
    for ref in previous:
        faults += _bad_ref(f"{path}.previous_key_ref", ref)
    given = {name: raw[name] for name in _NUMBERS if raw.get(name) is not None}
    for name, number in given.items():
        faults += _bad_number(f"{path}.{name}", name, number)
    if faults:
        raise ConfigurationError(*faults)
    options = FleetOptions(key_ref=raw["key_ref"], previous_key_refs=previous, **given)
    return options, {name: raw[name] for name in others if raw.get(name) is not None}


def _bad_ref(path: str, ref: object) -> list[str]:
    if not isinstance(ref, str):
        return [f"{path}: expected a ref, got {type(ref).__name__}"]
    try:
        parse_ref(ref)
    except InvalidRefError as error:
        return [f"{path}: {error}"]
    return []


def _bad_number(path: str, name: str, number: object) -> list[str]:
    whole = name == "concurrency"
    if isinstance(number, bool) or not isinstance(
        number, int if whole else int | float
    ):
        kind = "a whole number" if whole else "a number of seconds"
        return [f"{path}: expected {kind}, got {type(number).__name__}"]
    validator = getattr(fields(FleetOptions), name).validator
    try:
        validator(None, getattr(fields(FleetOptions), name), number)
    except ValueError:
        return [f"{path}: {number} is too small"]
    return []
