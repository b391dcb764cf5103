"""Telling a running fleet, where the configuration names one, what was changed."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any

import click
from attrs import frozen
from dependency_injector import providers

from secretscope.scopes import LifetimeReader


@frozen
class Told:
    """What came of it.

    Attributes:
        fleet: whether the configuration names a fleet.
        fault: why its processes could not be told.
    """

    fleet: bool = False
    fault: str | None = None

    def as_dict(self) -> dict[str, object]:
        """Return the same as plain values: whether processes were told, or why not."""
        return {"told": self.fleet and self.fault is None, "fault": self.fault}

    def report(self) -> int:
        """Say on standard error what went wrong; return the command's exit code."""
        if self.fault is None:
            return 0
        click.echo(
            f"secretscope: the fleet was not told: {self.fault}; its processes follow "
            "when their own freshness ends",
            err=True,
        )
        return 3


async def tell(
    container: Any,  # noqa: ANN401 - any container's instance
    secrets: LifetimeReader,
    ref: str,
    *,
    tenant: str | None,
    version: str | None = None,
) -> Told:
    """Tell the processes of the fleet that ``config.fleet`` names.

    Raises:
        ConfigurationError: The settings can't work.
        MissingExtraError: The extra ``redis`` is not installed.
        SecretReadError: The fleet's key is not there.
    """
    settings = _settings(container)
    if settings is None:
        return Told()
    bus = importlib.import_module("secretscope.cli._bus")
    fault: str | None = await bus.publish(
        container, secrets, settings, ref, tenant=tenant, version=version
    )
    return Told(fleet=True, fault=fault)


def _settings(container: Any) -> Mapping[str, Any] | None:  # noqa: ANN401
    """Return the settings of a fleet over Redis; another bus is the application's."""
    config = getattr(container, "config", None)
    found = config() if isinstance(config, providers.Configuration) else None
    fleet = found.get("fleet") if isinstance(found, Mapping) else None
    return fleet if isinstance(fleet, Mapping) and "url" in fleet else None
