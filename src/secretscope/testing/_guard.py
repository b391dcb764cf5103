"""The leak guard: a test fails if a secret appears where people could read it."""

from __future__ import annotations

import logging
import traceback
import warnings
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any

from secretscope.testing._canaries import Canaries
from secretscope.testing._pytest import pytest
from secretscope.testing._swap import swapped

MARKER = "leak_guard"
_MOST = 64 * 1024 * 1024
"""Bytes of a file that are read."""


class _Ear(logging.Handler):
    """Hears every record that is logged, with its traceback, as it would be written."""

    def __init__(self) -> None:
        super().__init__(logging.NOTSET)
        self.heard: list[tuple[str, str]] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.heard.append((f"a record of logger {record.name!r}", self.format(record)))


class LeakGuard:
    """What pytest calls; one a session, and one set of canaries a test.

    Args:
        always: guard every test, not only the marked ones.
    """

    def __init__(self, *, always: bool) -> None:
        self._always = always
        self._canaries: Canaries | None = None
        self._ear = _Ear()
        self._warned: list[tuple[str, str]] = []

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, Any, Any]:
        """Let canaries out around a guarded test's set-up, call and tear-down."""
        marker = item.get_closest_marker(MARKER)
        off = not self._always if marker is None else marker.kwargs.get("off")
        if off:
            return (yield)
        self._canaries, self._ear, self._warned = Canaries(), _Ear(), []
        root = logging.getLogger()
        root.addHandler(self._ear)
        try:
            with (
                self._canaries.out(),
                swapped(warnings, "showwarning", self._overhear(warnings.showwarning)),
            ):
                return (yield)
        finally:
            root.removeHandler(self._ear)
            self._canaries = None

    def _overhear(self, show: Callable[..., None]) -> Callable[..., None]:
        def shown(message: Warning | str, *where: Any, **more: Any) -> None:
            self._warned.append(("a warning", str(message)))
            show(message, *where, **more)

        return shown

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Fail a report whose test let a secret out."""
        report = yield
        if self._canaries is None:
            return report
        leaks = self._canaries.seen_in(self._texts(item, report))
        if call.excinfo is not None:
            leaks += self._canaries.seen_in(_locals(call.excinfo.tb))
        if leaks:
            told = "\n".join(f"  {leak}" for leak in leaks)
            said = f"leak guard: secrets were let out\n{told}"
            if report.failed:
                report.sections.append(("leak guard", said))
            else:
                report.outcome, report.longrepr = "failed", said
        self._ear.heard.clear()
        self._warned.clear()
        return report

    def _texts(
        self, item: pytest.Item, report: pytest.TestReport
    ) -> Iterator[tuple[str, str]]:
        for name, text in report.sections:
            if report.when in name:
                yield name.lower(), text
        yield from self._ear.heard
        yield from self._warned
        folder = getattr(item, "funcargs", {}).get("tmp_path")
        if report.when == "call" and folder is not None:
            yield from _files(folder)


def _files(folder: Path) -> Iterator[tuple[str, str]]:
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            with path.open("rb") as file:
                text = file.read(_MOST).decode("utf-8", "surrogateescape")
            yield f"the file {path.relative_to(folder)}", text


def _locals(trace: TracebackType | None) -> Iterator[tuple[str, str]]:
    """Yield what a traceback with locals shows of each frame."""
    for frame, _ in traceback.walk_tb(trace):
        shown = " ".join(f"{k}={v!r}" for k, v in frame.f_locals.items())
        yield f"the locals of {frame.f_code.co_name}() in a traceback", shown
