"""The narrow door: the process's own set of values and its redactor."""

from __future__ import annotations

import importlib
from collections.abc import AsyncIterable, Mapping
from typing import TYPE_CHECKING, Any

from secretscope.redaction._known import KnownValues

if TYPE_CHECKING:
    from secretscope.redaction._redactor import Redactor
    from secretscope.redaction._stream import RedactedIterator, TextStream

KNOWN = KnownValues()
_process: list[Redactor] = []
"""The process's redactor, once it was asked for."""


def redactor() -> Redactor:
    """Return the process's redactor; the first call reads the catalogue."""
    if not _process:
        configure({})
    return _process[0]


def configure(settings: Mapping[str, Any] | None) -> Redactor:
    """Set the process's redactor up, from a container's configuration or a mapping.

    Args:
        settings: ``engine`` (auto, pure or fast), ``drop`` and ``opt_in`` (lists of
            shapes' names), and ``shapes``, a list of mappings with a `Shape`'s fields;
            None where nothing is configured.

    Returns:
        The redactor, which stands from now on.

    Raises:
        ConfigurationError: An option, a name or an expression that cannot work; the
            redactor that stood before stands still.
        MissingExtraError: The fast engine was asked for and is not installed.
    """
    module = importlib.import_module("secretscope.redaction._configured")
    made: Redactor = module.redactor_from({} if settings is None else settings, KNOWN)
    _process[:] = [made]
    return made


def redact(text: str, *, label: bool = False) -> str:
    """Return the text with every known value and every credential masked.

    Args:
        text: any text.
        label: say what was masked: ``[REDACTED:github-pat]``.

    Raises:
        TypeError: It is no str.
    """
    return (_process[0] if _process else redactor()).redact(text, label=label)


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
