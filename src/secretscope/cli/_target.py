"""The container that a command is about, from ``module:Name`` and its configuration."""

from __future__ import annotations

import importlib
import inspect
import sys
from collections.abc import Callable, Sequence
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import click
from dependency_injector import containers, providers

from secretscope.cli._faults import said
from secretscope.cli._settings import settings_in
from secretscope.errors import nearest


def target_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command its container: an argument, and ``--config`` as often as needed."""
    command = click.option(
        "--config",
        "configs",
        multiple=True,
        type=click.Path(path_type=Path),
        help="Settings to load into the container: .yml, .json, .toml or .ini. May be "
        "repeated: what a later file says goes before.",
    )(command)
    return click.argument("target", metavar="MODULE:CONTAINER")(command)


def load(target: str, configs: Sequence[Path]) -> Any:  # noqa: ANN401 - any container
    """Import a container, make an instance of it, and configure it.

    What it prints meanwhile goes to standard error: standard output is ours.

    Args:
        target: ``package.module:Container``; a function that returns one will do.
        configs: files for its provider named ``config``; later ones go before.

    Raises:
        click.UsageError: It names what is wrong and the cure.
    """
    module_name, colon, name = target.partition(":")
    if not (colon and module_name and name):
        raise click.UsageError(
            f"{target!r} names no container: say module:Name, as in app.containers:App"
        )
    with redirect_stdout(sys.stderr):
        found = _named(_module(module_name), module_name, name)
        container = _instance(found, target)
    for path in configs:
        _configure(container, path)
    return container


def _module(name: str) -> Any:  # noqa: ANN401
    _refuse_a_path(name)
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
    except SystemExit:
        problem = (
            f"{name} ends the process as it is imported: put what it runs under "
            "if __name__ == '__main__'"
        )
    except Exception as error:  # noqa: BLE001 - whatever the module does at import
        problem = f"{name} can't be imported: {said(error)}; see it by python -c 'import {name}'"
    raise click.UsageError(problem)


def _refuse_a_path(name: str) -> None:
    """Say how to write a module's name to who wrote its file's."""
    meant = name.removesuffix(".py").replace("\\", "/").strip("./").replace("/", ".")
    if name.endswith(".py") or "/" in name or "\\" in name or name.startswith("."):
        raise click.UsageError(
            f"{name!r} is no module's name: say {meant or 'app.containers'}:Name, "
            "with dots and without .py"
        )


def _named(module: Any, module_name: str, name: str) -> Any:  # noqa: ANN401
    found = module
    for part in name.split("."):
        if not hasattr(found, part):
            near = nearest(part, [each for each in dir(found) if each[0] != "_"])
            there = near or _containers_of(module)
            raise click.UsageError(f"{module_name} has no {name!r}{there}")
        found = getattr(found, part)
    return found


def _containers_of(module: Any) -> str:  # noqa: ANN401
    """Return which containers a module holds, as the end of a sentence."""
    names = [
        name
        for name, each in vars(module).items()
        if isinstance(each, type)
        and issubclass(each, containers.DeclarativeContainer)
        and each.__module__ == module.__name__
    ]
    return (
        f"; its containers are {', '.join(names)}" if names else "; it has no container"
    )


def _instance(found: Any, target: str) -> Any:  # noqa: ANN401
    container = isinstance(found, type) and issubclass(
        found, containers.DeclarativeContainer
    )
    if isinstance(found, containers.DynamicContainer):
        return found
    if container or (
        callable(found)
        and not isinstance(found, type | providers.Provider)
        and not inspect.iscoroutinefunction(found)
    ):
        made = _made(found, target)
        if isinstance(made, containers.DynamicContainer):
            return made
    raise click.UsageError(
        f"{target} is no container: name a DeclarativeContainer, an instance of one, "
        "or a function (no async one) that returns one"
    )


def _made(make: Any, target: str) -> Any:  # noqa: ANN401
    try:
        return make()
    except Exception as error:  # noqa: BLE001 - whatever it does
        problem = f"{target}() failed: {said(error)}"
    raise click.UsageError(problem)


def _configure(container: Any, path: Path) -> None:  # noqa: ANN401
    config = getattr(container, "config", None)
    if not isinstance(config, providers.Configuration):
        raise click.UsageError(
            "the container has no provider 'config' to load --config into: add "
            "config = providers.Configuration()"
        )
    settings = settings_in(path)
    if settings:
        config.from_dict(dict(settings))
