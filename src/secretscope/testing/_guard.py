"""The leak guard: a test fails if a secret appears where people could read it."""

from __future__ import annotations

import traceback
from collections.abc import Generator, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any

from secretscope.redaction import redact
from secretscope.testing._canaries import Canaries, scopes_followed
from secretscope.testing._overheard import Overheard
from secretscope.testing._pytest import pytest

MARKER = "leak_guard"
_MOST = 64 * 1024 * 1024
"""Bytes of a file that are read."""


class LeakGuard:
    """What pytest calls; one a session, and one set of canaries a test.

    Args:
        always: guard every test, not only the marked ones.
    """

    def __init__(self, *, always: bool) -> None:
        self._always = always
        self._canaries: Canaries | None = None
        self._overheard = Overheard()
        self._told: list[str] = []

    @pytest.hookimpl(wrapper=True)
    def pytest_runtestloop(self) -> Generator[None, Any, Any]:
        """Know of the lifetimes that fixtures of a session open."""
        with scopes_followed():
            return (yield)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, Any, Any]:
        """Let canaries out around a guarded test's set-up, call and tear-down."""
        marker = item.get_closest_marker(MARKER)
        off = not self._always if marker is None else marker.kwargs.get("off")
        if off:
            return (yield)
        self._canaries, self._overheard, self._told = Canaries(), Overheard(), []
        try:
            with self._canaries.out(), self._overheard.listening():
                return (yield)
        finally:
            self._canaries = None

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Fail a report whose test let a secret out."""
        report = yield
        if self._canaries is None:
            return report
        seen = self._canaries.seen_in(self._texts(report))
        if call.excinfo is not None:
            seen += self._canaries.seen_in(_locals(call.excinfo.tb))
        leaks = [leak for leak in seen if leak not in self._told]
        self._told += leaks
        if leaks:
            told = "\n".join(f"  {leak}" for leak in leaks)
            said = f"leak guard: secrets were let out\n{told}"
            if report.failed:
                report.sections.append(("leak guard", said))
            else:
                report.outcome, report.longrepr = "failed", said
        self._overheard.texts.clear()
        return report

    def _texts(self, report: pytest.TestReport) -> Iterator[tuple[str, str]]:
        for name, text in report.sections:
            if report.when in name:
                yield name.lower(), text
        yield from self._overheard.texts
        if report.when != "setup":
            yield "a property of the report", repr(report.user_properties)
            for folder in self._overheard.folders:
                yield from _files(folder)


def _files(folder: Path) -> Iterator[tuple[str, str]]:
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        yield "the name of a file", name
        if path.is_file():
            with path.open("rb") as file:
                text = file.read(_MOST).decode("utf-8", "surrogateescape")
            yield f"the file {redact(name)}", text


def _locals(trace: TracebackType | None) -> Iterator[tuple[str, str]]:
    """Yield what a traceback with locals shows of each frame."""
    for frame, _ in traceback.walk_tb(trace):
        shown = " ".join(f"{k}={v!r}" for k, v in frame.f_locals.items())
        yield f"the locals of {frame.f_code.co_name}() in a traceback", shown
