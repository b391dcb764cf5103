"""One more error like another: for a second waiter, for another process."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

E = TypeVar("E", bound=BaseException)


def again(error: E) -> E:
    """Return an error of the same kind and facts, with no cause and no traceback.

    One that several tasks raised would lead from each to what the others held.
    """
    return revived(type(error), error.args, error.__dict__)


def revived(kind: type[E], args: tuple[object, ...], facts: Mapping[str, object]) -> E:
    """Make an error of its arguments and facts; its own constructor takes others."""
    make: Any = kind.__new__
    error: E = make(kind, *args)
    error.args = args
    error.__dict__.update(facts)
    return error
