"""The block with overrides: it is its own frame, and its own reader."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from secretscope.errors import AlreadyOpenError
from secretscope.scopes._frame import (
    NO_OVERRIDES,
    Frame,
    Overrides,
    go_back,
    here,
    stand,
    standing,
)
from secretscope.scopes._scope import Scope
from secretscope.scopes._view import NOTHING, UNENTERED


class Override(Frame):
    """Puts values in front of what the running task sees of a store, for its block."""

    __slots__ = ("_token",)

    def __enter__(self) -> Self:
        """Begin the block.

        Raises:
            InvalidRefError: A ref is outside the grammar.
            MalformedSecretError: A value is no `str`.
        """
        scope, values, position = self.scope, self.over or NO_OVERRIDES, standing()
        outer = position if position.owner is scope else here(scope)
        if self.view is not UNENTERED:
            raise AlreadyOpenError("this override")
        view, above = outer.view, outer.over
        seen = view.seen
        try:
            for ref in values:
                if seen.get(values[ref]) != ref:
                    view.admit(values)
                    break
        except TypeError:  # a list, say: no key of a dict
            view.admit(values)
        if above is not None:
            self.over = {**above, **values}
        self.view = view
        self.tenant = outer.tenant
        self.parent = position
        self.outer = outer
        # as `Frame.join`, without a call
        after = self._after = outer._inner
        self._inner = self._before = None
        outer._inner = self
        if after is not None:
            after._before = self
        self.owner = outer.owner  # None if it has ended meanwhile, in another thread
        self._token = stand(self)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.owner = None
        outer = self.outer
        if outer is not None and outer._inner is self and self._inner is None:
            after = outer._inner = self._after  # as `part` and `close`
            if after is not None:
                after._before = None
            self.view = NOTHING
            self.over = None
        else:
            self.part()
            self.close()
        try:
            go_back(self._token)
        except ValueError:  # left in another task: the frame refuses reads there
            return

    def __repr__(self) -> str:
        return (
            "<an override to enter>" if self.view is UNENTERED else super().__repr__()
        )


unentered = object.__new__
"""Makes a block without `__init__`: one is made at every request."""


def override(scope: Scope, values: Overrides) -> Override:
    """Return a block that is yet to be entered.

    Args:
        scope: the store's scope, in its open lifetime.
        values: values by ref; they are checked at the block's entry.
    """
    block = unentered(Override)
    block.scope, block.over = scope, values
    block.owner, block.view = None, UNENTERED
    return block
