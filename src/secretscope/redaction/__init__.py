"""Nothing that was handed out leaves: shapes of credentials and known values."""

from secretscope.redaction._door import (
    KNOWN,
    mask_known,
    redact,
    redact_stream,
    redact_value,
)
from secretscope.redaction._known import Known, KnownValues
from secretscope.redaction._redactor import Redactor
from secretscope.redaction._stream import RedactionStream

__all__ = [
    "KNOWN",
    "Known",
    "KnownValues",
    "RedactionStream",
    "Redactor",
    "mask_known",
    "redact",
    "redact_stream",
    "redact_value",
]
