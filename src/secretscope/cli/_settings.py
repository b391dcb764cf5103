"""Settings from a file: YAML, JSON, TOML or INI, as dependency-injector reads them."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import click
from dependency_injector import providers

_Read = Callable[[Path], Mapping[str, Any]]
_NO_MAPPING = (AttributeError, TypeError, ValueError)
"""What dependency-injector raises for a list or a text; parsers' errors are subclasses."""


def settings_in(path: Path) -> Mapping[str, Any]:
    """Return the settings in a file; ``${NAME}`` is the environment's.

    Raises:
        click.UsageError: It names the file and what is wrong, without the file's text.
    """
    read = _READERS.get(path.suffix.lower())
    if read is None:
        raise click.UsageError(f"{path} is no .yml, .yaml, .json, .toml or .ini file")
    problem = ""
    try:
        found = read(path)
    except FileNotFoundError:
        problem = f"{path} is not there"
    except OSError as error:
        problem = f"{path} can't be read: {error.strerror}"
    except click.UsageError:
        raise
    except Exception as error:  # noqa: BLE001 - a parser's error may hold the text
        problem = f"{path} can't be read ({type(error).__name__}{_where(error)})"
        if type(error) in _NO_MAPPING:
            problem = f"{path} holds no mapping of settings: give it one named secrets"
    else:
        return found
    raise click.UsageError(problem)


def _where(error: Exception) -> str:
    """Return the line that a parser stopped at, without what stands there."""
    mark = getattr(error, "problem_mark", None)
    line = getattr(error, "lineno", None) if mark is None else mark.line + 1
    return "" if line is None else f" in line {line}"


def _yaml(path: Path) -> Mapping[str, Any]:
    if find_spec("yaml") is None:
        raise click.UsageError(
            f"{path}: YAML needs pip install pyyaml; JSON and TOML do not"
        )
    return _read(path, "from_yaml")


def _json(path: Path) -> Mapping[str, Any]:
    return _read(path, "from_json")


def _read(path: Path, way: str) -> Mapping[str, Any]:
    """Read as `Configuration` does, which fills in the environment's variables."""
    config = providers.Configuration()
    with path.open(encoding="utf-8"):  # an error of the file itself
        getattr(config, way)(str(path), required=True)
    found: Mapping[str, Any] = config()
    return found


def _toml(path: Path) -> Mapping[str, Any]:
    with path.open("rb") as file:
        return tomllib.load(file)


def _ini(path: Path) -> Mapping[str, Any]:
    """Read sections; ``[secrets.files]`` stands within ``[secrets]``."""
    nested: dict[str, Any] = {}
    for section, options in _read(path, "from_ini").items():
        place = nested
        for part in section.split("."):
            place = place.setdefault(part, {})
        place.update(options)
    return nested


_READERS: dict[str, _Read] = {
    ".yml": _yaml,
    ".yaml": _yaml,
    ".json": _json,
    ".toml": _toml,
    ".ini": _ini,
}
