"""The frame that a command reads or writes in: the application's, or a tenant's."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import click

from secretscope.errors import nearest
from secretscope.providers import ScopedSecrets, SecretsBackend, lifetime, readers
from secretscope.scopes import LifetimeReader


def frame_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command its ``--tenant`` and ``--on``."""
    command = click.option(
        "--on",
        help="The ScopedSecrets or SecretsBackend to use, where there are several.",
    )(command)
    return click.option(
        "--tenant",
        help="The tenant whose secret is meant; the application's own without it.",
    )(command)


@asynccontextmanager
async def frame(
    container: Any,  # noqa: ANN401 - any container's instance
    tenant: str | None,
    on: str | None,
) -> AsyncGenerator[tuple[LifetimeReader, Any]]:
    """Open a container's stores, and yield the lifetime's reader and the one to use.

    Raises:
        click.UsageError: `on` is no store of the container, or no tenant's.
    """
    wanted = _provider(container, tenant, on)
    async with AsyncExitStack() as stack:
        secrets = await stack.enter_async_context(lifetime(container, needs=[]))
        if tenant is not None:
            await stack.enter_async_context(secrets.tenant(tenant))
        yield secrets, wanted()


def _provider(container: Any, tenant: str | None, on: str | None) -> Any:  # noqa: ANN401
    """Return the provider to read through: without a tenant, of the application's own."""
    found = readers(container)
    scoped = {n: p for n, p in found.items() if isinstance(p, ScopedSecrets)}
    chosen = _chosen(on, found, scoped or found)
    if tenant is not None:
        if not isinstance(chosen, ScopedSecrets):
            given = "the container" if on is None else f"--on {on}"
            raise click.UsageError(
                f"{given} reads the application's secrets alone: --tenant needs a "
                "ScopedSecrets"
            )
        return chosen
    backend = getattr(chosen, "backend", chosen)
    return backend if isinstance(backend, SecretsBackend) else chosen


def _chosen(on: str | None, found: dict[str, Any], usual: dict[str, Any]) -> Any:  # noqa: ANN401
    if on is not None:
        if on not in found:
            near = nearest(on, found) or f": it has {', '.join(found) or 'none'}"
            raise click.UsageError(f"--on {on}: the container has no such store{near}")
        return found[on]
    if not usual:
        raise click.UsageError("the container has no store: add a SecretsBackend")
    if len(usual) > 1:
        raise click.UsageError(
            f"the container has several stores; name one with --on: {', '.join(usual)}"
        )
    return next(iter(usual.values()))
