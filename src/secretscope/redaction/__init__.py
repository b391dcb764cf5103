"""Nothing that was handed out leaves: shapes of credentials and known values."""

from secretscope.redaction._door import KNOWN, mask_known, redact
from secretscope.redaction._known import Known, KnownValues
from secretscope.redaction._redactor import Redactor

__all__ = ["KNOWN", "Known", "KnownValues", "Redactor", "mask_known", "redact"]
