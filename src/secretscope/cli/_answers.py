"""What the stores say to a container's needs: found or not, how old, and what to do."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable, Sequence
from typing import Any

import anyio
from attrs import evolve, frozen

from secretscope.backends.env import EnvSecrets
from secretscope.cli._faults import FAILED as STORE_FAILED
from secretscope.cli._faults import faults_of, said, tracebacks_wanted
from secretscope.errors import (
    MissingSecretError,
    NoTenantError,
    SecretScopeError,
    StoreError,
    StoreTimeoutError,
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
        return self.found in (FAILED, MISSING) and self.reading.required


async def ask(container: Any, tenants: Sequence[str], wait: float) -> list[Answer]:  # noqa: ANN401
    """Ask the stores for everything that a container needs.

    Where one can't even be opened, nothing can be asked: every need has failed then, and
    says why.

    Args:
        container: an instance, configured and not open.
        tenants: also ask for these tenants' own.
        wait: seconds after which a store counts as failed.

    Raises:
        SecretScopeError: The container or its configuration is wrong.
    """
    quiet = logging.NullHandler()  # the rows tell what would be logged
    logging.getLogger("secretscope").addHandler(quiet)
    try:
        return await _asked(container, tenants, wait)
    except Exception as error:  # noqa: BLE001 - a user's store raises what it likes
        why = _outage(error)
    return _failed(_merged(readings(container)), None, why)


async def _asked(container: Any, tenants: Sequence[str], wait: float) -> list[Answer]:  # noqa: ANN401
    async with lifetime(container, needs=[]) as secrets:
        wanted = _merged(readings(container))
        answers = await _all(wanted, None, wait)
        if tenants:  # whose rows say more than that each has its own
            answers = [answer for answer in answers if answer.found != PER_TENANT]
        scoped = [reading for reading in wanted if reading.scoped]
        theirs = [each for each in scoped if each.tenants is not None] or scoped
        for tenant in dict.fromkeys(tenants):
            try:
                async with secrets.tenant(tenant):
                    answers += await _all(theirs, tenant, wait)
            except Exception as error:  # noqa: BLE001 - a user's store raises what it likes
                answers += _failed(theirs, tenant, _outage(error))
        return _with_status(answers, secrets.status())


def _outage(error: Exception) -> str:
    """Return what a store's failure says; whatever else it is, it is raised on."""
    faults = faults_of(error)
    if tracebacks_wanted() or any(fault.code != STORE_FAILED for fault in faults):
        raise error
    return "; ".join(fault.text for fault in faults)


def _failed(wanted: Sequence[Reading], tenant: str | None, why: str) -> list[Answer]:
    return [
        Answer(reading, tenant, FAILED, advice=why, outage=True) for reading in wanted
    ]


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


async def _all(
    wanted: Sequence[Reading], tenant: str | None, wait: float
) -> list[Answer]:
    answers: dict[int, Answer] = {}

    async def one(place: int, reading: Reading) -> None:
        answers[place] = await _one(reading, tenant, wait)

    async with anyio.create_task_group() as group:
        for place, reading in enumerate(wanted):
            group.start_soon(one, place, reading)
    return [answers[place] for place in sorted(answers)]


async def _one(reading: Reading, tenant: str | None, wait: float) -> Answer:
    error: Exception | None = None
    if reading.reader is None:
        error = MissingSecretError(reading.ref, where="the environment")
    else:
        with anyio.move_on_after(wait) as patience:
            try:
                await reading.reader().resolve(reading.ref)
            except Exception as failure:  # noqa: BLE001 - a user's store raises what it likes
                error = failure
        if patience.cancelled_caught:
            store = reading.store or ""
            error = StoreTimeoutError(store, ref=reading.ref, seconds=wait)
    if error is None:
        return Answer(reading, tenant, FOUND)
    if isinstance(error, NoTenantError):
        return Answer(
            reading, tenant, PER_TENANT, advice="--tenant NAME asks for one tenant's"
        )
    if not isinstance(error, MissingSecretError):
        ours = isinstance(error, SecretScopeError)
        outage = isinstance(error, StoreError) or not ours
        told = redact(str(error)) if ours else said(error)
        return Answer(reading, tenant, FAILED, advice=told, outage=outage)
    if reading.environment and tenant is None and reading.ref in os.environ:
        return Answer(reading, tenant, ENVIRONMENT)
    return Answer(reading, tenant, MISSING, advice=_cure(reading, tenant))


def _cure(reading: Reading, tenant: str | None) -> str:
    place = reading.location if tenant is None else reading.tenants
    if tenant is not None and place is None:
        return (
            "tenants have no place of their own: set secrets.tenants.path, or name it "
            "in secrets.tenants.inherit"
        )
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
    """Add how what was found is doing; what a tenant inherits is the application's."""
    by_key = {(each.ref, each.tenant): each for each in known if not each.missing}
    return [
        evolve(
            answer,
            status=by_key.get((answer.reading.ref, answer.tenant))
            or by_key.get((answer.reading.ref, None)),
        )
        if answer.found == FOUND
        else answer
        for answer in answers
    ]
