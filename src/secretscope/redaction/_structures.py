"""Redaction of things that are no text: documents, records, exceptions."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from itertools import zip_longest
from typing import Any, cast

import attrs

from secretscope.redaction._marker import MARKER
from secretscope.redaction._names import is_sensitive

_DEEPEST = 48
"""Nesting beyond this is cut off, so that no input exhausts the stack."""
DEEPER = "[DEEPER]"
CYCLE = "[CYCLE]"
_DIGIT = re.compile(r"[0-9]")
_PLAIN = (bool, type(None), int, float, complex)


class RedactedError(Exception):
    """Stands for an exception that could not be copied with its secrets masked."""


def _fields(kind: type) -> tuple[str, ...] | None:
    """Return the names of a record's fields, or None for what is no record."""
    if attrs.has(kind):
        return tuple(field.name for field in attrs.fields(kind))
    if dataclasses.is_dataclass(kind):
        return tuple(field.name for field in dataclasses.fields(kind))
    return None


def _sensitive(name: object) -> bool:
    if isinstance(name, bytes):
        name = name.decode("latin-1")
    return isinstance(name, str) and is_sensitive(name)


def _is_name(value: object) -> bool:
    """Tell whether the second of a pair is one more name, as in a list of fields."""
    return (
        _sensitive(value)
        and str(value).isidentifier()
        and not _DIGIT.search(str(value))
    )


class Walk:
    """One walk through one thing; every part of it is read once.

    Args:
        redact: masks a text.
    """

    def __init__(self, redact: Callable[[str], str]) -> None:
        self._redact = redact
        self._done: dict[tuple[int, bool], object] = {}
        self._kept: list[object] = []
        self._depth = 0

    def __call__(self, value: object, *, hidden: bool = False) -> Any:  # noqa: ANN401 - as many kinds as come in
        """Return the thing with what is secret in it masked; it is not changed.

        Args:
            value: the thing.
            hidden: whether a sensitive name stands before it, so that all is masked.
        """
        if isinstance(value, str):
            return MARKER if hidden and value else self._redact(value)
        if isinstance(value, (bytes, bytearray)):
            return self._bytes(bytes(value), hidden=hidden)
        if isinstance(value, _PLAIN):
            numeric = hidden and not isinstance(value, (bool, type(None)))
            return MARKER if numeric else value
        key = (id(value), hidden)
        if key not in self._done:
            if self._depth >= _DEEPEST:
                return DEEPER
            self._done[key] = CYCLE
            self._kept.append(value)  # an id is its own only while the thing lives
            self._depth += 1
            try:
                self._done[key] = self._inner(value, hidden=hidden)
            except Exception:  # noqa: BLE001 - its own code failed: only its text is left
                self._done[key] = self._anything(value, hidden=hidden)
            finally:
                self._depth -= 1
        return self._done[key]

    def _inner(self, value: object, *, hidden: bool) -> object:
        if isinstance(value, Mapping):
            return self._mapping(cast("Mapping[object, object]", value), hidden=hidden)
        if isinstance(value, (list, tuple, set, frozenset)):
            return self._sequence(cast("Iterable[object]", value), hidden=hidden)
        if isinstance(value, BaseException):
            return self._exception(value)
        names = _fields(type(value))
        if names is not None:
            return self._record(value, names, hidden=hidden)
        return self._anything(value, hidden=hidden)

    def _bytes(self, value: bytes, *, hidden: bool) -> bytes:
        if hidden and value:
            return MARKER.encode()
        text = value.decode("utf-8", "surrogateescape")
        return self._redact(text).encode("utf-8", "surrogateescape")

    def _mapping(
        self, value: Mapping[object, object], *, hidden: bool
    ) -> dict[object, object]:
        return {
            self._key(key): self(item, hidden=hidden or _sensitive(key))
            for key, item in list(value.items())
        }

    def _key(self, key: object) -> object:
        return self(key) if isinstance(key, (str, bytes, tuple)) else key

    def _sequence(self, value: Iterable[object], *, hidden: bool) -> object:
        if isinstance(value, tuple):
            return self._tuple(value, hidden=hidden)
        items = [self(item, hidden=hidden) for item in list(value)]
        if isinstance(value, list):
            return items
        return items if any(isinstance(i, (dict, list)) for i in items) else set(items)

    def _tuple(self, value: tuple[object, ...], *, hidden: bool) -> object:
        """Mask by the fields' names, or a pair, as of a header, by the first of it."""
        names: tuple[object, ...] = getattr(value, "_fields", ())
        if not names and len(value) == 2 and not _is_name(value[1]):  # noqa: PLR2004
            names = ("", value[0])
        items = [
            self(item, hidden=hidden or _sensitive(name))
            for item, name in zip_longest(value, names)
        ]
        named = hasattr(value, "_fields")
        return type(value)(*items) if named else tuple(items)

    def _record(self, value: object, names: tuple[str, ...], *, hidden: bool) -> object:
        """Copy a record field by field; its own code is not run."""
        with suppress(Exception):  # whatever a record does, it is logged masked
            copy = object.__new__(type(value))
            for name in names:
                item = getattr(value, name)
                secret = hidden or is_sensitive(name)
                object.__setattr__(copy, name, self(item, hidden=secret))
            if self._clean(copy, repr):
                return copy
        return self._anything(value, hidden=hidden)

    def _clean(self, value: object, say: Callable[[object], str]) -> bool:
        said = self._said(value, say)
        return self._redact(said) == said

    def _exception(self, error: BaseException) -> BaseException:
        copy = self._copied(error)
        notes = getattr(error, "__notes__", ())
        for note in cast("list[object]", notes) if isinstance(notes, list) else ():
            copy.add_note(self._redact(str(note)))
        copy.__traceback__ = error.__traceback__
        if error.__cause__ is not None:
            copy.__cause__ = self._linked(error.__cause__)
        if error.__context__ is not None:
            copy.__context__ = self._linked(error.__context__)
        copy.__suppress_context__ = error.__suppress_context__
        return copy

    def _linked(self, error: BaseException) -> BaseException | None:
        linked = self(error)
        return linked if isinstance(linked, BaseException) else None

    def _copied(self, error: BaseException) -> BaseException:
        said = self._redact(self._said(error, str))
        with suppress(Exception):  # whatever an exception does, it is logged masked
            copy = self._alike(error)
            if self._said(copy, str) == said and self._clean(copy, repr):
                return copy
        return RedactedError(f"{type(error).__name__}: {said}")

    def _alike(self, error: BaseException) -> BaseException:
        if isinstance(error, BaseExceptionGroup):
            inner = [
                self._linked(one) or RedactedError(CYCLE) for one in error.exceptions
            ]
            message = self._redact(error.message)
            same = message == error.message
            return error.derive(inner) if same else BaseExceptionGroup(message, inner)
        arguments = self(error.args)
        copy = type(error).__new__(type(error), *arguments)
        copy.args = arguments
        for name, item in vars(error).items():
            if name != "__notes__":
                copy.__dict__[name] = self(item, hidden=is_sensitive(name))
        return copy

    def _anything(self, value: object, *, hidden: bool) -> object:
        """Keep a thing whose text holds no secret; what does becomes its masked text."""
        if hidden:
            return MARKER
        for say in (repr, str):
            said = self._said(value, say)
            masked = self._redact(said)
            if masked != said:
                return masked
        return value

    @staticmethod
    def _said(value: object, say: Callable[[object], str] = repr) -> str:
        try:
            return say(value)
        except Exception:  # noqa: BLE001 - a log line does not fail for a broken repr
            return f"<{type(value).__name__} without a repr>"
