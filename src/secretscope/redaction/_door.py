"""The narrow door: the process's own set of values and its redactor."""

from __future__ import annotations

import importlib
import threading
from collections.abc import AsyncIterable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from secretscope.redaction._known import KnownValues

if TYPE_CHECKING:
    from secretscope.redaction._redactor import Redactor
    from secretscope.redaction._stream import RedactedIterator, TextStream

KNOWN = KnownValues()
_process: list[Redactor] = []
"""The process's redactor, once it was asked for."""
_quick: list[Redactor] = []
"""What masks until that one is built."""
_building, _beginning = threading.Lock(), threading.Lock()
"""The quick one is not held up by the other, which takes long."""


def redactor() -> Redactor:
    """Return the process's redactor; the first call builds it (150 ms with hyperscan)."""
    with _building:
        return _process[0] if _process else configure({})


def prepare() -> threading.Thread:
    """Build the process's redactor in a thread, so that nobody waits for it.

    Until it stands, pure Python masks the same. The first text to be masked does it by
    itself; an application that knows better does it before.

    Returns:
        The thread, to be joined by who wants to wait.
    """
    thread = threading.Thread(target=redactor, name="secretscope-redactor", daemon=True)
    with suppress(RuntimeError):  # the interpreter ends: no thread can be started
        thread.start()
    return thread


def _at_hand() -> Redactor:
    """Return the process's redactor, or what masks until it is built."""
    with _beginning:
        if not (_process or _quick):
            _quick.append(_made({"engine": "pure"}))
            prepare()
    return (_process or _quick)[0]


def _made(settings: Mapping[str, Any]) -> Redactor:
    module = importlib.import_module("secretscope.redaction._configured")
    made: Redactor = module.redactor_from(settings, KNOWN)
    return made


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
    made = _made({} if settings is None else settings)
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
    return (_process[0] if _process else _at_hand()).redact(text, label=label)


def redact_value(value: object, *, label: bool = False) -> Any:  # noqa: ANN401 - as many kinds as come in
    """Return a thing with every credential in it masked; see `Redactor.redact_value`."""
    return _at_hand().redact_value(value, label=label)


def mask_known(text: str, *, tenant: str | None = None) -> str:
    """Mask what goes back to the program: the application's and this tenant's values."""
    return _at_hand().mask_known(text, tenant)


def stream_known(*, tenant: str | None = None) -> TextStream:
    """Mask what goes back to the program in pieces, as `mask_known` does."""
    return _at_hand().stream_known(tenant)


def redact_stream(pieces: AsyncIterable[str]) -> RedactedIterator:
    """Mask the pieces of an async iterable; see `Redactor.redact_stream`."""
    return _at_hand().redact_stream(pieces)
