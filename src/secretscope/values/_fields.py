"""One field of a secret that is kept as a JSON object."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

from secretscope.errors import MalformedSecretError, MissingSecretError
from secretscope.values._ref import split_location


def fields_of(text: str) -> dict[str, str] | None:
    """Return the text's fields where it is a JSON object, else None.

    A text stays as it is, null is no field, and any other value is its JSON text (a
    port ``5432``), since stores' own tools write such documents.
    """
    found: Any = None
    with suppress(ValueError, RecursionError):  # JSONDecodeError.doc is the payload
        found = json.loads(text)
    if not isinstance(found, dict):
        return None
    fields: dict[str, Any] = found
    return {
        name: value if isinstance(value, str) else json.dumps(value)
        for name, value in fields.items()
        if value is not None
    }


def field_of(text: str, ref: str, *, store: str) -> str:
    """Return the field that the ref names after ``#``.

    Raises:
        MalformedSecretError: The text is no JSON object.
        MissingSecretError: It has no such field; the error lists those it has.
    """
    field = split_location(ref)[1] or ""
    fields = fields_of(text)
    if fields is None:
        raise MalformedSecretError(store, ref=ref, expected="a JSON object")
    if field not in fields:
        raise MissingSecretError(
            ref, where=store, cure=f"its fields are {', '.join(fields) or 'none'}"
        )
    return fields[field]
