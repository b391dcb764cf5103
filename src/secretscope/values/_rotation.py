"""A rotation: what is told of a secret that has changed, and never its value."""

from __future__ import annotations

from attrs import field, frozen


@frozen
class Rotation:
    """A new version has taken the place of an old one.

    Attributes:
        ref: which secret: to subscribers of a store its location without ``#field``,
            to those of a lifetime the ref that the application knows it by.
        old: the version that was read until now; None where there was none.
        new: the version that is read from now on; None where the secret is gone.
        tenant: whose it is; None is the application.
        store: what errors call the store.
        counted: whether the versions are counted by this process, since the store has
            none: another process counts otherwise.
    """

    ref: str
    old: str | None
    new: str | None
    tenant: str | None = None
    store: str = ""
    counted: bool = field(default=False, eq=False)
