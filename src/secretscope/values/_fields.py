"""One field of a secret that is kept as a JSON object."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

from secretscope.errors import MalformedSecretError, MissingSecretError
from secretscope.values._ref import split_location


def fields_of(text: str) -> dict[str, str] | None:
    """Return the text's fields where it is a JSON object of strings, else None."""
    found: Any = None
    with suppress(ValueError):  # JSONDecodeError.doc is the whole payload
        found = json.loads(text)
    if not isinstance(found, dict):
        return None
    fields: dict[str, Any] = found
    return fields if all(isinstance(v, str) for v in fields.values()) else None


def field_of(text: str, ref: str, *, store: str) -> str:
    """Return the field that the ref names after ``#``.

    Raises:
        MalformedSecretError: The text is no JSON object of strings.
        MissingSecretError: It has no such field; the error lists those it has.
    """
    field = split_location(ref)[1] or ""
    fields = fields_of(text)
    if fields is None:
        raise MalformedSecretError(store, ref=ref, expected="a JSON object of strings")
    if field not in fields:
        raise MissingSecretError(
            ref, where=store, cure=f"its fields are {', '.join(fields) or 'none'}"
        )
    return fields[field]
