"""Rotations as stores tell of them, told on by the refs that the application knows."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from attrs import evolve

from secretscope.protocols import Announcing, Secrets
from secretscope.scopes._scope import Scope
from secretscope.values import Rotation, split_location


class StoreRotations:
    """Follows the stores of a lifetime that tell of their rotations.

    Args:
        scopes: gives the scopes that the stores stand in.
        announce: told of each rotation of a ref.
    """

    def __init__(
        self,
        scopes: Callable[[], Iterable[Scope]],
        announce: Callable[[Rotation], None],
    ) -> None:
        self._scopes = scopes
        self._announce = announce
        self._unsubscribe: dict[int, Callable[[], None]] = {}

    def follow(self, store: Secrets) -> None:
        """Listen to a store, once, if it tells of rotations."""
        if isinstance(store, Announcing) and id(store) not in self._unsubscribe:
            self._unsubscribe[id(store)] = store.on_rotation(
                lambda rotation: self._rotated(store, rotation)
            )

    def tell(self, rotation: Rotation, tenant: str | None, refs: Iterable[str]) -> None:
        """Tell of a rotation of these refs, each base once."""
        for ref in dict.fromkeys(split_location(each)[0] for each in refs):
            self._announce(evolve(rotation, ref=ref, tenant=tenant))

    def close(self) -> None:
        """Listen to nobody any longer."""
        for unsubscribe in self._unsubscribe.values():
            unsubscribe()

    def _rotated(self, store: object, rotation: Rotation) -> None:
        told: dict[str | None, dict[str, None]] = {}
        for scope in self._scopes():
            if scope.store is store:
                tenant, refs = scope.whose(split_location(rotation.ref)[0])
                told.setdefault(tenant, {}).update(dict.fromkeys(refs))
        for tenant, names in told.items():
            self.tell(rotation, tenant, names)
