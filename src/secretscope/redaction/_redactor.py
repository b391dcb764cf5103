"""A first engine: simple shapes, one after the other."""

from __future__ import annotations

import re

from secretscope.redaction._known import KnownValues

_SHAPES = [
    ("anthropic", r"()(?<![A-Za-z0-9])sk-ant-[A-Za-z0-9_-]{16,}"),
    ("openai", r"()(?<![A-Za-z0-9])sk-(?=[A-Za-z_-]*[0-9])[A-Za-z0-9_-]{20,}"),
    ("aws-access-key", r"()(?<![A-Za-z0-9])(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Za-z0-9])"),
    ("github-pat", r"()(?<![A-Za-z0-9])gh[pousr]_[A-Za-z0-9]{36,}"),
    ("github-pat", r"()(?<![A-Za-z0-9])github_pat_[A-Za-z0-9_]{50,}"),
    ("slack", r"()(?<![A-Za-z0-9])xox[abeoprs]-[A-Za-z0-9-]{10,}"),
    ("google-api-key", r"()(?<![A-Za-z0-9])AIza[A-Za-z0-9_-]{35}(?![A-Za-z0-9])"),
    ("bearer", r"(?i)(\bbearer\s+)(?!\[REDACTED)[A-Za-z0-9._~+/=-]{16,}"),
    (
        "assignment",
        r"(\b[A-Za-z][A-Za-z0-9_]*(?:_API_KEY|_TOKEN|_SECRET|_PASSWORD)\s*=\s*['\"]?)"
        r"(?!\[REDACTED)[^\s'\"]{8,}",
    ),
]


class Redactor:
    """Masks shapes and known values."""

    def __init__(self, *, known: KnownValues | None = None) -> None:
        self.known = known
        self._shapes = [(name, re.compile(pattern)) for name, pattern in _SHAPES]

    def redact(self, text: str, *, label: bool = False) -> str:
        """Return the text with every credential in it masked."""
        if not isinstance(text, str):
            message = f"redact() takes a str, not {type(text).__name__}"
            raise TypeError(message)
        text = self.mask(text, self.known.values() if self.known else [], label=label)
        for name, shape in self._shapes:
            marker = f"[REDACTED:{name}]" if label else "[REDACTED]"
            text = shape.sub(rf"\g<1>{marker}", text)
        return text

    def mask(self, text: str, values: list[str], *, label: bool = False) -> str:
        """Mask these values alone."""
        marker = "[REDACTED:known]" if label else "[REDACTED]"
        for value in values:
            if value in text:
                text = text.replace(value, marker)
        return text

    def status(self) -> dict[str, str]:
        """Say which engine runs."""
        return {"engine": "pure"}
