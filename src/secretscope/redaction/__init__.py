"""Nothing that was handed out leaves: shapes of credentials and known values."""

import importlib
from typing import TYPE_CHECKING

from secretscope.redaction._door import (
    KNOWN,
    configure,
    mask_known,
    prepare,
    redact,
    redact_stream,
    redact_value,
    redactor,
    stream_known,
)
from secretscope.redaction._known import Known, KnownValues
from secretscope.redaction._search import Search

if TYPE_CHECKING:
    from secretscope.redaction._redactor import Finding, Redactor
    from secretscope.redaction._shape import Shape
    from secretscope.redaction._stream import TextStream
    from secretscope.redaction.catalogue import CATALOGUE

_LATER = {
    "CATALOGUE": "catalogue",
    "Finding": "_redactor",
    "Redactor": "_redactor",
    "Shape": "_shape",
    "TextStream": "_stream",
}
"""What reads the catalogue is imported when it is first asked for."""

__all__ = [
    "CATALOGUE",
    "KNOWN",
    "Finding",
    "Known",
    "KnownValues",
    "Redactor",
    "Search",
    "Shape",
    "TextStream",
    "configure",
    "mask_known",
    "prepare",
    "redact",
    "redact_stream",
    "redact_value",
    "redactor",
    "stream_known",
]


def __getattr__(name: str) -> object:
    if name in _LATER:
        return getattr(importlib.import_module(f"{__name__}.{_LATER[name]}"), name)
    message = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(message)
