"""`store` and `rotate`: values come from pipes and terminals, and are shown nowhere."""

import io
import json
from pathlib import Path

import pytest

from tests.cli.commands import (
    SHOP,
    Run,
)


def test_store_takes_the_value_from_a_pipe(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", piped(b"piped\r\nvalue-0001\n"))
    code, out, err = run("store", *SHOP, "NEW_KEY", "--tenant", "acme")
    assert (code, out) == (0, "stored NEW_KEY for tenant acme\n")
    stored = folder / "secrets" / "tenants" / "acme" / "NEW_KEY"
    assert stored.read_bytes() == b"piped\r\nvalue-0001"
    assert "value-0001" not in out + err
    monkeypatch.setattr("sys.stdin", piped(b"\xff\xfe"))
    code, out, err = run("store", *SHOP, "NEW_KEY", "--tenant", "acme")
    assert code == 2
    assert "no UTF-8 text" in err


def piped(given: bytes) -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(given), newline="")


def test_store_and_rotate_without_a_tenant_are_of_the_applications_own(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for on in ((), ("--on", "backend"), ("--on", "secrets")):
        monkeypatch.setattr("sys.stdin", io.StringIO("own-value-for-tests\n"))
        code, out, _ = run("store", *SHOP, "DB_PASSWORD", *on, "--json")
        assert code == 0
        stored = json.loads(out)
        assert (stored["ref"], stored["tenant"]) == ("DB_PASSWORD", None)
        assert stored["stored"] is True
        code, out, _ = run("rotate", *SHOP, "DB_PASSWORD", *on)
        assert (code, out.split(";")[0]) == (0, "DB_PASSWORD was fetched anew")
    assert (folder / "secrets" / "DB_PASSWORD").read_text() == "own-value-for-tests"


def test_a_store_in_a_container_within_is_named_by_its_path(
    run: Run, folder: Path
) -> None:
    own = ("shop:Stores", "--config", "shop.yml", "ANTHROPIC_API_KEY")
    code, out, _ = run("rotate", *own, "--on", "core.secrets", "--tenant", "acme")
    assert code == 0
    assert "ANTHROPIC_API_KEY of tenant acme was fetched anew" in out


def test_a_value_that_a_stores_error_holds_is_masked(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("value-for-tests-77"))
    code, out, err = run("store", "shop:OwnStore", "KEY", "--json")
    assert code == 3
    assert "value-for-tests-77" not in out + err


def test_store_asks_on_a_terminal_and_shows_nothing(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed = iter(["typed-value-0001", "typed-value-0001"])
    monkeypatch.setattr("click.termui.hidden_prompt_func", lambda text: next(typed))
    monkeypatch.setattr("sys.stdin", _Terminal())
    code, out, _ = run("store", *SHOP, "TYPED", "--tenant", "acme", "--on", "secrets")
    assert code == 0
    assert "typed-value" not in out


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_rotate_says_which_version_is_read_now(run: Run, folder: Path) -> None:
    code, out, _ = run("rotate", *SHOP, "ANTHROPIC_API_KEY", "--tenant", "acme")
    assert code == 0
    assert out == (
        "ANTHROPIC_API_KEY of tenant acme was fetched anew; its store does not number "
        "versions\n"
    )
    code, out, _ = run(
        "rotate", *SHOP, "ANTHROPIC_API_KEY", "--tenant", "acme", "--json"
    )
    assert json.loads(out)["tenant"] == "acme"


def test_rotate_where_the_store_numbers_nothing(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UNNUMBERED", "environment-value-01")
    two = ("shop:TwoStores", "--config", "shop.yml")
    code, out, _ = run("rotate", *two, "UNNUMBERED", "--on", "two")
    assert code == 0
    assert "its store does not number versions" in out


def test_the_version_that_a_store_gives_is_shown(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "numbered.py").write_text(NUMBERED)
    code, out, _ = run("rotate", "numbered:App", "KEY")
    assert (code, out) == (0, "KEY was fetched anew; it is at version v7\n")
    assert " v7 " in run("check", "numbered:App")[1]


NUMBERED = """
from dependency_injector import containers
from secretscope import Secret, SecretsBackend, SecretValue

class Numbered:
    async def fetch(self, location):
        return Secret("numbered-value-01", version="v7")

class App(containers.DeclarativeContainer):
    backend = SecretsBackend(Numbered)
    key = SecretValue(backend, "KEY")
"""


def test_rotate_of_one_of_several_stores(run: Run, folder: Path) -> None:
    two = ("shop:TwoStores", "--config", "shop.yml")
    code, out, _ = run("rotate", *two, "A", "--on", "one")
    assert code == 0
    assert "A was fetched anew" in out
