"""How long a value is good, and how a store may be asked."""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Any

from attrs import Attribute, evolve, field, fields, frozen

from secretscope.errors import ConfigurationError, nearest

_WHOLE_STORE = ("concurrency", "close_timeout", "refs")


def _number(
    least: float,
    *,
    most: float = float("inf"),
    above: bool = False,
    whole: bool = False,
) -> Any:  # noqa: ANN401 - attrs names no type for it
    """Return a validator: a number of at least (or above) that, and at most this."""
    kinds: Any = int if whole else (int, float)

    def check(policy: object, option: Attribute[Any], value: object) -> None:
        fits = isinstance(value, kinds) and not isinstance(value, bool)
        if fits and least <= value <= most and not (above and value == least):  # type: ignore[operator]
            return
        bound = f"above {least:g}" if above else f"of at least {least:g}"
        end = "" if most == float("inf") else f" and at most {most:g}"
        kind = "a whole number" if whole else "a number"
        raise ConfigurationError(f"cache.{option.name}: expected {kind} {bound}{end}")

    return check


def _optional(check: Any) -> Any:  # noqa: ANN401 - as above
    def checked(policy: object, option: Attribute[Any], value: object) -> None:
        if value is not None:
            check(policy, option, value)

    return checked


def _backoff(given: Any) -> Any:  # noqa: ANN401 - whatever the configuration holds
    if not isinstance(given, Mapping):
        return given
    known = [option.name for option in fields(Backoff)]
    for name in given:
        if name not in known:
            raise ConfigurationError(
                f"cache.backoff.{name}: unknown option{nearest(str(name), known)}"
            )
    return Backoff(**given)


def _is_backoff(policy: object, option: Attribute[Any], value: object) -> None:
    if not isinstance(value, Backoff):
        raise ConfigurationError(
            "cache.backoff: expected seconds, such as {first: 1, most: 60}"
        )


def _is_pair(policy: object, option: Attribute[Any], value: object) -> None:
    shares: tuple[Any, ...] = value if isinstance(value, tuple) else ()
    numbers = [
        share
        for share in shares
        if isinstance(share, int | float) and not isinstance(share, bool)
    ]
    two = len(shares) == len(numbers) == 2  # noqa: PLR2004 - a pair
    if not two or not 0 <= numbers[0] <= numbers[1] < 1:
        raise ConfigurationError(
            "cache.jitter: expected two shares below 1, such as [0.1, 0.2]"
        )


def _pair(given: Any) -> Any:  # noqa: ANN401 - as above
    return tuple(given) if isinstance(given, list | tuple) else (given, given)


@frozen
class Backoff:
    """How the pause between two failed attempts grows.

    Each pause is drawn at random between nothing and a most that doubles (full
    jitter), so that many processes don't come back at once.

    Attributes:
        first: seconds of the first pause, at most.
        most: seconds of the longest pause; also the most that a Retry-After counts.
    """

    first: float = field(default=1.0, validator=_number(0, above=True))
    most: float = field(default=60.0, validator=_number(0, above=True))


@frozen
class Policy:
    """What a cache does with values; what the store says goes before it.

    Attributes:
        ttl: seconds after which a value is asked for again; None is never. A store's
            own end (a lease's, a deletion's) goes before it.
        refresh_ahead: the share of a value's lifetime after which it is refreshed in
            the background (OpenBao and Vault Agent: two thirds).
        jitter: how much earlier that happens, drawn between these two shares of it.
        max_stale: seconds past its ttl that a value is still read while the store has
            an outage; never past the store's own end.
        negative_ttl: seconds that "not here" is remembered.
        backoff: the pauses between failed attempts.
        attempts: failed attempts in a minute, at most: for one secret, and for the
            whole store once several secrets failed in a row.
        idle: seconds after which what nobody keeps and nobody has read goes cold.
        timeout: seconds that one request may take.
        refresh_gap: seconds within which one secret is refreshed at most once.
        concurrency: how many requests run at once.
        close_timeout: seconds that giving leases back may take at the end, and as
            many that the source may take to close.
        refs: policies of single locations, as mappings of the options that differ;
            a ``*`` in a name stands for any characters.

    Raises:
        ConfigurationError: An option that cannot work.
    """

    ttl: float | None = field(default=300.0, validator=_optional(_number(0)))
    negative_ttl: float = field(default=5.0, validator=_number(0))
    timeout: float = field(default=10.0, validator=_number(0, above=True))
    concurrency: int = field(default=16, validator=_number(1, whole=True))
    refresh_gap: float = field(default=10.0, validator=_number(0))
    refresh_ahead: float = field(
        default=2 / 3, validator=_number(0, above=True, most=1)
    )
    jitter: tuple[float, float] = field(
        default=(0.1, 0.2), converter=_pair, validator=_is_pair
    )
    max_stale: float = field(default=3600.0, validator=_number(0))
    backoff: Backoff = field(factory=Backoff, converter=_backoff, validator=_is_backoff)
    attempts: int = field(default=20, validator=_number(1, whole=True))
    idle: float = field(default=900.0, validator=_number(0))
    close_timeout: float = field(default=3.0, validator=_number(0, above=True))
    refs: Mapping[str, Mapping[str, Any]] = field(factory=dict[str, Mapping[str, Any]])
    _own: Mapping[str, Policy] = field(init=False, repr=False, eq=False)

    def __attrs_post_init__(self) -> None:
        if not isinstance(self.refs, Mapping):
            raise ConfigurationError("cache.refs: expected a mapping of ref to options")
        own = {ref: self._evolved(ref, given) for ref, given in self.refs.items()}
        object.__setattr__(self, "_own", own)

    def of(self, base: str) -> Policy:
        """Return the policy of one location: its own by name, by pattern, or this."""
        if not self._own:
            return self
        found = self._own.get(base)
        if found is not None:
            return found
        for pattern, policy in self._own.items():
            if "*" in pattern and fnmatchcase(base, pattern.replace("[", "[[]")):
                return policy
        return self

    def _evolved(self, ref: str, given: object) -> Policy:
        path = f"cache.refs.{ref}"
        if not isinstance(given, Mapping):
            raise ConfigurationError(f"{path}: expected a mapping of options")
        known = [
            o.name for o in fields(Policy) if o.init and o.name not in _WHOLE_STORE
        ]
        faults = [
            f"{path}.{name}: "
            + (
                "it holds for a whole store, not for one ref"
                if name in _WHOLE_STORE
                else f"unknown option{nearest(str(name), known)}"
            )
            for name in given
            if name not in known
        ]
        if faults:
            raise ConfigurationError(*faults)
        wrong: tuple[str, ...] = ()
        try:
            return evolve(self, refs={}, **given)
        except ConfigurationError as error:
            wrong = error.faults
        raise ConfigurationError(*(f"{path}{fault[5:]}" for fault in wrong))


LOCAL = Policy(ttl=None)
"""For stores on this machine: what they hold is good until they say otherwise."""
