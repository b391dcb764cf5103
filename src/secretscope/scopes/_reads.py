"""Whether what was built from reads is still good: here, and at its own place."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from attrs import field, frozen

from secretscope.errors import MissingSecretError, SecretReadError
from secretscope.scopes._frame import Frame, Ground, here
from secretscope.scopes._recording import Note, Value, same
from secretscope.scopes._view import View
from secretscope.values import split_location


class Read(Protocol):
    """Something that was read."""

    def holds(self) -> bool:
        """Tell whether the running task would read the same."""
        ...

    def stands(self) -> bool:
        """Tell whether it is the same at its place, whatever is overridden where."""
        ...


@frozen(eq=False)
class DirectRead:
    """A read that no frame changes."""

    note: Note

    def holds(self) -> bool:
        """Tell whether it would be read the same."""
        try:
            return same(self.note.again(), self.note.value)
        except SecretReadError:  # cold, or expired
            return False

    stands = holds


@frozen(eq=False)
class FrameRead:
    """A read through a frame.

    Attributes:
        scope: the store.
        view: what was seen of it where nothing is overridden.
        ref: the secret.
        value: what came of it.
        whole: whether all its fields were read.
    """

    scope: Ground
    view: View
    ref: str
    value: Value = field(repr=False)
    whole: bool

    def holds(self) -> bool:
        """Tell whether the running task would read the same."""
        frame = here(self.scope)
        over = frame.over
        if over is None or not (self.whole or self.ref in over):
            return self._at_hand(frame.view) or self._same(frame)
        return self._same(frame)

    def stands(self) -> bool:
        """Tell whether it is the same at its place."""
        return self._at_hand(self.view) or self._same(self.view)

    def _at_hand(self, view: View) -> bool:
        """Tell whether it is the very value that is published."""
        return self.value is not None and view.values.get(self.ref) is self.value

    def _same(self, at: Frame | View) -> bool:
        try:
            now = at.peek_secret(self.ref) if self.whole else at.peek(self.ref)
        except MissingSecretError:
            now = None
        except SecretReadError:  # cold, or expired
            return False
        return same(now, self.value)


def read_of(note: Note) -> Read:
    """Return the read that was noted."""
    frame = note.through
    if not isinstance(frame, Frame):
        return DirectRead(note)
    return FrameRead(frame.scope, frame.view, note.ref, note.value, note.whole)


def overriding(notes: Iterable[Note]) -> list[Frame]:
    """Return the frames whose overrides were read, each where it was made."""
    found = (_overrider(note) for note in notes)
    return [frame for frame in found if frame is not None]


def _overrider(note: Note) -> Frame | None:
    frame = note.through
    if not isinstance(frame, Frame) or not frame.over:
        return None
    of = [
        ref
        for ref in frame.over
        if ref == note.ref or (note.whole and split_location(ref)[0] == note.ref)
    ]
    if not of:
        return None
    mine = frame.over
    while (outer := frame.outer) is not None and outer.over is not None:
        if any(outer.over.get(ref) is not mine[ref] for ref in of):
            break
        frame = outer
    return frame
