"""The reader that a lifetime yields: it reads, and it opens blocks."""

from __future__ import annotations

from collections.abc import Mapping

from secretscope.errors import AmbiguousStoreError
from secretscope.scopes._blocks import OverrideBlock, TenantBlock
from secretscope.scopes._frame import Frame
from secretscope.scopes._reader import ScopedReader


class LifetimeReader(ScopedReader):
    """Reads what the running task may see, and opens tenants' blocks and overrides.

    With several ScopedSecrets in the container it opens blocks for all of them, and
    reads none: read `container.the_one()`.
    """

    __slots__ = ()

    def tenant(self, name: str) -> TenantBlock:
        """Return a block (``async with``) in which the task reads one tenant's secrets.

        What the tenant needs is fetched as the block opens. Overrides made outside
        are hidden. The block yields a reader that is bound to it.

        Raises:
            InvalidTenantError: The name is outside the grammar.
            NestedTenantError: The task stands in another tenant.
            StoreError: A store failed (or what a store of yours raises).
        """
        return TenantBlock(self._lifetime(), self._slot, name)

    def override(
        self,
        values: Mapping[str, str] | None = None,
        /,
        *,
        on: object = None,
        **more: str,
    ) -> OverrideBlock:
        """Return a block (``with``) in which the running task reads these values.

        Args:
            values: values by ref, for refs that are no Python identifiers.
            on: the ScopedSecrets whose refs are meant; all of them without it.
            more: values by ref.

        Raises:
            InvalidRefError: A ref is outside the grammar.
            MalformedSecretError: A value is no `str`.
            UnknownStoreError: `on` is no ScopedSecrets of this lifetime.
        """
        lifetime = self._lifetime()
        slot = None if on is None else lifetime.slot_of(on)
        return OverrideBlock(lifetime, self._slot, {**(values or {}), **more}, slot)

    def lookup_sync(self, ref: str) -> str | None:
        """Return what is at hand in the running task's frame, as a ScopedSecrets does.

        Raises:
            AmbiguousStoreError: The container has several ScopedSecrets.
        """
        if self._slot < 0:
            self._here()
        return super().lookup_sync(ref)

    async def rotate(self, ref: str) -> None:
        """Fetch the secret anew: its store has a new version."""
        await self.refresh(ref)

    def _here(self) -> Frame:
        lifetime = self._lifetime()
        if self._slot < 0:
            raise AmbiguousStoreError("the lifetime's reader", stores=lifetime.names)
        return lifetime.here()
