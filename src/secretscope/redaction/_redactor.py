"""A redactor: its shapes, its engine, and the values it knows."""

from __future__ import annotations

import importlib
from collections.abc import AsyncIterable, Iterable
from functools import partial
from typing import Any, Literal, Protocol

from attrs import frozen

from secretscope.errors import ConfigurationError, MissingExtraError
from secretscope.redaction._choice import chosen
from secretscope.redaction._held import Anchors
from secretscope.redaction._known import KnownValues
from secretscope.redaction._marker import KNOWN_VALUE, ensure_text, mask, union
from secretscope.redaction._pure import Found, Kind, PureFinder
from secretscope.redaction._search import Search
from secretscope.redaction._shape import Shape
from secretscope.redaction._stream import RedactedIterator, RedactionStream, TextStream
from secretscope.redaction._structures import Walk

Engine = Literal["auto", "pure", "fast"]


@frozen
class Finding:
    """A credential in a text; it holds where, and never what.

    Attributes:
        name: its shape's name, such as ``github-pat``, or that of a known value.
        start: its first character's place in the text.
        end: the place after its last character.
    """

    name: str
    start: int
    end: int


class Redact(Protocol):
    """Masks a text."""

    def __call__(self, text: str, *, label: bool = False) -> str:
        """Return the text with every credential in it masked."""
        ...


class Finder(Protocol):
    """Finds what is to be masked."""

    name: str

    def redact(self, text: str, *, label: bool = False) -> str:
        """Return the text, masked."""
        ...

    def find(self, text: str) -> list[Found]:
        """Return where: start, end and rank, in no particular order."""
        ...

    def label(self, rank: int) -> str:
        """Return the name of the shape of that rank."""
        ...

    def settle(self) -> None:
        """Take in what became known lately."""
        ...


def _finder(wanted: Engine, shapes: tuple[Kind, ...], search: Search) -> Finder:
    if wanted not in ("auto", "pure", "fast"):
        raise ConfigurationError(
            f"engine is one of auto, pure and fast, not {wanted!r}: leave it out for auto"
        )
    if wanted != "pure":
        try:
            module = importlib.import_module("secretscope.redaction._fast")
        except ImportError:
            if wanted == "fast":
                raise MissingExtraError("the fast engine", extra="fast") from None
        else:
            finder: Finder = module.FastFinder(shapes, search)
            return finder
    return PureFinder(shapes, search)


class Redactor:
    """Masks credentials by their shape, and every value it knows.

    Safe to use from any thread. What it costs is proportional to the text.

    Args:
        known: the values to mask wherever they appear; none by default.
        add: shapes of your own; one of a known name takes its place.
        drop: names of shapes that are not to be looked for.
        opt_in: names of shapes that are off by default.
        engine: ``fast`` needs the extra of that name; ``auto`` takes it where it is
            installed, and pure Python otherwise. Both find the same.

    Raises:
        ConfigurationError: A shape that nobody knows, or one that cannot work.
        MissingExtraError: ``fast`` was asked for and is not installed.
    """

    redact: Redact
    """Return the text with every credential in it masked.

    Args:
        text: any text; lone surrogates and NUL are text too.
        label: say what was masked: ``[REDACTED:github-pat]``.

    Raises:
        TypeError: It is no str.
    """

    def __init__(
        self,
        *,
        known: KnownValues | None = None,
        add: Iterable[Kind] = (),
        drop: Iterable[str] = (),
        opt_in: Iterable[str] = (),
        engine: Engine = "auto",
    ) -> None:
        shapes = chosen(add, drop, opt_in)
        self._search = Search(KnownValues() if known is None else known)
        self._finder = _finder(engine, shapes, self._search)
        self.redact = self._finder.redact  # it is called for every line: no detour
        self._anchors = Anchors(s for s in shapes if isinstance(s, Shape))

    def find(self, text: str) -> list[Found]:
        """Return where credentials are: start, end and rank, in no particular order."""
        ensure_text(text)
        return self._finder.find(text)

    def findings(self, text: str) -> list[Finding]:
        """Return what `redact` would mask, in the order of the text, and its shape."""
        label = self._finder.label
        return [
            Finding(label(rank), start, end)
            for start, end, rank in union(self.find(text))
        ]

    def settle(self) -> None:
        """Wait until what became known lately is found as fast as the rest.

        It is found before, too; only the fast engine takes longer for it.
        """
        self._finder.settle()

    def mask_known(self, text: str, tenant: str | None) -> str:
        """Mask the known values of the application and of this tenant, no shapes."""
        found = self._search.find(text, frozenset((None, tenant)))
        return (
            mask(text, ((s, e, KNOWN_VALUE) for s, e in found), None) if found else text
        )

    def redact_value(self, value: object, *, label: bool = False) -> Any:  # noqa: ANN401 - as many kinds as come in
        """Return a thing with every credential in it masked; the thing is not changed.

        Texts and bytes are masked by content, and what stands under a sensitive name
        (a key, a field) as a whole. Mappings become dicts; lists, tuples, sets, attrs
        classes, dataclasses and exceptions, with their causes and notes, stay what
        they are. Anything else stays unless its text holds a secret: then it becomes
        that text, masked. What nests deeper than 48 becomes ``[DEEPER]``, and what
        holds itself ``[CYCLE]``.

        Args:
            value: anything.
            label: say what was masked, as `redact` does.
        """
        return Walk(partial(self.redact, label=label))(value)

    def stream(self, *, label: bool = False) -> RedactionStream[Any]:
        """Return what masks a text in pieces, wherever it is split.

        `feed` takes str or bytes and returns what may go out; `close` returns the rest.
        What cannot be part of a secret goes out at once.

        Args:
            label: say what was masked, as `redact` does.
        """
        return RedactionStream(
            TextStream(self.find, self._waits, self._finder.label if label else None)
        )

    def stream_known(self, tenant: str | None) -> TextStream:
        """Return what masks known values alone, as `mask_known` does, in pieces."""
        whose = frozenset((None, tenant))

        def find(text: str) -> list[Found]:
            return [(s, e, KNOWN_VALUE) for s, e in self._search.find(text, whose)]

        return TextStream(find, self._search.begun)

    def redact_stream(self, pieces: AsyncIterable[str]) -> RedactedIterator:
        """Mask the pieces of an async iterable, wherever they are split.

        Args:
            pieces: a text in pieces; it is closed by `aclose` of what is returned.
        """
        return RedactedIterator(pieces, TextStream(self.find, self._waits))

    def _waits(self, text: str) -> int:
        return min(self._anchors.begun(text), self._search.begun(text))

    def status(self) -> dict[str, str]:
        """Say which engine runs."""
        return {"engine": self._finder.name}
