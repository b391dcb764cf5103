"""The demo shows what it promises, and no key."""

import importlib
import importlib.util
import json
import sys
from typing import Any

import pytest
from anyio.from_thread import start_blocking_portal

from secretscope.cli import main
from tests.agent.server import serving


@pytest.fixture(autouse=True)
def blockbuster() -> None:
    """Let the SDKs read their files as their first client is made."""


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
    assert main(["demo", "--model", "claude-opus-4-7"]) == 2
    assert "ANTHROPIC_API_KEY is not set" in capsys.readouterr().err


def test_an_unknown_model_lists_the_known(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["demo", "--model", "cluade-1"]) == 2
    assert "did you mean 'claude-'" in capsys.readouterr().err


def test_a_real_model_is_called_with_the_key_of_the_environment(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    key = "demo-environ-key-0001"
    monkeypatch.setenv("OPENAI_API_KEY", key)
    with (
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(serving(good={key})) as server,
    ):
        assert main(["demo", "--model", "gpt-x", "--base-url", server.url]) == 0
        assert {seen.key for seen in server.seen} == {key}
    shown = capsys.readouterr().out
    assert "hello there" in shown
    assert key not in shown


def test_without_trio_the_demo_says_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    found: Any = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util,
        "find_spec",
        lambda name: None if name == "trio" else found(name),
    )
    assert main(["demo"]) == 0
    assert "pip install 'secretscope[trio]'" in capsys.readouterr().out
    assert main(["demo", "--json"]) == 0
    assert "secretscope[trio]" in json.loads(capsys.readouterr().out)["notes"][0]


def test_the_package_runs_as_a_module(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["secretscope", "--help"])
    monkeypatch.delitem(sys.modules, "secretscope.__main__", raising=False)
    with pytest.raises(SystemExit) as caught:
        importlib.import_module("secretscope.__main__")
    assert caught.value.code == 0
    assert "demo" in capsys.readouterr().out
