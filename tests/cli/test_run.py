"""Errors that leave a command in groups, as task groups raise them."""

import os
import sys

import click
import pytest

from secretscope import ConfigurationError, StoreUnavailableError
from secretscope.cli import _run
from secretscope.cli._check import seconds
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


def test_a_bug_keeps_its_traceback(failing: list[BaseException]) -> None:
    failing.append(ExceptionGroup("two", [ValueError("a bug"), click.Abort()]))
    with pytest.raises(ExceptionGroup):
        _run.run(["check"])


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


def test_a_command_that_is_not_there_is_none() -> None:
    assert commands.get_command(click.Context(commands), "frobnicate") is None
