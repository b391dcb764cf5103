"""Writing one field: read, change, and write if nobody else did meanwhile.

https://developer.hashicorp.com/vault/api-docs/secret/kv/kv-v2#create-update-secret
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from secretscope.backends.vault._mounts import Kind
from secretscope.backends.vault._read import current_version
from secretscope.backends.vault._refusals import absent, outage, refusal
from secretscope.backends.vault._reply import Reply
from secretscope.errors import ConflictError, MalformedSecretError

Asking = Callable[[str, "Mapping[str, Any] | None"], Awaitable[Reply]]
"""Asks the secret's own path with a method and a body."""

_LOST_RACE = "check-and-set"


async def write(  # noqa: PLR0913 - what is written, and what errors say of it
    ask: Asking,
    kind: Kind,
    value: str,
    *,
    field: str | None,
    cas: int | None,
    ref: str,
    store: str,
) -> int | None:
    """Write a field, and return the new version where versions are counted.

    KV version 1 has no check-and-set: two writers at once overwrite each other.

    Raises:
        ConflictError: The version is not `cas`, or changed while we wrote.
        MalformedSecretError: It has several fields, and none was named.
        StoreError: Any refusal.
    """
    found = await ask("GET", None)
    data = _data(found, kind, ref=ref, store=store)
    version = current_version(found) if kind == "kv2" else int(bool(data))
    if cas is not None and (version if kind == "kv2" or cas == 0 else cas) != cas:
        raise ConflictError(store, ref=ref)
    body: Mapping[str, Any] = {
        **data,
        field_to_write(field, data, ref=ref, store=store): value,
    }
    if kind == "kv2":
        body = {"options": {"cas": version}, "data": body}
    reply = await ask("POST", body)
    if reply.status == 400 and _LOST_RACE in reply.complaints():
        raise ConflictError(store, ref=ref)
    if reply.status not in {200, 204}:
        raise refusal(reply, store=store, ref=ref)
    written = (reply.part("data") or {}).get("version")
    return written if isinstance(written, int) else None


def _data(reply: Reply, kind: Kind, *, ref: str, store: str) -> Mapping[str, Any]:
    """Return the fields that are there, as they are; none where nothing is."""
    data = reply.part("data")
    if reply.status == 404:
        if data is None and reply.complaints():
            raise absent(reply, store=store, ref=ref)
        return {}
    if reply.status != 200:
        raise refusal(reply, store=store, ref=ref)
    inner = data.get("data") if data is not None and kind == "kv2" else data
    if not isinstance(inner, dict):
        raise outage(reply, store=store, ref=ref)
    return inner


def field_to_write(
    field: str | None, data: Mapping[str, Any], *, ref: str, store: str
) -> str:
    """Return the field that is meant: the one named, ``value``, or the only one.

    Raises:
        MalformedSecretError: There are several, and none was named.
    """
    if field is not None:
        return field
    if not data or "value" in data:
        return "value"
    if len(data) == 1:
        return next(iter(data))
    raise MalformedSecretError(
        store,
        ref=ref,
        expected="one field",
        cure=f"name the field to write after '#': {', '.join(data)}",
    )
