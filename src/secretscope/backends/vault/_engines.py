"""What kind of engine a place is in."""

from __future__ import annotations

from secretscope.backends.vault._location import Layout, Place
from secretscope.backends.vault._mounts import Kind, kind_of, question
from secretscope.backends.vault._reach import Reach
from secretscope.backends.vault._refusals import outage
from secretscope.backends.vault._reply import Ask


async def kind_at(
    reach: Reach, layout: Layout, place: Place, token: str | None, *, ref: str
) -> Kind:
    """Return what kind of engine the place is in, asked for once a mount.

    Where we may not know, the layout's own mount is taken for KV version 2.

    Raises:
        StoreError: The server does not answer, or its answer is broken.
    """
    if place.mount == layout.mount and layout.kv_version is not None:
        return "kv1" if layout.kv_version == 1 else "kv2"

    async def ask() -> Kind | None:
        reply = await reach.send(Ask("GET", question(place.mount), token), ref=ref)
        found = kind_of(reply)
        if found is None and reply.status not in {403, 404}:
            raise outage(reply, store=reach.name, ref=ref)
        return found

    mounts, identity = reach.cluster.mounts, reach.identity
    found = await mounts.kind(identity.namespace, place.mount, identity.who, ask)
    return found or ("kv2" if place.mount == layout.mount else "other")
