"""The reader that a lifetime yields: it reads, and it opens blocks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from secretscope.errors import AmbiguousStoreError, NotOpenError
from secretscope.scopes._frame import Frame
from secretscope.scopes._holding import Holding
from secretscope.scopes._lifetime import Lifetime
from secretscope.scopes._override import Override, override, unentered
from secretscope.scopes._rotations import Subscriber
from secretscope.scopes._scoped_reader import ScopedReader
from secretscope.scopes._several import OverrideAll
from secretscope.scopes._tenant_block import TenantBlock
from secretscope.scopes._view import UNENTERED
from secretscope.values import SecretStatus, TenantStatus


class LifetimeReader(ScopedReader):
    """Reads what the running task may see, and opens tenants' blocks and overrides.

    With several ScopedSecrets in the container it opens blocks for all of them, and
    reads none: read `container.the_one()`.
    """

    __slots__ = ("_audited", "_lifetime")

    def __init__(self, name: str = "the lifetime's secrets") -> None:
        super().__init__(name)
        self._lifetime: Lifetime | None = None
        self._audited = False

    def tenant(self, name: str) -> TenantBlock:
        """Return a block in which the task reads one tenant's secrets.

        It is entered by ``async with``; where no loop runs, by ``with``, too.

        What the tenant needs is fetched as the block opens. Overrides made outside
        are hidden. The block yields a reader that is bound to it.

        Raises:
            InvalidTenantError: The name is outside the grammar.
            NestedTenantError: The task stands in another tenant.
            StoreError: A store failed (or what a store of yours raises).
        """
        return TenantBlock(self._opened(), name)

    def override(
        self,
        values: Mapping[str, str] | None = None,
        /,
        *,
        on: object = None,
        **more: str,
    ) -> Override | OverrideAll:
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
        if values is not None:
            more = {**values, **more}
        if self._audited:
            self._note_override(more)
        scope = self._scope
        if scope is not None and on is None:
            block = unentered(Override)  # as `override`, without a call
            block.scope, block.over = scope, more
            block.owner, block.view = None, UNENTERED
            return block
        lifetime = self._opened()
        if on is not None:
            return override(lifetime.scope_of(on), more)
        blocks = [override(each, more) for each in lifetime.scopes]
        return OverrideAll(lifetime.names, blocks)

    async def rotate(self, ref: str) -> None:
        """Fetch the secret anew: its store has a new version.

        Every reader reads it from then on, and subscribers are told. A secret is
        fetched at most once in 10 s for this, whoever asks.
        """
        await self.refresh(ref)

    def on_rotation(self, subscriber: Subscriber) -> Callable[[], None]:
        """Tell this function of every rotation until the lifetime ends.

        Readers read the new value when it is called. It is told the ref, the tenant
        and the versions, and never a value; it may be sync or async; what it raises
        is logged, and hurts nobody. A sync one is called on the thread that noticed,
        and must be quick.

        Returns:
            A function that ends the subscription.
        """
        return self._opened().rotations.subscribe(subscriber)

    def status(self, tenant: str | None = None) -> list[SecretStatus]:
        """Return how every ref of every open scope is doing, without any I/O.

        Args:
            tenant: this tenant's alone.
        """
        return self._opened().status(tenant)

    def open_tenants(self) -> list[TenantStatus]:
        """Return the tenants that are kept open, the one used last at the end."""
        return self._opened().open_tenants()

    def is_unknown(self, tenant: str) -> bool:
        """Tell whether no store had any of what was asked for in an open tenant.

        It may be a name that nobody has. What it inherits, and what is overridden,
        does not count.
        """
        return self._opened().is_unknown(tenant)

    async def forget(self, tenant: str) -> None:
        """Let go of a tenant: nothing that was kept of it is left, but in redaction.

        Its open blocks end at once, and reads in them raise ScopeClosedError. What was
        fetched for it is dropped, nothing of it is refreshed any longer, and stores of
        its own are closed. Its values stay masked for their grace of 24 h. Entered
        again, it is loaded anew.

        Raises:
            InvalidTenantError: The name is outside the grammar.
            ExceptionGroup: Stores of its own did not close.
        """
        lifetime = self._opened()
        failures = await lifetime.home.bring(lifetime.forget, tenant)
        if failures:
            raise ExceptionGroup("stores of a tenant did not close", failures)

    @property
    def holding(self) -> Holding:
        """All that is held of the application and its tenants, for a `Fleet`."""
        return Holding(self._opened())

    def open_in(self, lifetime: Lifetime) -> None:
        """Open blocks in this lifetime, and read its store if it has one alone."""
        self._lifetime = lifetime
        self._audited = lifetime.trail is not None
        if len(lifetime.scopes) == 1:
            self.attach(lifetime.scopes[0])

    def _note_override(self, refs: Iterable[str]) -> None:
        lifetime = self._opened()
        frame = lifetime.top()
        tenant = None if frame is None else frame.tenant
        lifetime.note("override", tenant, refs)

    def _opened(self) -> Lifetime:
        if self._lifetime is None:
            raise NotOpenError(self.name)
        return self._lifetime

    def _here(self) -> Frame:
        lifetime = self._opened()
        if self._scope is None:
            raise AmbiguousStoreError("the lifetime's reader", stores=lifetime.names)
        return super()._here()
