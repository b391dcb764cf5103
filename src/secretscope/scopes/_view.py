"""A view: what a frame sees of a store where nothing is overridden."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from secretscope.errors import MalformedSecretError, ScopeClosedError
from secretscope.redaction import KNOWN
from secretscope.values import Secret, parse_ref

_MOST_SEEN = 1024
"""Overrides that a view remembers to have made known."""
_NONE_SEEN: dict[str, str] = {}
"""What a view has seen before its first override; it stays empty."""


class View(Protocol):
    """What a reader asks of its frame's view."""

    values: dict[str, str]
    """Values at hand by ref: published, so that one lookup serves a read."""

    seen: dict[str, str]
    """Overrides that were checked and made known here: the ref by the value."""

    def admit(self, overrides: Mapping[str, str]) -> None:
        """Check overrides, and make their values known."""
        ...

    def peek(self, ref: str) -> str:
        """Return what is at hand, or raise why it is not."""
        ...

    async def resolve(self, ref: str) -> str:
        """Return the value, fetched if need be."""
        ...

    def peek_secret(self, ref: str) -> Secret:
        """Return the whole secret that is at hand, or raise why it is not."""
        ...

    async def resolve_secret(self, ref: str) -> Secret:
        """Return the whole secret, fetched if need be."""
        ...

    async def put(self, ref: str, value: str) -> None:
        """Write the value to the frame's own place."""
        ...

    async def refresh(self, ref: str, bad: str | None) -> None:
        """Fetch the value anew."""
        ...


class Viewed:
    """What every view keeps."""

    __slots__ = ("_tenant", "seen", "values")

    def __init__(self, tenant: str | None) -> None:
        self.values: dict[str, str] = {}
        self.seen = _NONE_SEEN
        self._tenant = tenant

    def admit(self, overrides: Mapping[str, str]) -> None:
        """Check overrides, and make their values known.

        Raises:
            InvalidRefError: A ref is outside the grammar.
            MalformedSecretError: A value is no `str`.
        """
        for ref, value in overrides.items():
            parse_ref(ref)
            if not isinstance(value, str):
                raise MalformedSecretError(
                    "this override",
                    ref=ref,
                    expected=f"a str, not {type(value).__name__}",
                )
        if self.seen is _NONE_SEEN or len(self.seen) > _MOST_SEEN:
            self.seen = {}
        for ref, value in overrides.items():
            KNOWN.add(value, ref=ref, tenant=self._tenant)
            self.seen[value] = ref


class _Absent(Viewed):
    """The view of a frame that has ended, or has not begun."""

    __slots__ = ()

    def __init__(self) -> None:
        super().__init__(None)

    def peek(self, ref: str) -> str:
        raise ScopeClosedError("this block")

    async def resolve(self, ref: str) -> str:
        raise ScopeClosedError("this block")

    def peek_secret(self, ref: str) -> Secret:
        raise ScopeClosedError("this block")

    async def resolve_secret(self, ref: str) -> Secret:
        raise ScopeClosedError("this block")

    async def put(self, ref: str, value: str) -> None:
        raise ScopeClosedError("this block")

    async def refresh(self, ref: str, bad: str | None) -> None:
        raise ScopeClosedError("this block")


NOTHING: View = _Absent()
"""What is seen after a frame's end."""

UNENTERED: View = _Absent()
"""What is seen before its begin."""
