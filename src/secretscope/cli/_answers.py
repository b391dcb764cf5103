"""What the stores say to a container's needs: found or not, how old, and what to do."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from typing import Any

import anyio
from attrs import evolve, frozen

from secretscope.backends.env import EnvSecrets
from secretscope.errors import (
    MissingSecretError,
    NoTenantError,
    SecretScopeError,
    StoreError,
)
from secretscope.providers import Reading, lifetime, readings
from secretscope.redaction import redact
from secretscope.values import SecretStatus

ENVIRONMENT, MISSING, FAILED, PER_TENANT = "environment", "missing", "failed", "tenants"
FOUND = "found"


@frozen
class Answer:
    """What was found of one need.

    Attributes:
        reading: the need; `needed_by` names all who have it.
        tenant: for which tenant it was asked; None is the application.
        found: ``found``, ``environment``, ``missing``, ``failed``, or ``tenants``
            where it belongs to tenants and none was named.
        status: version, age and time left; None where the store keeps none of it.
        advice: what to do; empty where all is well.
        outage: whether a store failed, and did not merely say no.
    """

    reading: Reading
    tenant: str | None
    found: str
    status: SecretStatus | None = None
    advice: str = ""
    outage: bool = False

    @property
    def bad(self) -> bool:
        """Whether whoever needs it can't work."""
        return self.found == FAILED or (self.found == MISSING and self.reading.required)


async def ask(container: Any, tenants: Sequence[str]) -> list[Answer]:  # noqa: ANN401
    """Ask the stores for everything that a container needs.

    Args:
        container: an instance, configured and not open.
        tenants: also ask for these tenants' own.

    Raises:
        SecretScopeError: The container can't be opened at all.
    """
    async with lifetime(container, needs=[]) as secrets:
        wanted = _merged(readings(container))
        answers = await _all(wanted, None)
        if tenants:  # whose rows say more than that each has its own
            answers = [answer for answer in answers if answer.found != PER_TENANT]
        theirs = [reading for reading in wanted if reading.tenants is not None]
        for tenant in tenants:
            async with secrets.tenant(tenant):
                answers += await _all(theirs, tenant)
        return _with_status(answers, secrets.status())


def _merged(found: Iterable[Reading]) -> list[Reading]:
    """Return each need once, with all who have it."""
    merged: dict[tuple[str, int], Reading] = {}
    for reading in found:
        key = reading.ref, id(reading.reader)
        known = merged.get(key)
        if known is None:
            merged[key] = reading
        else:
            merged[key] = evolve(
                known,
                needed_by=f"{known.needed_by}, {reading.needed_by}",
                required=known.required or reading.required,
                environment=known.environment or reading.environment,
            )
    return list(merged.values())


async def _all(wanted: Sequence[Reading], tenant: str | None) -> list[Answer]:
    answers: dict[int, Answer] = {}

    async def one(place: int, reading: Reading) -> None:
        answers[place] = await _one(reading, tenant)

    async with anyio.create_task_group() as group:
        for place, reading in enumerate(wanted):
            group.start_soon(one, place, reading)
    return [answers[place] for place in sorted(answers)]


async def _one(reading: Reading, tenant: str | None) -> Answer:
    error: Exception | None = None
    if reading.reader is None:
        error = MissingSecretError(reading.ref, where="the environment")
    else:
        try:
            await reading.reader().resolve(reading.ref)
        except Exception as failure:  # noqa: BLE001 - a user's store raises what it likes
            error = failure
    if error is None:
        return Answer(reading, tenant, FOUND)
    if isinstance(error, NoTenantError):
        return Answer(
            reading, tenant, PER_TENANT, advice="--tenant NAME asks for one tenant's"
        )
    if not isinstance(error, MissingSecretError):
        outage = isinstance(error, StoreError) or not isinstance(
            error, SecretScopeError
        )
        said = redact(f"{'' if outage else type(error).__name__ + ': '}{error}")
        return Answer(reading, tenant, FAILED, advice=said, outage=outage)
    if reading.environment and tenant is None and reading.ref in os.environ:
        return Answer(reading, tenant, ENVIRONMENT)
    return Answer(reading, tenant, MISSING, advice=_cure(reading, tenant))


def _cure(reading: Reading, tenant: str | None) -> str:
    place = reading.location if tenant is None else reading.tenants
    if place is None:
        return f"set the environment variable {reading.ref}"
    at = place.replace("{tenant}", tenant or "")
    if reading.store == repr(EnvSecrets()):
        at = f"the environment variable {at}"
        return f"set {at}" if reading.required else f"optional; it is {at}"
    return f"put it at {at}" if reading.required else f"optional; its place is {at}"


def _with_status(
    answers: Sequence[Answer], known: Iterable[SecretStatus]
) -> list[Answer]:
    by_key = {(each.ref, each.tenant): each for each in known}
    return [
        evolve(answer, status=by_key.get((answer.reading.ref, answer.tenant)))
        for answer in answers
    ]
