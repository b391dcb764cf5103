"""Forks: what a child process has of its parent's lifetimes is their memory alone.

The thread and the loop that kept values fresh stay with the parent, and connections are
shared with it: read on both sides, an answer may be another request's. So nothing of
an inherited lifetime can be read in the child.
"""

from __future__ import annotations

import os
from contextlib import suppress
from typing import Protocol
from weakref import WeakSet


class Inherited(Protocol):
    """What must not be used in a child."""

    def left_behind(self) -> None:
        """Let nobody read it any longer; called in the child, by its only thread."""
        ...


_OPEN: WeakSet[Inherited] = WeakSet()


def stay_with_the_parent(opened: Inherited) -> None:
    """Have this told in every child that is forked from now on."""
    _OPEN.add(opened)


def in_child() -> None:
    """Leave behind all that the parent had open."""
    for opened in tuple(_OPEN):
        opened.left_behind()
    _OPEN.clear()


with suppress(AttributeError):  # Windows has no forks
    os.register_at_fork(after_in_child=in_child)
