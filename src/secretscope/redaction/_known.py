"""The set of known values: every value that was handed out, and for whom."""

from __future__ import annotations

import json
import logging
import re
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from itertools import chain
from typing import Protocol
from weakref import WeakSet

from secretscope.redaction._bytes import characters_at
from secretscope.redaction._common import too_common
from secretscope.redaction._encoded import Decoded, Sieves, hints, unescaped, unquoted
from secretscope.redaction._grams import Grams
from secretscope.redaction._shape import Span

_LOG = logging.getLogger("secretscope")
KEPT = 24 * 3600.0
"""Seconds a value stays known after the last frame that held it has ended."""
_SWEEP_EVERY = 3600.0
_ROOM = 0.9
"""How full the set is once it has been swept for room."""
_PLAIN = re.compile(r"[A-Za-z0-9_.~-]*")
"""What no encoder of URLs, JSON or a shell would touch (RFC 3986, unreserved)."""
_DEEPEST = 32
_HINTED = 2000
"""Up to so many values, hints of their encodings spare the search for runs."""


class Holder(Protocol):
    """Something that still uses values, and says which."""

    def held_values(self) -> Iterable[str]:
        """Return every value that is still in use."""
        ...


class Known:
    """One known value's entry; it shows its ref and never its value."""

    __slots__ = ("dropped_at", "held", "masked", "of", "ref", "tenants")

    def __init__(self, ref: str, *, masked: bool, of: Known | None) -> None:
        self.ref = ref
        self.masked = masked
        self.of = of
        self.tenants: frozenset[str | None] = frozenset()
        self.held = False
        self.dropped_at: float | None = None

    def __repr__(self) -> str:
        return f"<Known {self.ref}>"

    def since(self) -> float | None:
        """Return when the last frame dropped it; a field goes with its document."""
        return self.dropped_at if self.of is None else self.of.since()


def _strings(value: object, depth: int = 0) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif depth < _DEEPEST:
        inner: Iterable[object] = ()
        if isinstance(value, dict):
            inner = value.values()
        elif isinstance(value, list):
            inner = value
        for item in inner:
            yield from _strings(item, depth + 1)


def _parts(value: str) -> set[str]:
    """Return what is a secret by itself: a document's fields, a line without its end."""
    parts = {value.strip()}
    if parts == {value} and not value.startswith(("{", "[")):
        return set()
    document: object = None
    with suppress(ValueError, RecursionError):  # no JSON: a value like any other
        document = json.loads(value)
    if isinstance(document, (dict, list)):
        parts.update(_strings(document))
    return parts - {value, ""}


class _Index:
    """What a scan reads: rebuilt as a whole, or added to."""

    def __init__(self) -> None:
        self.wide, self.narrow = Grams(8), Grams(4)
        self.grams: tuple[Grams, ...] = (self.wide,)
        self.ascii_only = True
        self.special = self.spaces = False
        self.shortest = self.wide.shortest + 1
        self.sieves = Sieves.of(self.shortest, ascii_only=True)
        self.size = 0

    @property
    def crowded(self) -> bool:
        """Whether there are too many values to keep hints of their encodings."""
        return self.size > _HINTED

    def add(self, value: str) -> None:
        self.size += 1
        data = value.encode("utf-8", "surrogatepass")
        self._grams_for(data).add(data)
        for hint in hints(data) if self.size <= _HINTED else ():
            self._grams_for(hint).add(hint, 0)
        if len(data) < self.shortest or (self.ascii_only and not value.isascii()):
            self.ascii_only = self.ascii_only and value.isascii()
            self.shortest = min(self.shortest, len(data))
            self.sieves = Sieves.of(self.shortest, ascii_only=self.ascii_only)
        if not _PLAIN.fullmatch(value):
            self.special = True
            self.spaces = self.spaces or " " in value

    def _grams_for(self, data: bytes) -> Grams:
        if len(data) > self.wide.shortest:
            return self.wide
        self.grams = (self.wide, self.narrow)
        return self.narrow

    def decoded(self, data: bytes, *, runs: bool) -> Iterator[Decoded]:
        """Yield what the text says in other writings."""
        if runs:
            yield from self.sieves.runs(data)
        if self.special:
            yield from unquoted(data, form=False)
            if self.spaces:
                yield from unquoted(data, form=True)
            yield from unescaped(data)


class KnownValues:
    """The values to mask; safe to use from any thread.

    Args:
        clock: seconds that never go back.
        most: how many values are kept; the oldest that nobody holds go first.
    """

    def __init__(
        self, *, clock: Callable[[], float] = time.monotonic, most: int = 200_000
    ) -> None:
        self._clock = clock
        self._most = most
        self._lock = threading.RLock()
        self._entries: dict[str, Known] = {}
        self._holders: WeakSet[Holder] = WeakSet()
        self._tenants: dict[frozenset[str | None], frozenset[str | None]] = {}
        self._index = _Index()
        self._masked = self._stale = 0
        self._next_sweep = clock() + _SWEEP_EVERY
        self.generation = 0

    def __len__(self) -> int:
        return self._masked

    # --- the values' lives -----------------------------------------------------------

    def add(self, value: str, *, ref: str, tenant: str | None = None) -> Known:
        """Make a value known, to the application (None) or to one tenant.

        A value that is too short or too common to be masked wherever it appears is
        left out, and a warning names its ref.
        """
        known = self._entries.get(value)
        if known is not None and tenant in known.tenants:
            known.dropped_at = None
            return known
        with self._lock:
            return self._learn(value, ref, tenant, None)

    def _learn(self, value: str, ref: str, tenant: str | None, of: Known | None) -> Known:
        known = self._entries.get(value)
        if known is None:
            self._make_room()
            known = Known(ref, masked=not too_common(value), of=of)
            self._take_in(value, known, warn=of is None)
        if of is None:
            known.of = known.dropped_at = None
        tenants = known.tenants | {tenant}
        known.tenants = self._tenants.setdefault(tenants, tenants)
        for part in _parts(value) if of is None else ():
            self._learn(part, ref, tenant, known)
        return known

    def _take_in(self, value: str, known: Known, *, warn: bool) -> None:
        if known.masked:
            self._index.add(value)
            self._masked += 1
            self.generation += 1
        elif warn:
            _LOG.warning(
                "the value of %s is too short or too common to be masked wherever it "
                "appears: use a longer one, drawn at random",
                known.ref,
            )
        self._entries[value] = known

    def dropped(self, known: Known) -> None:
        """Say that a frame which held the value has ended."""
        known.dropped_at = self._clock()

    def hold_with(self, holder: Holder) -> None:
        """Keep what the holder still holds; it is remembered weakly."""
        self._holders.add(holder)

    def sweep(self) -> None:
        """Forget what nobody has held for 24 hours."""
        with self._lock:
            now = self._clock()
            self._next_sweep = now + _SWEEP_EVERY
            self._look_who_holds(now)
            for value, known in list(self._entries.items()):
                since = known.since()
                if since is not None and since < now - KEPT:
                    self._forget(value, known)
            self._tidy()

    def _look_who_holds(self, now: float) -> None:
        held = set(chain.from_iterable(h.held_values() for h in list(self._holders)))
        for value, known in self._entries.items():
            if value in held:
                known.held, known.dropped_at = True, None
            elif known.held:
                known.held, known.dropped_at = False, now

    def _make_room(self) -> None:
        if self._clock() >= self._next_sweep or len(self._entries) >= self._most:
            self.sweep()
        if len(self._entries) < self._most:
            return
        never = float("inf")
        oldest = sorted(
            self._entries.items(),
            key=lambda entry: (
                entry[1].held,
                never if (since := entry[1].since()) is None else since,
            ),
        )
        for value, known in oldest[: len(oldest) - int(self._most * _ROOM)]:
            self._forget(value, known)
        self._tidy()

    def _forget(self, value: str, known: Known) -> None:
        del self._entries[value]
        if known.masked:
            self._masked -= 1
            self._stale += 1
            self.generation += 1

    def _tidy(self) -> None:
        """Rebuild the index once half of it is of no use."""
        if self._stale > self._masked:
            index = _Index()
            for value in self.values():
                index.add(value)
            self._index, self._stale = index, 0

    def values(self) -> list[str]:
        """Return the values that are masked."""
        with self._lock:
            return [value for value, known in self._entries.items() if known.masked]

    # --- where they are --------------------------------------------------------------

    def find(self, text: str, *, tenant: str | None = None, every: bool = True) -> list[Span]:
        """Return where known values are, in whatever encoding, in characters.

        Args:
            text: any text.
            tenant: whose values, beside the application's.
            every: all values, whoever they are of.
        """
        data = text.encode("utf-8", "surrogatepass")
        spans = self.find_in(data, tenant=tenant, every=every)
        return in_characters(text, data, spans)

    def find_in(
        self,
        data: bytes,
        *,
        tenant: str | None = None,
        every: bool = True,
        runs: bool | None = None,
    ) -> list[Span]:
        """Return where known values are in UTF-8, in bytes.

        Args:
            data: a text in UTF-8.
            tenant: whose values, beside the application's.
            every: all values, whoever they are of.
            runs: whether there may be base64 or hex of a value, where that is known.
        """
        whose = None if every else frozenset((None, tenant))
        index = self._index
        spans: list[Span] = []
        hinted = self._plain(data, whose, spans)
        if runs is None:
            runs = hinted or index.crowded
        for said, locate in index.decoded(data, runs=runs):
            inner: list[Span] = []
            self._plain(said, whose, inner)
            spans.extend(locate(start, end) for start, end in inner)
        return spans

    def _plain(
        self, data: bytes, whose: frozenset[str | None] | None, spans: list[Span]
    ) -> bool:
        """Note where values stand as they are; tell of hints at their encodings."""
        hinted = False
        for grams in self._index.grams:
            for start, size in grams.find(data):
                if not size:
                    hinted = True
                elif self._is(data[start : start + size], whose):
                    spans.append((start, start + size))
        return hinted

    def _is(self, part: bytes, whose: frozenset[str | None] | None) -> bool:
        known = None
        with suppress(UnicodeDecodeError):  # a decoded run need not be text
            known = self._entries.get(part.decode("utf-8", "surrogatepass"))
        if known is None or not known.masked:
            return False
        return whose is None or not whose.isdisjoint(known.tenants)


def in_characters(text: str, data: bytes, spans: list[Span]) -> list[Span]:
    """Turn spans of UTF-8 into spans of the text."""
    if not spans or len(data) == len(text):
        return spans
    ends = sorted({end for span in spans for end in span})
    place = dict(zip(ends, characters_at(data, ends), strict=True))
    return [(place[start], place[end]) for start, end in spans]
