"""From an answer to a Secret: by the engine's kind, never by guessing.

KV version 1: https://developer.hashicorp.com/vault/api-docs/secret/kv/kv-v1
KV version 2: https://developer.hashicorp.com/vault/api-docs/secret/kv/kv-v2
Leases: https://developer.hashicorp.com/vault/docs/concepts/lease
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from attrs import frozen

from secretscope.backends.vault._location import Place
from secretscope.backends.vault._mounts import Kind
from secretscope.backends.vault._refusals import outage, refusal
from secretscope.backends.vault._reply import Reply, seconds
from secretscope.errors import DeletedSecretError, DestroyedSecretError
from secretscope.values import Secret


@frozen
class Moment:
    """When an answer arrived.

    Attributes:
        clock: seconds of the cache's own clock.
        wall: seconds since 1970, to read the server's dates with.
    """

    clock: float
    wall: float


def data_path(kind: Kind, place: Place) -> str:
    """Return the path below ``/v1/`` under which the place is read and written."""
    return f"{place.mount}/data/{place.path}" if kind == "kv2" else place.whole


def read(reply: Reply, kind: Kind, *, ref: str, store: str, now: Moment) -> Secret:
    """Return the secret that was answered.

    Raises:
        MissingSecretError: It is not there; deleted and destroyed are errors of
            their own.
        StoreError: Any other refusal, as `refusal` tells them apart.
    """
    if kind == "kv2":
        return _versioned(reply, ref=ref, store=store, now=now)
    if reply.status != 200:
        raise refusal(reply, store=store, ref=ref)
    document, data = reply.document(), reply.part("data")
    if document is None or data is None:
        raise outage(reply, store=store, ref=ref)
    lease_id = document.get("lease_id") or None
    good = _good_for(document, data, leased=lease_id is not None, kind=kind)
    return Secret(
        texts(data),
        fetched_at=now.clock,
        expires_at=None if good is None else now.clock + good,
        renewable=lease_id is not None and document.get("renewable") is True,
        lease_id=lease_id if isinstance(lease_id, str) else None,
    )


def _good_for(
    document: Mapping[str, Any], data: Mapping[str, Any], *, leased: bool, kind: Kind
) -> float | None:
    """Return how long it is good; KV version 1 only hints, and its hint is no lease.

    A static role's credential tells its time to the next rotation as ``ttl``:
    https://developer.hashicorp.com/vault/api-docs/secret/databases#get-static-credentials
    """
    if kind == "kv1" and not leased:
        return None
    return seconds(document.get("lease_duration") or data.get("ttl"))


def _versioned(reply: Reply, *, ref: str, store: str, now: Moment) -> Secret:
    inner = reply.part("data") or {}
    metadata = inner.get("metadata")
    known = metadata if isinstance(metadata, dict) else None
    data = inner.get("data")
    if known is not None and data is None and reply.status in {200, 404}:
        gone = DestroyedSecretError if known.get("destroyed") else DeletedSecretError
        raise gone(ref, where=store)
    if reply.status != 200:
        raise refusal(reply, store=store, ref=ref)
    if not isinstance(data, dict) or known is None:
        raise outage(reply, store=store, ref=ref)
    left = _until(known.get("deletion_time"), now)
    return Secret(
        texts(data),
        version=str(known.get("version")),
        fetched_at=now.clock,
        expires_at=None if left is None else now.clock + left,
    )


def _until(deletion: object, now: Moment) -> float | None:
    """Return the seconds to a deletion that is set for a later time."""
    if not isinstance(deletion, str) or not deletion:
        return None
    try:
        at = datetime.fromisoformat(deletion).timestamp()
    except ValueError:
        return None
    return max(at - now.wall, 0.0)


def texts(data: Mapping[str, Any]) -> dict[str, str]:
    """Return fields as texts: what is none is written as JSON, and null is left out."""
    return {
        name: value if isinstance(value, str) else json.dumps(value)
        for name, value in data.items()
        if value is not None
    }


def current_version(reply: Reply) -> int:
    """Return the version that a check-and-set must name; 0 where there is none.

    Of a deleted or destroyed secret it is that version's number.
    """
    metadata = (reply.part("data") or {}).get("metadata")
    version = metadata.get("version") if isinstance(metadata, dict) else None
    return version if isinstance(version, int) else 0
