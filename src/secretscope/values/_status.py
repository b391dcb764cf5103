"""How a secret is doing, for people and for dashboards; it never holds a value."""

from __future__ import annotations

from typing import Any

from attrs import asdict, frozen


@frozen(kw_only=True)
class SecretStatus:
    """What is known of one secret at one moment.

    Attributes:
        ref: the secret: to a store its location without ``#field``, to a lifetime the
            ref that the application knows it by.
        store: what errors call the store.
        tenant: whose it is; None is the application.
        version: the version that is read.
        counted: whether versions are counted by this process, since the store has none:
            another process counts otherwise.
        age: seconds since it was fetched; None where it is cold.
        left: seconds until it runs out; None is never (or cold).
        stale: whether it is read past its time because its store has an outage.
        missing: whether the store said that it is not there.
        error: what the last attempt to fetch it failed with, in words.
        reads: how often it was read through the store's slow path, or fetched for.
        refreshes: how often it was fetched again.
    """

    ref: str
    store: str
    tenant: str | None = None
    version: str | None = None
    age: float | None = None
    left: float | None = None
    stale: bool = False
    missing: bool = False
    error: str | None = None
    reads: int = 0
    refreshes: int = 0
    counted: bool = False

    def as_dict(self) -> dict[str, Any]:
        """Return the same as a dictionary of plain values, ready for JSON."""
        return asdict(self)


@frozen(kw_only=True)
class TenantStatus:
    """How an open tenant is doing.

    Attributes:
        tenant: its name.
        blocks: how many blocks are open in it.
        refs: how many refs were asked for in it, there or not.
        weight: bytes that its values take up, roughly.
        idle: whole seconds since the last block in it ended; 0 while one is open.
    """

    tenant: str
    blocks: int
    refs: int
    weight: int
    idle: int

    def as_dict(self) -> dict[str, Any]:
        """Return the same as a dictionary of plain values, ready for JSON."""
        return asdict(self)
