"""A redactor from settings: YAML, JSON, a container's configuration."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, cast

from secretscope.errors import ConfigurationError, nearest
from secretscope.redaction._known import KnownValues
from secretscope.redaction._redactor import Redactor
from secretscope.redaction._shape import Shape

_OPTIONS = ("engine", "drop", "opt_in", "shapes")
_SHAPE = (
    "name",
    "anchors",
    "body",
    "documented",
    "lead",
    "lead_width",
    "left",
    "right",
)


def redactor_from(settings: Mapping[str, Any], known: KnownValues) -> Redactor:
    """Return the redactor that the settings describe.

    Args:
        settings: ``engine``, ``drop`` and ``opt_in`` (lists of names), and ``shapes``, a
            list of mappings with the fields of `Shape`.
        known: the values to mask wherever they appear.

    Raises:
        ConfigurationError: An option, a name or an expression that cannot work.
        MissingExtraError: The fast engine was asked for and is not installed.
    """
    _check(settings, _OPTIONS, "redaction")
    shapes = settings.get("shapes") or ()
    if not isinstance(shapes, (list, tuple)):
        raise ConfigurationError("redaction.shapes: expected a list of shapes")
    return Redactor(
        known=known,
        add=[
            _shape(given, f"redaction.shapes[{at}]") for at, given in enumerate(shapes)
        ],
        drop=settings.get("drop") or (),
        opt_in=settings.get("opt_in") or (),
        engine=settings.get("engine") or "auto",
    )


def _check(given: object, names: tuple[str, ...], path: str) -> None:
    if not isinstance(given, Mapping):
        kind = type(given).__name__
        raise ConfigurationError(f"{path}: expected a mapping of options, got {kind}")
    faults = [
        f"{path}.{name}: unknown option{nearest(str(name), names)}"
        for name in given
        if name not in names
    ]
    if faults:
        raise ConfigurationError(*faults)


def _check_kinds(given: Mapping[str, Any], path: str) -> None:
    faults = [
        f"{path}.{name}: expected {kind}, got {type(value).__name__}"
        for name, value in given.items()
        if (kind := _wanted(name, value))
    ]
    if faults:
        raise ConfigurationError(*faults)


def _wanted(name: str, value: object) -> str:
    """Say what a shape's field should have been, or nothing where it is that."""
    if name == "lead_width":
        return "" if isinstance(value, int) else "a whole number"
    if name == "anchors" and isinstance(value, (list, tuple)):
        texts = cast("Iterable[object]", value)
        return "" if all(isinstance(one, str) for one in texts) else "a list of texts"
    return "" if isinstance(value, str) else "a text"


def _shape(given: Mapping[str, Any], path: str) -> Shape:
    _check(given, _SHAPE, path)
    missing = [name for name in ("name", "anchors", "body") if not given.get(name)]
    if missing:
        raise ConfigurationError(*(f"{path}.{name}: is not set" for name in missing))
    _check_kinds(given, path)
    try:
        return Shape(**given)
    except (TypeError, ValueError) as wrong:
        reason = str(wrong.args[0] if wrong.args else wrong)
    raise ConfigurationError(f"{path}: {reason}")
