"""The frame that a command reads or writes in: the application's, or a tenant's."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import click
from dependency_injector import providers

from secretscope.errors import nearest
from secretscope.providers import ScopedSecrets, lifetime
from secretscope.scopes import LifetimeReader


def frame_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command its ``--tenant`` and ``--on``."""
    command = click.option(
        "--on", help="The provider to use, where the container has several stores."
    )(command)
    return click.option("--tenant", help="The tenant whose secret is meant.")(command)


@asynccontextmanager
async def frame(
    container: Any,  # noqa: ANN401 - any container's instance
    tenant: str | None,
    on: str | None,
) -> AsyncGenerator[tuple[LifetimeReader, Any]]:
    """Open a container's stores, and yield the lifetime's reader and the one to use.

    Raises:
        click.UsageError: `on` is no store of the container.
    """
    wanted = _provider(container, on)
    async with AsyncExitStack() as stack:
        secrets = await stack.enter_async_context(lifetime(container, needs=[]))
        if tenant is not None:
            await stack.enter_async_context(secrets.tenant(tenant))
        yield secrets, secrets if wanted is None else wanted()


def _provider(container: Any, on: str | None) -> Any:  # noqa: ANN401
    found: dict[str, providers.Provider[Any]] = {
        name: provider
        for name, provider in container.providers.items()
        if isinstance(provider, ScopedSecrets)
    }
    if on is None:
        if len(found) > 1:
            raise click.UsageError(
                f"the container has several stores; name one with --on: {', '.join(found)}"
            )
        return None
    if on not in found:
        raise click.UsageError(
            f"--on {on}: the container has no such ScopedSecrets{nearest(on, found)}"
        )
    return found[on]
