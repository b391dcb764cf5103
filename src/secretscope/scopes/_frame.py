"""The frame: what a task may see of one store, and for how long.

A task's position is one frame in one ContextVar; behind it stand, by `parent`, the
frames it was entered from, of this store and of others. A frame never changes but
once, when it ends; then whoever still stands in it gets an error.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from typing import NoReturn, Protocol

from secretscope.errors import (
    ForkedError,
    OverriddenWhileOpenError,
    ScopeClosedError,
)
from secretscope.scopes._home import ANYWHERE, Anywhere
from secretscope.scopes._reader import Reader
from secretscope.scopes._view import NOTHING, View

Overrides = Mapping[str, str]
NO_OVERRIDES: Overrides = {}


class Ground(Protocol):
    """What a frame knows of the store that it shows (a `Scope` in its lifetime)."""

    name: str
    env_fallback: bool
    home: Anywhere
    lifetime: object
    overridden: str | None

    @property
    def base(self) -> Frame:
        """The frame of whoever has entered none."""
        ...


class Frame(Reader):
    """One position in one store: the application's, a tenant's, or with overrides.

    It is a reader, too: the one that stays with it, wherever it is read from.

    Attributes:
        owner: the store's scope while the frame can be read, else None: one
            comparison tells a reader that the frame is its own, open, and not in
            question.
        scope: the store's scope, also after its end.
        parent: the position it was entered from, of any store.
        outer: the frame of the same store that it narrows; None for the base.
        over: what is overridden here, outer overrides included; None is nothing.
        view: what is seen where nothing is overridden.
    """

    __slots__ = (
        "_after",
        "_before",
        "_inner",
        "outer",
        "over",
        "owner",
        "parent",
        "scope",
        "tenant",
        "view",
    )

    over: Overrides | None
    owner: object
    tenant: str | None
    """The tenant it reads for; None is the application."""

    def __init__(
        self,
        scope: Ground,
        view: View,
        *,
        tenant: str | None = None,
        parent: Frame | None = None,
        outer: Frame | None = None,
    ) -> None:
        self.owner = scope
        self.scope = scope
        self.view = view
        self.tenant = tenant
        self.parent = parent
        self.outer = outer
        self.over = None
        self._inner: Frame | None = None
        if outer is not None:
            self.join(outer)
            self.owner = outer.owner  # None if it has ended meanwhile

    # --- reading ---------------------------------------------------------------------

    def lookup_sync(self, ref: str) -> str | None:
        """Return what is at hand in this frame, as a ScopedSecrets does.

        Raises:
            MissingSecretError: A tenant's frame has none.
            NotWarmError: It has not been fetched.
            ExpiredError: What was fetched has run out.
            ScopeClosedError: The frame has ended.
        """
        over = self.over
        if self.owner is not None:
            try:
                if over is None or ref not in over:
                    return self.view.values[ref]
                return over[ref]
            except KeyError:  # not at hand: why not?
                pass
        return self._look_further(ref)

    def bind(self) -> Frame:
        """Return itself: it is bound."""
        return self._here()

    def _here(self) -> Frame:
        if self.owner is None:
            self.refuse()
        return self

    @property
    def name(self) -> str:
        """What errors call it."""
        return f"tenant {self.tenant!r}" if self.tenant else "the application"

    @property
    def env_fallback(self) -> bool:
        """Whether who finds nothing may look in the environment."""
        return self.tenant is None and self.scope.env_fallback

    @property
    def home(self) -> Anywhere:
        """The loop that its lifetime lives on."""
        return self.scope.home

    # --- its end ---------------------------------------------------------------------

    @property
    def ended(self) -> bool:
        """Whether its block is over."""
        return self.view is NOTHING

    def refuse(self) -> NoReturn:
        """Say why it can't be read.

        Raises:
            ForkedError: It is another process's.
            ScopeClosedError: It has ended.
            OverriddenWhileOpenError: A store was overridden meanwhile.
        """
        if self.scope.home.forked:
            raise ForkedError
        if self.scope.overridden is not None and not self.ended:
            raise OverriddenWhileOpenError(self.scope.overridden)
        raise ScopeClosedError(
            "the lifetime" if self.outer is None else f"this block of {self.name}"
        )

    def close(self) -> None:
        """End this frame and all that were entered from it."""
        inner = self._inner
        while inner is not None:
            following = inner._after
            inner.close()
            inner = following
        self._inner = self.owner = self.over = None
        self.view = NOTHING

    def join(self, outer: Frame) -> None:
        """Take a place among the open frames inside another one.

        No call stands between these lines: threads change at calls, so that none
        sees the list half made.
        """
        after = outer._inner
        self._before: Frame | None = None
        self._after: Frame | None = after
        outer._inner = self
        if after is not None:
            after._before = self

    def part(self) -> None:
        """Give up the place that `join` took; no call stands here, either."""
        before, after = self._before, self._after
        if before is not None:
            before._after = after
        elif self.outer is not None and self.outer._inner is self:
            self.outer._inner = after
        if after is not None:
            after._before = before

    def family(self) -> Iterator[Frame]:
        """Yield this frame and every open one inside it."""
        yield self
        inner = self._inner
        while inner is not None:
            following = inner._after
            yield from inner.family()
            inner = following

    def __repr__(self) -> str:
        return f"<secrets of {self.name}{', ended' if self.ended else ''}>"


class _Nowhere:
    """Whose frame a task stands in that has entered nothing."""

    name = "nobody"
    env_fallback = False
    home = ANYWHERE
    lifetime: object = None
    overridden: str | None = None

    @property
    def base(self) -> Frame:
        return NOWHERE


NOWHERE = Frame(_Nowhere(), NOTHING)
"""Where a task stands that has entered nothing."""

POSITION: ContextVar[Frame] = ContextVar("secretscope_position", default=NOWHERE)
standing = POSITION.get
"""Gives the frame on top of where the running task stands, of any store."""
stand = POSITION.set
"""Makes a frame the running task's position."""


go_back = POSITION.reset
"""Leaves a position; ValueError tells that it was taken in another task."""


def here(scope: Ground) -> Frame:
    """Return the frame of this store that the running task stands in.

    Raises:
        ScopeClosedError: It has ended, or a frame of its lifetime inside it.
        OverriddenWhileOpenError: A store was overridden meanwhile.
    """
    frame: Frame | None = standing()
    while frame is not None:
        if frame.scope.lifetime is scope.lifetime:
            if frame.owner is None:
                frame.refuse()
            if frame.scope is scope:
                return frame
        frame = frame.parent
    base = scope.base
    if base.owner is None:
        base.refuse()
    return base
