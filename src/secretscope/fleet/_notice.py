"""What processes tell each other: refs, tenants and versions, and never a value."""

from __future__ import annotations

from enum import StrEnum

from attrs import frozen


class Kind(StrEnum):
    """What has happened."""

    ROTATED = "rotated"
    """A secret has a new version."""

    STALE = "stale"
    """A secret, or all of a tenant's, has to be fetched anew, whatever its version."""

    FORGET = "forget"
    """A tenant is gone."""

    ALL = "all"
    """More has happened than could be told: everything has to be looked at."""


@frozen
class Notice:
    """One thing that has happened.

    Attributes:
        kind: what.
        ref: to which secret; None is all of the tenant's.
        tenant: whose it is; None is the application.
        version: the version that is read from now on; None is unknown.
        store: what the store is called; empty is any.
    """

    kind: Kind
    ref: str | None = None
    tenant: str | None = None
    version: str | None = None
    store: str = ""


@frozen
class Envelope:
    """A notice on its way.

    Attributes:
        notice: what is told.
        sender: who tells it: a name drawn by lot when its process began.
        number: counts the sender's messages, from 1.
        sent_at: when it was sent, in seconds since 1970.
    """

    notice: Notice
    sender: str
    number: int
    sent_at: float


class Drop(StrEnum):
    """Why a message is not listened to."""

    OVERSIZED = "oversized"
    MALFORMED = "malformed"
    FORGED = "forged"
    FOREIGN = "of another protocol version"
    UNTIMELY = "older or newer than the window allows"
    REPLAYED = "replayed"
