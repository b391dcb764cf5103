"""The narrow door: the process's own set of values and its redactor."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator
from functools import cache

from secretscope.redaction._known import KnownValues
from secretscope.redaction._redactor import Redactor
from secretscope.redaction._stream import RedactionStream

KNOWN = KnownValues()


@cache
def _redactor() -> Redactor:
    return Redactor(known=KNOWN)


def redact(text: str, *, label: bool = False) -> str:
    """Return the text with every known value and every credential masked."""
    return _redactor().redact(text, label=label)


def mask_known(text: str, *, tenant: str | None = None) -> str:
    """Mask what goes back to the program: the application's and this tenant's values."""
    return _redactor().mask(text, KNOWN.values(tenant, every=False))


def redact_value(obj: object) -> object:
    """Return a masked copy of a structure."""
    if isinstance(obj, str):
        return redact(obj)
    if isinstance(obj, dict):
        return {key: redact_value(item) for key, item in obj.items()}
    if isinstance(obj, list | tuple):
        return [redact_value(item) for item in obj]
    return obj


async def redact_stream(chunks: AsyncIterable[str]) -> AsyncIterator[str]:
    """Mask a text that arrives in pieces."""
    stream = RedactionStream(_redactor())
    async for chunk in chunks:
        if out := stream.feed(chunk):
            yield out
    if out := stream.close():
        yield out
