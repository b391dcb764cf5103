"""A filter for the standard library's logging: no record leaves with a secret."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import cast

from secretscope.redaction import redact_value as mask_value

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime"}
"""What every record has; the rest of its attributes came by ``extra=``."""


class RedactingFilter(logging.Filter):
    """Masks a record: its message and arguments, its exception, its extras.

    Add it to handlers, not to loggers: a logger's filters do not see what its
    children log. In a `logging.config.dictConfig`::

        "filters": {"redact": {"()": "secretscope.integrations.logging.RedactingFilter"}}

    The record is changed in place, once, so every handler after it sees it masked.

    Args:
        name: only records of this logger and its children, as with any filter.
        redact_value: masks any thing; the process's own redactor unless it is given.
    """

    def __init__(
        self, name: str = "", *, redact_value: Callable[[object], object] | None = None
    ) -> None:
        super().__init__(name)
        self._mask = redact_value or mask_value

    def filter(self, record: logging.LogRecord) -> bool:
        """Mask the record and let it pass."""
        if not super().filter(record):
            return True
        self._message(record)
        self._exception(record)
        for name, value in list(vars(record).items()):
            if name not in _STANDARD:
                masked = cast("dict[str, object]", self._mask({name: value}))
                setattr(record, name, masked.popitem()[1])
        return True

    def _message(self, record: logging.LogRecord) -> None:
        given = record.args
        if isinstance(given, Mapping):  # a name may say that its value is a secret
            record.args = cast("dict[str, object]", self._mask(dict(given)))
        said = self._said(record)
        if said is None:
            record.args = given
            said = self._said(record)
        if said is None:  # the handler reports what cannot be formatted
            record.msg = self._mask(record.msg)
            record.args = cast("tuple[object, ...]", self._mask(given))
            return
        masked = self._mask(said)
        if masked != said:  # what the two say together may be more than each
            record.msg, record.args = str(masked), None

    @staticmethod
    def _said(record: logging.LogRecord) -> str | None:
        with suppress(Exception):  # a message that does not fit, a broken `__str__`
            return record.getMessage()
        return None

    def _exception(self, record: logging.LogRecord) -> None:
        if record.exc_info and isinstance(record.exc_info[1], BaseException):
            kind, error, trace = record.exc_info
            lines = traceback.format_exception(kind, error, trace)
            record.exc_text = str(self._mask("".join(lines).rstrip("\n")))
            copy = cast("BaseException", self._mask(error))
            record.exc_info = (type(copy), copy, trace)
        elif record.exc_text:
            record.exc_text = str(self._mask(record.exc_text))
        if record.stack_info:
            record.stack_info = str(self._mask(record.stack_info))


def install(logger: logging.Logger | None = None) -> RedactingFilter:
    """Add one filter to every handler of a logger, the root's unless it is given.

    Handlers that are added later need it too: `logging.config` is the better place
    for an application that configures its logging.
    """
    redacting = RedactingFilter()
    for handler in (logger or logging.getLogger()).handlers:
        handler.addFilter(redacting)
    return redacting
