"""What a test lets out, gathered while it runs: logs, warnings, output it read, folders."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from attrs import define, field

from secretscope.testing._pytest import pytest
from secretscope.testing._swap import swapped

_PLAIN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime"}
"""What every record has; the rest of its attributes came by ``extra=``."""
_FORMAT = logging.Formatter()


@define
class Overheard:
    """What was heard while `listening`.

    Attributes:
        texts: each with the name of its place.
        folders: temporary folders that were made.
    """

    texts: list[tuple[str, str]] = field(factory=list[tuple[str, str]])
    folders: list[Path] = field(factory=list[Path])

    @contextmanager
    def listening(self) -> Generator[None]:
        """Hear what is let out in a block."""
        with ExitStack() as stack:
            for owner, name, heard in (
                (logging.Logger, "callHandlers", self._record),
                (warnings, "showwarning", self._warning),
                (pytest.CaptureFixture, "readouterr", self._output),
                (pytest.TempPathFactory, "mktemp", self._folder),
            ):
                told = _told(vars(owner)[name], heard)
                stack.enter_context(swapped(owner, name, told))
            yield

    def _record(self, _: object, args: tuple[Any, ...]) -> None:
        """Hear a record as its handlers left it: their filters may have masked it."""
        record: logging.LogRecord = args[1]
        extra = {k: v for k, v in vars(record).items() if k not in _PLAIN}
        said = f"{_FORMAT.format(record)}\n{extra or ''}"
        self.texts.append((f"a record of logger {record.name!r}", said))

    def _warning(self, _: object, args: tuple[Any, ...]) -> None:
        self.texts.append(("a warning", str(args[0])))

    def _output(self, read: Any, _: object) -> None:  # noqa: ANN401 - a CaptureResult
        for name, text in (("stdout", read.out), ("stderr", read.err)):
            said = text if isinstance(text, str) else text.decode("utf-8", "replace")
            self.texts.append((f"captured {name}, which the test read", said))

    def _folder(self, made: Any, _: object) -> None:  # noqa: ANN401 - a Path
        self.folders.append(made)


def _told(
    act: Callable[..., Any], heard: Callable[[Any, tuple[Any, ...]], None]
) -> Callable[..., Any]:
    """Return the same act, after which one is told what came of it, and its arguments."""

    def acted(*args: Any, **more: Any) -> Any:  # noqa: ANN401
        result = act(*args, **more)
        heard(result, args)
        return result

    return acted
