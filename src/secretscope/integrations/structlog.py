"""A processor for structlog: no event leaves with a secret."""

from __future__ import annotations

import sys
from collections.abc import Callable, MutableMapping
from typing import Any

from secretscope.redaction import redact_value as mask_value

Event = MutableMapping[str, Any]


class RedactingProcessor:
    """Masks an event: its message, its values, its exception.

    Put it after what adds to the event (``format_exc_info`` too) and before the
    renderer.

    Args:
        redact_value: masks any thing; the process's own redactor unless it is given.
    """

    def __init__(self, redact_value: Callable[[object], Any] | None = None) -> None:
        self._mask = redact_value or mask_value

    def __call__(self, logger: object, method: str, event: Event) -> Event:
        """Return the event, masked."""
        if event.get("exc_info") is True:
            event = {**event, "exc_info": sys.exc_info()}
        masked: Event = self._mask(dict(event))
        return masked
