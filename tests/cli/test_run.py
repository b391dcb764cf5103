"""Errors that leave a command in groups, as task groups raise them."""

import errno
import io
import os
import sys

import click
import pytest

from secretscope import ConfigurationError, StoreUnavailableError
from secretscope.cli import _run
from secretscope.cli._check import seconds
from secretscope.cli._faults import said
from secretscope.cli._group import commands


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> list[BaseException]:
    """Give a list: a command raises the last error in it."""
    errors: list[BaseException] = []

    def fail(**_: object) -> None:
        raise errors[-1]

    monkeypatch.setattr(commands, "main", fail)
    return errors


def test_every_error_of_a_group_is_told(
    failing: list[BaseException], capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = ConfigurationError("secrets.backend: is not set")
    outage = StoreUnavailableError("the vault", reason="sealed")
    failing.append(ExceptionGroup("two", [wrong, ExceptionGroup("one", [outage])]))
    assert _run.run(["check"]) == 3
    said = capsys.readouterr().err
    assert "secrets.backend" in said
    assert "sealed" in said


def test_a_bug_is_one_line_without_its_text_unless_tracebacks_are_asked_for(
    failing: list[BaseException],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    failing.append(ExceptionGroup("two", [ValueError("hunter2"), click.Abort()]))
    assert _run.run(["check"]) == 130
    err = capsys.readouterr().err
    assert "ValueError (its text is not shown" in err
    assert "SECRETSCOPE_TRACEBACK=1 shows the traceback" in err
    assert "hunter2" not in err
    monkeypatch.setenv("SECRETSCOPE_TRACEBACK", "1")
    with pytest.raises(ExceptionGroup):
        _run.run(["check"])
    failing.append(ConfigurationError("secrets.backend: is not set"))
    assert _run.run(["check"]) == 2
    assert "ValueError: hunter2" in said(ValueError("hunter2"))


def test_what_is_told_twice_is_told_once(
    failing: list[BaseException], capsys: pytest.CaptureFixture[str]
) -> None:
    outage = [StoreUnavailableError("the vault", reason="sealed") for _ in range(2)]
    failing.append(ExceptionGroup("two", outage))
    assert _run.run(["check", "--", "--json"]) == 3
    assert capsys.readouterr().err.count("sealed") == 1


def test_an_error_of_the_system_says_what_and_where(
    failing: list[BaseException], capsys: pytest.CaptureFixture[str]
) -> None:
    failing.append(ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused"))
    assert _run.run(["check"]) == 3
    assert "ConnectionRefusedError: Connection refused" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("amount", "said"),
    [(None, "-"), (7.4, "7 s"), (119, "119 s"), (120, "2 min"), (7200, "2 h"), (172800, "2 d")],
)  # fmt: skip
def test_times_are_said_as_people_say_them(amount: float | None, said: str) -> None:
    assert seconds(amount) == said


def test_whoever_reads_the_output_may_leave_in_the_middle(
    failing: list[BaseException], capfd: pytest.CaptureFixture[str]
) -> None:
    failing.append(ExceptionGroup("one", [BrokenPipeError()]))
    out = os.dup(sys.__stdout__.fileno())  # type: ignore[union-attr]
    try:
        assert _run.run(["redact"]) == 0
    finally:
        os.dup2(out, sys.__stdout__.fileno())  # type: ignore[union-attr]
        os.close(out)
    assert capfd.readouterr().err == ""


def test_a_mistake_without_a_command_has_no_hint(
    failing: list[BaseException], capsys: pytest.CaptureFixture[str]
) -> None:
    failing.append(click.ClickException("something is wrong"))
    assert _run.run(["map"]) == 2
    assert capsys.readouterr().err == "secretscope: something is wrong\n"


def test_output_that_is_no_stream_of_bytes_is_left_as_it_is(
    failing: list[BaseException], monkeypatch: pytest.MonkeyPatch
) -> None:
    written = io.StringIO()
    monkeypatch.setattr("sys.stderr", written)
    failing.append(click.Abort())
    assert _run.run(["check"]) == 130
    assert written.getvalue() == "secretscope: interrupted\n"


def test_a_command_that_is_not_there_is_none() -> None:
    assert commands.get_command(click.Context(commands), "frobnicate") is None
