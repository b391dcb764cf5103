"""What people are told that an object is, without what it holds."""

from __future__ import annotations


def called(thing: object) -> str:
    """Return what to call a store, a reader or a source in what people read.

    Ours show no value in their repr; that of a class that a user wrote may show
    everything (a dataclass does), so that only its name is told.
    """
    kind = type(thing)
    if kind.__module__.partition(".")[0] == __name__.partition(".")[0]:
        return repr(thing)
    return kind.__qualname__
