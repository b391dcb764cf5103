"""The narrow door: the process's own set of values and its redactor."""

from __future__ import annotations

from functools import cache

from secretscope.redaction._known import KnownValues
from secretscope.redaction._redactor import Redactor

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
