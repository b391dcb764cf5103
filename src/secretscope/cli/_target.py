"""The container that a command is about, from ``module:Name`` and its configuration."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import click
from dependency_injector import containers, providers

from secretscope.errors import nearest
from secretscope.redaction import redact

_READERS: dict[str, str] = {
    ".yml": "from_yaml",
    ".yaml": "from_yaml",
    ".json": "from_json",
    ".ini": "from_ini",
}


def target_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command its container: an argument, and ``--config`` as often as needed."""
    command = click.option(
        "--config",
        "configs",
        multiple=True,
        type=click.Path(path_type=Path),
        help="Settings to load into the container: .yml, .json or .ini. May be repeated.",
    )(command)
    return click.argument("target", metavar="MODULE:CONTAINER")(command)


def load(target: str, configs: Sequence[Path]) -> Any:  # noqa: ANN401 - any container
    """Import a container, make an instance of it, and configure it.

    Args:
        target: ``package.module:Container``; a function that returns one will do.
        configs: files for its provider named ``config``, each going before the last.

    Raises:
        click.UsageError: It names what is wrong and the cure.
    """
    module_name, colon, name = target.partition(":")
    if not (colon and module_name and name):
        raise click.UsageError(
            f"{target!r} names no container: say module:Name, as in app.containers:App"
        )
    found = _named(_module(module_name), module_name, name)
    container = _instance(found, target)
    for path in configs:
        _configure(container, path)
    return container


def _module(name: str) -> Any:  # noqa: ANN401
    here = str(Path.cwd())
    if here not in sys.path:
        sys.path.insert(0, here)
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as absent:
        own = absent.name is not None and f"{name}.".startswith(f"{absent.name}.")
        problem = (
            f"there is no module {absent.name!r} here; run this in the folder that "
            "holds it, or put that folder on PYTHONPATH"
            if own
            else f"{name} needs {absent.name!r}, which is not installed"
        )
    except Exception as error:  # noqa: BLE001 - whatever the module does at import
        problem = f"{name} can't be imported: {type(error).__name__}: {error}"
    raise click.UsageError(redact(problem))


def _named(module: Any, module_name: str, name: str) -> Any:  # noqa: ANN401
    found = module
    for part in name.split("."):
        if not hasattr(found, part):
            near = nearest(part, [each for each in dir(module) if each[0] != "_"])
            raise click.UsageError(f"{module_name} has no {name!r}{near}")
        found = getattr(found, part)
    return found


def _instance(found: Any, target: str) -> Any:  # noqa: ANN401
    if isinstance(found, type) and issubclass(found, containers.DeclarativeContainer):
        return found()
    if isinstance(found, containers.DynamicContainer):
        return found
    if callable(found) and not isinstance(found, type | providers.Provider):
        made: Any = None
        problem = ""
        try:
            made = found()
        except Exception as error:  # noqa: BLE001 - whatever the function does
            problem = f"{target}() failed: {type(error).__name__}: {error}"
        if problem:
            raise click.UsageError(redact(problem))
        if isinstance(made, containers.DynamicContainer):
            return made
    raise click.UsageError(
        f"{target} is no container: name a DeclarativeContainer, an instance of one, "
        "or a function that returns one"
    )


def _configure(container: Any, path: Path) -> None:  # noqa: ANN401
    config = getattr(container, "config", None)
    if not isinstance(config, providers.Configuration):
        raise click.UsageError(
            "the container has no provider 'config' to load --config into: add "
            "config = providers.Configuration()"
        )
    reader = _READERS.get(path.suffix)
    if reader is None:
        raise click.UsageError(f"{path} is no .yml, .yaml, .json or .ini file")
    if reader == "from_yaml" and find_spec("yaml") is None:
        raise click.UsageError(f"{path}: YAML needs pip install pyyaml; JSON does not")
    problem = ""
    try:
        getattr(config, reader)(str(path), required=True)
    except FileNotFoundError:
        problem = f"{path} is not there"
    except Exception as error:  # noqa: BLE001 - a parser's error may hold the text
        problem = f"{path} can't be read ({type(error).__name__}{_where(error)})"
    if problem:
        raise click.UsageError(problem)


def _where(error: Exception) -> str:
    """Return the line that a parser stopped at, without what stands there."""
    mark = getattr(error, "problem_mark", None)
    line = getattr(error, "lineno", None) if mark is None else mark.line + 1
    return "" if line is None else f" in line {line}"
