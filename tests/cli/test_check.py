"""`check`: what is there, what is missing, and what belongs to tenants."""

import json
from pathlib import Path

import pytest

from tests.cli.commands import (
    SHOP,
    Run,
)
from tests.cli.conftest import ACME_VALUE, DB_VALUE


def test_check_finds_what_is_there_and_says_what_belongs_to_tenants(
    run: Run, folder: Path
) -> None:
    code, out, _ = run("check", *SHOP)
    assert code == 0
    database, agent = out.splitlines()[1:3]
    assert database.startswith("DB_PASSWORD")
    assert "Shop.database" in database
    assert " yes " in database
    assert "--tenant NAME asks for one tenant's" in agent
    assert "1 need can be met; 1 need of tenants not asked for" in out


def test_check_asks_for_each_named_tenant(run: Run, folder: Path) -> None:
    code, out, _ = run(
        "check", *SHOP, "--tenant", "acme", "--tenant", "globex", "--tenant", "acme"
    )
    assert code == 1
    assert "tenants/acme/ANTHROPIC_API_KEY" in out
    assert "put it at tenants/globex/ANTHROPIC_API_KEY" in out
    assert "1 of 3 needs can't be met" in out
    assert "{tenant}" not in out
    assert ACME_VALUE not in out
    assert DB_VALUE not in out


def test_check_in_json_holds_the_same_and_no_value(run: Run, folder: Path) -> None:
    code, out, _ = run("check", *SHOP, "--tenant", "acme", "--json")
    assert code == 0
    answers = json.loads(out)
    assert [(a["ref"], a["tenant"], a["found"]) for a in answers] == [
        ("DB_PASSWORD", None, "found"),
        ("ANTHROPIC_API_KEY", "acme", "found"),
    ]
    assert answers[0]["age"] is not None
    assert DB_VALUE not in out


def test_check_names_a_store_that_failed(run: Run, folder: Path) -> None:
    (folder / "secrets" / "DB_PASSWORD").unlink()
    (folder / "secrets" / "DB_PASSWORD").mkdir()
    code, out, _ = run("check", *SHOP)
    assert code == 3
    assert "failed" in out
    assert "a file, not a folder" in out


def test_check_of_a_store_that_cannot_be_opened_fails_every_need(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "down.py").write_text(DOWN)
    for target in ("down:App", "down:Grouped"):
        code, out, _ = run("check", target, "--json")
        assert code == 3
        (answer,) = json.loads(out)
        assert (answer["ref"], answer["found"]) == ("KEY", "failed")
        assert "the far store did not answer" in answer["advice"]
    code, out, _ = run("check", "down:OfTenants", "--tenant", "acme", "--json")
    assert code == 3
    (answer,) = json.loads(out)
    assert (answer["ref"], answer["tenant"], answer["found"]) == (
        "KEY",
        "acme",
        "failed",
    )
    monkeypatch.setenv("SECRETSCOPE_TRACEBACK", "1")
    assert "far store did not answer" in run("check", "down:App")[2]


DOWN = """
from dependency_injector import containers
from secretscope import (
    DictSecrets, ScopedSecrets, SecretsBackend, SecretValue, StoreUnavailableError,
)

class Far(DictSecrets):
    async def open(self):
        raise StoreUnavailableError("the far store")

    async def aclose(self):
        pass

class Many(Far):
    async def open(self):
        down = StoreUnavailableError("the far store")
        raise ExceptionGroup("two", [down, down])

async def stores(tenant):
    raise StoreUnavailableError("the far store")

class App(containers.DeclarativeContainer):
    backend = SecretsBackend(Far)
    key = SecretValue(backend, "KEY")

class Grouped(containers.DeclarativeContainer):
    backend = SecretsBackend(Many)
    key = SecretValue(backend, "KEY")

class OfTenants(containers.DeclarativeContainer):
    backend = SecretsBackend(DictSecrets, settings={"tenants": {"stores": stores}})
    secrets = ScopedSecrets(backend)
    key = SecretValue(secrets, "KEY")
"""


def test_check_takes_the_environment_where_the_order_does(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "env.yml").write_text("model: gpt-x\nsecrets: {backend: env}")
    monkeypatch.setenv("OPENAI_API_KEY", "environment-value-01")
    monkeypatch.delenv("DB_PASSWORD", raising=False)
    code, out, _ = run("check", "shop:Shop", "--config", "env.yml")
    assert code == 1
    assert "set the environment variable DB_PASSWORD" in out
    (folder / "files.yml").write_text(
        "model: gpt-x\nsecrets: {backend: files, files: {directory: secrets}}"
    )
    code, out, _ = run("check", "shop:Shop", "--config", "files.yml")
    assert code == 0
    assert "environment" in out
    assert "environment-value-01" not in out


def test_check_without_a_store_looks_in_the_environment(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, out, _ = run("check", "shop:NoStore")
    assert code == 1
    assert "set the environment variable OPENAI_API_KEY" in out
    monkeypatch.setenv("OPENAI_API_KEY", "environment-value-01")
    code, out, _ = run("check", "shop:NoStore")
    assert code == 0
    assert "NoStore.agent, NoStore.twin" in out


def test_check_merges_who_needs_the_same(run: Run, folder: Path) -> None:
    (folder / "secrets" / "ROOT").write_text("root-value-000001")
    (folder / "secrets" / "ROOT").chmod(0o600)
    (folder / "f.json").write_text(
        '{"secrets": {"backend": "files", "files": {"directory": "secrets"}}}'
    )
    code, out, _ = run("check", "shop:Twins", "--config", "f.json")
    assert code == 0
    assert "Twins.first.a, Twins.again.b" in out


def test_check_of_what_needs_nothing_says_so(run: Run, folder: Path) -> None:
    code, out, _ = run("check", "shop:Plain")
    assert code == 0
    assert "shop:Plain declares no needs" in out


def test_check_says_that_what_belongs_to_tenants_was_not_asked_for(
    run: Run, folder: Path
) -> None:
    code, out, _ = run("check", "shop:Apart", "--config", "shop.yml")
    assert code == 0
    assert out.endswith("1 need of tenants not asked for: name them with --tenant\n")


def test_a_tenant_without_a_place_of_its_own_finds_nothing(
    run: Run, folder: Path
) -> None:
    (folder / "flat.toml").write_text(
        'secrets = {backend = "files", files = {directory = "secrets"}}'
    )
    (folder / "secrets" / "OWN").write_text("own-value-for-tests")
    (folder / "secrets" / "OWN").chmod(0o600)
    code, out, _ = run(
        "check", "shop:Apart", "--config", "flat.toml", "--tenant", "acme"
    )
    assert code == 1
    assert "tenants have no place of their own: set secrets.tenants.path" in out


def test_settings_are_read_from_sections_within_sections(
    run: Run, folder: Path
) -> None:
    (folder / "shop.ini").write_text(
        "[secrets]\nbackend = files\n[secrets.files]\ndirectory = secrets\n"
        "[secrets.tenants]\npath = tenants/{tenant}/{ref}\n"
    )
    _, out, _ = run("map", "shop:Apart", "--config", "shop.ini")
    assert "tenants/{tenant}/OWN" in out


def test_what_a_module_prints_is_kept_out_of_the_output(run: Run, folder: Path) -> None:
    _, out, err = run("map", "shop:made", "--config", "shop.yml", "--json")
    assert err == "noise\n"
    assert json.loads(out)


def test_a_function_or_an_instance_will_do(run: Run, folder: Path) -> None:
    for name in ("shop:made", "shop:shop"):
        assert run("check", name, "--config", "shop.yml")[0] == 0
