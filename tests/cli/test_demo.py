"""The demo shows what it promises, and no key."""

import pytest

from secretscope.cli import main


def test_the_demo_runs_on_both_loops(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["demo"]) == 0
    shown = capsys.readouterr().out
    assert "on asyncio" in shown
    assert "on trio" in shown
    assert "✗ acme asks for globex's key" in shown
    assert "entries verified" in shown
    assert "demo-key" not in shown
    assert "\033" not in shown


def test_a_real_model_without_its_key_is_one_clear_line(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["demo", "--model", "claude-opus-4-7"]) == 1
    assert "ANTHROPIC_API_KEY is not set" in capsys.readouterr().err


def test_an_unknown_model_lists_the_known(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["demo", "--model", "cluade-1"]) == 1
    assert "did you mean 'claude-'" in capsys.readouterr().err
