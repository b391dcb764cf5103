"""ScopedReader: a Secrets that follows the running task."""

from __future__ import annotations

from secretscope.errors import NotOpenError
from secretscope.scopes._frame import Frame, here, standing
from secretscope.scopes._reader import Reader
from secretscope.scopes._scope import Scope

_NOBODY = object()
"""Owns no frame."""


class ScopedReader(Reader):
    """Reads what the running task may see; a Secrets for `Tuning` and the like.

    Args:
        name: what errors call it.
    """

    __slots__ = ("__weakref__", "_owner", "_scope", "name")

    def __init__(self, name: str = "these secrets") -> None:
        self._owner: object = _NOBODY
        self._scope: Scope | None = None
        self.name = name

    def lookup_sync(self, ref: str) -> str | None:
        """Return what is at hand in the running task's frame.

        Returns:
            The value; None where the application's frame has none.

        Raises:
            MissingSecretError: A tenant's frame has none.
            NotWarmError: It has not been fetched.
            ExpiredError: What was fetched has run out.
            NoTenantError: It belongs to tenants, and none is entered.
            ScopeError: The frame has ended, or no lifetime is open.
        """
        frame = standing()
        if frame.owner is self._owner:
            over = frame.over
            try:
                if over is None or ref not in over:
                    return frame.view.values[ref]
                return over[ref]
            except KeyError:  # not at hand: why not?
                pass
        return self._look_further(ref)

    def bind(self) -> Frame:
        """Return a reader that stays with the frame that is current now."""
        return self._here()

    def attach(self, scope: Scope) -> None:
        """Read this store, which is open in its lifetime."""
        self._owner = self._scope = scope

    def detach(self) -> None:
        """Read nowhere, until attached again."""
        self._owner, self._scope = _NOBODY, None

    @property
    def scope(self) -> Scope | None:
        """The store that it reads, where its lifetime is open."""
        return self._scope

    def _here(self) -> Frame:
        scope = self._scope
        if scope is None:
            raise NotOpenError(self.name)
        return here(scope)

    def __repr__(self) -> str:
        return f"<{self.name}, {'open' if self._scope else 'not open'}>"
