"""How long a value is good, and how a store may be asked."""

from __future__ import annotations

from attrs import field, frozen, validators


@frozen
class Policy:
    """What a cache does with values; what the store says goes before it.

    Attributes:
        ttl: seconds that a value is good where the store does not say; None is for
            as long as the process runs.
        negative_ttl: seconds that "not here" is remembered.
        timeout: seconds that one fetch may take.
        concurrency: how many fetches run at once.
        refresh_gap: seconds within which one secret is refreshed at most once.
    """

    ttl: float | None = field(
        default=None, validator=validators.optional(validators.ge(0))
    )
    negative_ttl: float = field(default=5.0, validator=validators.ge(0))
    timeout: float = field(default=10.0, validator=validators.gt(0))
    concurrency: int = field(default=16, validator=validators.ge(1))
    refresh_gap: float = field(default=10.0, validator=validators.ge(0))
