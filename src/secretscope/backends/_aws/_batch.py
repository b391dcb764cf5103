"""Fetching many at once, in groups of as many as one request takes."""

from __future__ import annotations

from collections.abc import (
    Awaitable,
    Callable,
    Coroutine,
    Iterable,
    Mapping,
    Sequence,
)
from typing import Any

import anyio

from secretscope.errors import SecretScopeError
from secretscope.values import Secret

Found = Mapping[str, Secret | SecretScopeError]
"""For each location its secret or its own error."""


async def in_groups(
    locations: Iterable[str],
    *,
    size: int,
    groups: Callable[[str], bool],
    together: Callable[[Sequence[str]], Awaitable[Found]],
    alone: Callable[[str], Awaitable[Secret]],
) -> dict[str, Secret | SecretScopeError]:
    """Fetch all of the locations, groups and single ones side by side.

    Args:
        locations: each is asked for once, however often it is named.
        size: the most that one request takes.
        groups: tells whether a location can be asked for with others; it raises
            where the location is none.
        together: fetches a group; what it leaves out is fetched alone.
        alone: fetches one.
    """
    found: dict[str, Secret | SecretScopeError] = {}
    joint, single = _sorted(locations, groups, found)

    async def one(location: str) -> None:
        try:
            found[location] = await alone(location)
        except SecretScopeError as error:
            found[location] = error

    async def some(group: Sequence[str]) -> None:
        found.update(await together(group) if len(group) > 1 else {})
        await _all(one, [location for location in group if location not in found])

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(_all, one, single)
        for at in range(0, len(joint), size):
            tasks.start_soon(some, joint[at : at + size])
    return found


def _sorted(
    locations: Iterable[str],
    groups: Callable[[str], bool],
    found: dict[str, Secret | SecretScopeError],
) -> tuple[list[str], list[str]]:
    joint: list[str] = []
    single: list[str] = []
    for location in dict.fromkeys(locations):
        try:
            (joint if groups(location) else single).append(location)
        except SecretScopeError as error:
            found[location] = error
    return joint, single


async def _all(
    one: Callable[[str], Coroutine[Any, Any, None]], locations: list[str]
) -> None:
    async with anyio.create_task_group() as tasks:
        for location in locations:
            tasks.start_soon(one, location)
