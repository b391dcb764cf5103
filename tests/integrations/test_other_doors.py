"""structlog, OpenTelemetry, warnings, and exceptions that nobody caught."""

import gc
import subprocess
import sys
import threading
import warnings

import pytest
import structlog
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import Link, SpanContext, Status, StatusCode

from secretscope.integrations.hooks import install
from secretscope.integrations.opentelemetry import RedactingSpanProcessor
from secretscope.integrations.structlog import RedactingProcessor

PAT = "ghp_" + "aB3dE5gH7jK9mN1pQ3sT5vW7yZ9bC1eF3hJ5"
R = "[REDACTED]"


def test_structlogs_events_are_masked(capsys: pytest.CaptureFixture[str]) -> None:
    log = structlog.wrap_logger(
        structlog.PrintLogger(),
        processors=[
            RedactingProcessor(),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(sort_keys=True),
        ],
    )
    message = f"see {PAT}"
    log.info(message, api_key="k", nested={"list": [PAT]}, n=1)
    assert capsys.readouterr().out == (
        f'{{"api_key": "{R}", "event": "see {R}", "n": 1, "nested": {{"list": ["{R}"]}}}}\n'
    )
    try:
        raise ValueError(PAT)
    except ValueError:
        log.exception("failed")
    said = capsys.readouterr().out
    assert PAT not in said
    assert f"ValueError: {R}" in said


def test_spans_are_exported_masked() -> None:
    out = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(RedactingSpanProcessor(SimpleSpanProcessor(out)))
    tracer = provider.get_tracer("tests")
    links = [Link(SpanContext(1, 1, is_remote=False), {"link": PAT})]
    with tracer.start_as_current_span(f"call {PAT}", links=links) as span:
        span.set_attribute("http.url", f"https://x/?access_token={PAT}")
        span.set_attribute("api_key", "k")
        span.add_event(f"event {PAT}", {"text": PAT})
        span.set_status(Status(StatusCode.ERROR, f"bad {PAT}"))
    assert provider.force_flush()
    (span_out,) = out.get_finished_spans()
    assert PAT not in span_out.to_json()
    assert span_out.name == f"call {R}"
    assert span_out.attributes == {
        "http.url": f"https://x/?access_token={R}",
        "api_key": R,
    }
    assert span_out.events[0].attributes == {"text": R}
    assert span_out.links[0].attributes == {"link": R}
    provider.shutdown()


def test_exceptions_that_nobody_caught_are_masked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    said: list[str] = []
    monkeypatch.setattr(
        warnings, "showwarning", lambda message, *rest: said.append(f"{message}")
    )
    monkeypatch.setattr(sys, "excepthook", lambda k, e, t: said.append(f"{k} {e}"))
    monkeypatch.setattr(
        threading, "excepthook", lambda what: said.append(f"thread {what.exc_value}")
    )
    monkeypatch.setattr(
        sys,
        "unraisablehook",
        lambda what: said.append(f"{what.err_msg} {what.exc_value} {what.object}"),
    )

    def fails() -> None:
        raise ValueError(PAT)

    class Dying:
        def __del__(self) -> None:
            fails()

    standing = (warnings.showwarning, sys.excepthook, threading.excepthook)
    uninstall = install()
    try:
        warnings.showwarning(f"warned of {PAT}", UserWarning, "program.py", 1)
        sys.excepthook(ValueError, ValueError(PAT), None)
        thread = threading.Thread(target=fails)
        thread.start()
        thread.join()
        Dying()
        gc.collect()
    finally:
        uninstall()
    assert standing == (warnings.showwarning, sys.excepthook, threading.excepthook)
    assert PAT not in " ".join(said)
    assert [R in line for line in said] == [True] * 4


def test_the_interpreters_own_hook_is_spoken_for(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Dying:
        def __del__(self) -> None:
            raise ValueError(PAT)

    monkeypatch.setattr(sys, "unraisablehook", sys.__unraisablehook__)
    uninstall = install()
    try:
        Dying()
        gc.collect()
    finally:
        uninstall()
    said = capsys.readouterr().err
    assert "Exception ignored in: <function " in said
    assert f"ValueError: {R}" in said
    assert PAT not in said


PROGRAM = """
import threading, warnings
from secretscope.integrations.hooks import install
install()
TOKEN = "ghp_" + "aB3dE5gH7jK9mN1pQ3sT5vW7yZ9bC1eF3hJ5"
warnings.warn("warned of " + TOKEN)
def fails():
    raise KeyError(TOKEN)
thread = threading.Thread(target=fails)
thread.start()
thread.join()
class Dying:
    def __del__(self):
        fails()
Dying()
raise ValueError("died of " + TOKEN)
"""


def test_a_program_that_warns_and_dies_says_nothing_secret() -> None:
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert PAT not in done.stderr
    assert f"UserWarning: warned of {R}" in done.stderr
    assert f"KeyError: '{R}'" in done.stderr
    assert f"ValueError: died of {R}" in done.stderr
    assert "Exception ignored in: <function Dying.__del__" in done.stderr
