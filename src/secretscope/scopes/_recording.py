"""What is read while something is built: it is of no use once any of that changes."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from typing import TypeVar

from attrs import define, field, frozen

from secretscope.errors import MissingSecretError
from secretscope.values import Secret

Value = str | Secret | None
"""What a read gave; None is that there is none."""

V = TypeVar("V", str, Secret)


@frozen(eq=False)
class Note:
    """One read: through what, and what came of it.

    Attributes:
        through: the frame that was read; None for what no frame changes.
        ref: the secret.
        value: what came of it.
        again: reads the same once more, where no frame was read.
        whole: whether it was read as one snapshot of all its fields.
    """

    through: object
    ref: str
    value: Value = field(repr=False)
    again: Callable[[], Value]
    whole: bool = False


@define(eq=False)
class Recording:
    """Everything that one building has read so far.

    Attributes:
        notes: its reads, in order.
        parts: what else it was given that can go out of use.
        open: whether it is still building; what it began may read on for ever.
    """

    notes: list[Note] = field(factory=list[Note])
    parts: list[object] = field(factory=list[object])
    open: bool = True


RECORDING: ContextVar[Recording | None] = ContextVar(
    "secretscope_recording", default=None
)
"""The building that the running code is part of."""

recording = RECORDING.get
"""Gives that building; None elsewhere."""


def noted(
    read: Callable[[], V], ref: str, through: object = None, *, whole: bool = False
) -> V:
    """Read, and note what comes of it where something is being built.

    Args:
        read: reads it.
        ref: what is read.
        through: the frame that is read; None for what no frame changes.
        whole: whether all its fields are read.

    Raises:
        MissingSecretError: It is not there; that is noted, too.
    """
    building = recording()
    if building is None or not building.open:
        return read()

    def again() -> Value:
        try:
            return read()
        except MissingSecretError:
            return None

    value = again()
    building.notes.append(Note(through, ref, value, again, whole))
    return read() if value is None else value  # type: ignore[return-value]


def same(one: Value, other: Value) -> bool:
    """Tell whether two reads gave the same."""
    if one is other:
        return True
    if isinstance(one, Secret):
        return isinstance(other, Secret) and one.same_as(other)
    return one == other
