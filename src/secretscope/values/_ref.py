"""The grammar of refs: the names an application knows its secrets by."""

from __future__ import annotations

import re
from functools import lru_cache

from attrs import frozen

from secretscope.errors import InvalidRefError

_PART = re.compile(r"[A-Za-z0-9_.@+=-]+")
_LONGEST = 512
"""Characters; AWS, Google Cloud and Azure all allow fewer in a name."""


@frozen
class Ref:
    """A ref taken apart.

    Attributes:
        base: what a store is asked for.
        field: the field of what it answers, if one is named after ``#``.
    """

    base: str
    field: str | None = None


def _fault(text: str) -> str | None:  # noqa: PLR0911 - a reason each
    if not text:
        return "it is empty"
    if len(text) > _LONGEST:
        return f"it is longer than {_LONGEST} characters"
    base, hash_, field = text.partition("#")
    if hash_ and not field:
        return "the field after '#' is empty"
    for part in (*base.split("/"), *([field] if hash_ else ())):
        if not part:
            return "a part between slashes is empty"
        if not _PART.fullmatch(part):
            return "it holds a character that no ref may"
        if not part.strip("."):
            return f"{part!r} is a way out of its folder"
    return None


@lru_cache(maxsize=4096)
def parse_ref(text: str) -> Ref:
    """Take a ref apart, before any store is asked.

    Args:
        text: such as ``ANTHROPIC_API_KEY`` or ``db#password``.

    Returns:
        Its base and its field.

    Raises:
        InvalidRefError: It is outside the grammar: empty, with a ``..``, a ``//``,
            a ``%``, a ``:``, a backslash, a second ``#``, a look-alike letter, ...
    """
    reason = _fault(text) if isinstance(text, str) else "it is no string"
    if reason is not None:
        raise InvalidRefError(text, reason=reason)
    return Ref(*split_location(text))


def split_location(location: str) -> tuple[str, str | None]:
    """Split ``base#field``; a location's own grammar is its store's affair."""
    base, hash_, field = location.partition("#")
    return base, field if hash_ else None
