"""What can be said of a fleet, and how its settings are read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from attrs import field, frozen, validators

from secretscope.errors import ConfigurationError, InvalidRefError, nearest
from secretscope.values import parse_ref

Check = Callable[[object], "str | None"]
"""Says what is wrong with a setting; None is nothing."""


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
        retry: seconds until a look in vain is repeated, doubled each time: a cache
            refreshes one secret at most once in 10 s, and a store's replicas lag.
        concurrency: how many looks at the store are under way in one process.
    """

    key_ref: str
    previous_key_refs: tuple[str, ...] = ()
    spread: float = field(default=5.0, validator=validators.ge(0))
    sweep: float = field(default=60.0, validator=validators.ge(0))
    window: float = field(default=120.0, validator=validators.gt(0))
    retry: float = field(default=10.0, validator=validators.gt(0))
    concurrency: int = field(default=16, validator=validators.ge(1))


def TEXT(given: object) -> str | None:  # noqa: N802 - a kind of setting
    """Want a text."""
    return None if isinstance(given, str) else f"expected a text, got {_kind(given)}"


def REF(given: object) -> str | None:  # noqa: N802
    """Want a ref."""
    if not isinstance(given, str):
        return f"expected a ref, got {_kind(given)}"
    try:
        parse_ref(given)
    except InvalidRefError as error:
        return str(error)
    return None


def SECONDS(given: object) -> str | None:  # noqa: N802
    """Want a number of seconds above 0."""
    if isinstance(given, bool) or not isinstance(given, int | float):
        return f"expected a number of seconds, got {_kind(given)}"
    return None if given > 0 else f"{given} is too small"


def _refs(given: object) -> str | None:
    if not isinstance(given, list | tuple):
        return REF(given)
    return next((fault for each in given if (fault := REF(each))), None)


def _spread(given: object) -> str | None:
    return None if given == 0 and not isinstance(given, bool) else SECONDS(given)


def _count(given: object) -> str | None:
    if isinstance(given, bool) or not isinstance(given, int):
        return f"expected a whole number, got {_kind(given)}"
    return None if given > 0 else f"{given} is too small"


def _kind(given: object) -> str:
    return type(given).__name__


_OWN: Mapping[str, Check] = {
    "key_ref": REF,
    "previous_key_ref": _refs,
    "spread": _spread,
    "sweep": _spread,
    "window": SECONDS,
    "retry": SECONDS,
    "concurrency": _count,
}


def read_options(
    raw: object,
    *,
    others: Mapping[str, Check],
    required: tuple[str, ...] = (),
    path: str = "fleet",
) -> tuple[FleetOptions, Mapping[str, Any]]:
    """Check a fleet's settings.

    Args:
        raw: a mapping; ``previous_key_ref`` is one ref or several.
        others: what the channel takes, and what checks it.
        required: which of those have to be given.
        path: where the settings stand, for errors.

    Returns:
        The options, and what is the channel's.

    Raises:
        ConfigurationError: It names every fault with its path.
    """
    needed = (*required, "key_ref")
    if not isinstance(raw, Mapping):
        raise ConfigurationError(
            f"{path}: expected a mapping with {' and '.join(needed)}, got {_kind(raw)}"
        )
    given = {name: each for name, each in raw.items() if each is not None}
    checks = {**_OWN, **others}
    faults = [f"{path}.{name}: is not set" for name in needed if name not in given]
    for name, each in given.items():
        check = checks.get(name)
        if check is None:
            faults.append(f"{path}.{name}: unknown option{nearest(str(name), checks)}")
        elif (fault := check(each)) is not None:
            faults.append(f"{path}.{name}: {fault}")
    if faults:
        raise ConfigurationError(*faults)
    own = {name: given[name] for name in _OWN if name in given}
    previous = own.pop("previous_key_ref", ())
    refs = (previous,) if isinstance(previous, str) else tuple(previous)
    options = FleetOptions(**own, previous_key_refs=refs)
    return options, {name: given[name] for name in others if name in given}
