"""What is at hand, and who is told when it changes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import islice

from attrs import frozen

from secretscope.cache._clock import Clock
from secretscope.cache._entry import Entry
from secretscope.cache._observer import guarded, tell
from secretscope.errors import (
    ExpiredError,
    MissingSecretError,
    NotWarmError,
    again,
)
from secretscope.redaction import KNOWN
from secretscope.values import Rotation, Secret, field_of, split_location

_TRACES = 10_000
"""How many secrets that went cold are remembered by what tells them from others."""


@frozen
class Trace:
    """What is left of a secret that went cold: enough to tell a rotation later."""

    version: str | None
    count: int
    print: int | None


class Shelf:
    """Keeps entries by base; reads are safe on every thread.

    Args:
        name: what errors call the store.
        clock: gives the time.
    """

    def __init__(self, name: str, clock: Clock) -> None:
        self.name = name
        self.clock = clock
        self.owner: Callable[[str], str | None] | None = None
        self.entries: dict[str, Entry] = {}
        self.traces: dict[str, Trace] = {}
        self.kept: dict[str, int] = {}
        self.listeners: list[Callable[[str], None]] = []
        self.rotated: list[Callable[[Rotation], None]] = []

    # --- reading ---------------------------------------------------------------------

    def read(self, ref: str, base: str) -> Secret:
        """Return the secret that may be read now.

        Raises:
            MissingSecretError: The store said that it is not there.
            NotWarmError: Nothing was fetched.
            ExpiredError: It has run out.
        """
        entry = self.entries.get(base)
        if entry is None:
            raise NotWarmError(ref, where=self.name)
        now = self.clock()
        until, good = entry.until, entry.good_until
        answer = entry.answer
        if answer is None or (until is not None and now >= until):
            cold = entry.version is None
            raise (NotWarmError if cold else ExpiredError)(ref, where=self.name)
        entry.reads += 1
        entry.seen_at = now
        entry.recalled = False
        if isinstance(answer, MissingSecretError):
            raise self.absent(ref, answer)
        if good is not None and now >= good:
            tell(lambda observer: observer.stale(self.name, base))
        return answer

    def absent(self, ref: str, missing: MissingSecretError) -> MissingSecretError:
        """Return the error for a ref whose base is not there."""
        if ref == missing.ref:
            return again(missing)
        return missing.seen_as(ref, where=self.name)

    def reveal(self, ref: str, secret: Secret) -> str:
        """Return the value that the ref names: a field, or all there is.

        Raises:
            MissingSecretError: It has no such field.
            MalformedSecretError: It is a text that has no fields.
        """
        field = split_location(ref)[1]
        if field is not None and secret.is_text:
            return field_of(secret.reveal(), ref, store=self.name)
        try:
            return secret.reveal(field)
        except MissingSecretError:
            names = ", ".join(secret.fields) or "none"
        raise MissingSecretError(
            ref,
            where=self.name,
            cure=f"name one of its fields after '#': {names}",
        )

    # --- who is told -----------------------------------------------------------------

    def tenant(self, base: str) -> str | None:
        """Return whose place a base is."""
        return self.owner(base) if self.owner else None

    def known(self, base: str, values: Iterable[str]) -> None:
        """Make values known, so that they are masked."""
        tenant = self.tenant(base)
        for value in values:
            KNOWN.add(value, ref=base, tenant=tenant)

    def tell(self, base: str) -> None:
        """Tell the listeners that what is read has changed."""
        for listener in tuple(self.listeners):
            guarded(listener, base)

    def tell_rotation(self, base: str, old: str | None, new: str | None) -> Rotation:
        """Tell the listeners of a rotation."""
        entry = self.entries.get(base)
        counted = entry is not None and entry.counts
        told = Rotation(base, old, new, self.tenant(base), self.name, counted=counted)
        for listener in tuple(self.rotated):
            guarded(listener, told)
        return told

    # --- coming and going ------------------------------------------------------------

    def bury(self, entry: Entry) -> None:
        """Let an entry go cold; a trace of its secret is kept."""
        entry.let_go()
        entry.refresh_at = entry.answer = None
        self.entries.pop(entry.base, None)
        if entry.print is not None:
            self.traces[entry.base] = Trace(entry.version, entry.count, entry.print)
            if len(self.traces) > _TRACES:
                for base in list(islice(self.traces, _TRACES // 10)):
                    del self.traces[base]

    def revive(self, entry: Entry) -> None:
        """Give a new entry what is remembered of its secret."""
        trace = self.traces.pop(entry.base, None)
        if trace is not None:
            entry.version, entry.count = trace.version, trace.count
            entry.print = trace.print

    def clear(self) -> None:
        """Forget everything; what was kept stays kept."""
        for entry in self.entries.values():
            entry.let_go()
            entry.refresh_at = entry.answer = None
        self.entries.clear()
        self.traces.clear()
