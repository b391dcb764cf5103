"""Leases: which token each hangs on, and what a renewal grants.

https://developer.hashicorp.com/vault/api-docs/system/leases
"""

from __future__ import annotations

from attrs import define, field

from secretscope.backends.vault._refusals import outage, refusal
from secretscope.backends.vault._reply import Reply, seconds
from secretscope.errors import MissingSecretError

RENEW, REVOKE = "sys/leases/renew", "sys/leases/revoke"
_GONE = frozenset({400, 404})
DONE = frozenset({200, 204, *_GONE})
"""What a revocation answers: done, or there was nothing to do."""


@define(eq=False)
class Leases:
    """Remembers the token that each lease was made with: it dies with that one."""

    _made: dict[str, tuple[str | None, float]] = field(
        factory=dict[str, "tuple[str | None, float]"], repr=False
    )

    def note(
        self, lease_id: str, token: str | None, *, ends: float, now: float
    ) -> None:
        """Remember a lease, and forget those that have run out."""
        kept = {name: made for name, made in self._made.items() if made[1] > now}
        self._made = {**kept, lease_id: (token, ends)}

    def hangs_on(self, lease_id: str, token: str | None) -> bool:
        """Tell whether the lease dies with this token, and not with an older one."""
        return self._made.get(lease_id, (token,))[0] == token

    def forget(self, lease_id: str) -> None:
        """Forget a lease that was given back."""
        self._made.pop(lease_id, None)


def granted(reply: Reply, *, store: str, ref: str) -> float:
    """Return the seconds that a renewal granted.

    Raises:
        MissingSecretError: The lease is gone, or will not be prolonged.
        StoreError: Any other refusal.
    """
    if reply.status in _GONE:
        raise lost(ref, store=store)
    if reply.status != 200:
        raise refusal(reply, store=store, ref=ref)
    found = seconds((reply.document() or {}).get("lease_duration"))
    if found is None:
        raise outage(reply, store=store, ref=ref)
    return found


def lost(ref: str, *, store: str) -> MissingSecretError:
    """Return the error for a lease that nothing will prolong."""
    return MissingSecretError(
        ref, where=store, cure="its lease has ended or can't be renewed; fetch it anew"
    )
