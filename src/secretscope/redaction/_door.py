"""The narrow door: the process's own set of values and its redactor."""

from __future__ import annotations

import importlib
from collections.abc import AsyncIterable
from functools import cache
from typing import TYPE_CHECKING, Any

from secretscope.redaction._known import KnownValues

if TYPE_CHECKING:
    from secretscope.redaction._redactor import Redactor
    from secretscope.redaction._stream import RedactedIterator, TextStream

KNOWN = KnownValues()


@cache
def redactor() -> Redactor:
    """Return the process's redactor; the first call reads the catalogue."""
    module = importlib.import_module("secretscope.redaction._redactor")
    made: Redactor = module.Redactor(known=KNOWN)
    return made


def redact(text: str, *, label: bool = False) -> str:
    """Return the text with every known value and every credential masked.

    Args:
        text: any text.
        label: say what was masked: ``[REDACTED:github-pat]``.

    Raises:
        TypeError: It is no str.
    """
    return redactor().redact(text, label=label)


def redact_value(value: object, *, label: bool = False) -> Any:  # noqa: ANN401 - as many kinds as come in
    """Return a thing with every credential in it masked; see `Redactor.redact_value`."""
    return redactor().redact_value(value, label=label)


def mask_known(text: str, *, tenant: str | None = None) -> str:
    """Mask what goes back to the program: the application's and this tenant's values."""
    return redactor().mask_known(text, tenant)


def stream_known(*, tenant: str | None = None) -> TextStream:
    """Mask what goes back to the program in pieces, as `mask_known` does."""
    return redactor().stream_known(tenant)


def redact_stream(pieces: AsyncIterable[str]) -> RedactedIterator:
    """Mask the pieces of an async iterable; see `Redactor.redact_stream`."""
    return redactor().redact_stream(pieces)
