"""Text that arrives in pieces."""

from __future__ import annotations

from secretscope.redaction._redactor import Redactor


class RedactionStream:
    """Masks a text that arrives in pieces."""

    def __init__(self, redactor: Redactor) -> None:
        self._redactor = redactor
        self._held = ""

    def feed(self, chunk: str) -> str:
        """Take a piece and return what can go out."""
        self._held += chunk
        cut = max(self._held.rfind("\n"), self._held.rfind(" ")) + 1
        ready, self._held = self._held[:cut], self._held[cut:]
        return self._redactor.redact(ready)

    def close(self) -> str:
        """Return what was held back."""
        held, self._held = self._held, ""
        return self._redactor.redact(held)
