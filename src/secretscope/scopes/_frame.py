"""The frame: what a task may see, and for how long.

A task's position is one frame in one ContextVar. A frame never changes but once, when
it ends; then whoever still stands in it gets an error.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from secretscope.scopes._lifetime import Lifetime
    from secretscope.scopes._view import View

Overrides = Mapping[str, str]
NONE: Overrides = {}


class Frame:
    """One position: the application's, a tenant's, or one with overrides.

    Attributes:
        owner: the lifetime while the frame can be read, else None: one comparison
            tells a reader that the frame is its own, open, and not in question.
        lifetime: whose frame it is, also after its end.
        parent: the position it was entered from, of any lifetime.
        tenant: the tenant whose secrets are seen, or None.
        overrides: by store, what is overridden here, outer overrides included.
        views: by store, what is seen where nothing is overridden.
        inner: open frames that were entered from this one.
    """

    __slots__ = (
        "ended",
        "inner",
        "lifetime",
        "overrides",
        "owner",
        "parent",
        "tenant",
        "views",
    )

    def __init__(
        self,
        lifetime: Lifetime | None,
        parent: Frame | None,
        tenant: str | None,
        overrides: tuple[Overrides, ...],
        views: tuple[View, ...],
    ) -> None:
        self.owner = self.lifetime = lifetime
        self.parent = parent
        self.tenant = tenant
        self.overrides = overrides
        self.views = views
        self.inner: set[Frame] = set()
        self.ended = False

    @property
    def name(self) -> str:
        """What errors call it."""
        return f"tenant {self.tenant!r}" if self.tenant else "the application"

    def close(self) -> None:
        """End this frame and all that were entered from it."""
        for frame in tuple(self.inner):
            frame.close()
        self.inner.clear()
        self.ended = True
        self.owner = None
        self.overrides = (NONE,) * len(self.overrides)

    def family(self) -> Iterator[Frame]:
        """Yield this frame and every open one inside it."""
        yield self
        for frame in tuple(self.inner):
            yield from frame.family()

    def __repr__(self) -> str:
        return f"<Frame of {self.name}{', ended' if self.ended else ''}>"


NOWHERE = Frame(None, None, None, (), ())
"""Where a task stands that has entered nothing."""

POSITION: ContextVar[Frame] = ContextVar("secretscope_position", default=NOWHERE)
