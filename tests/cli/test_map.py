"""`map`: who reads what from where, as text, JSON and a picture."""

import json
from pathlib import Path
from xml.etree import ElementTree as ET

from tests.cli.commands import (
    SHOP,
    Run,
)


def test_a_map_says_who_reads_what_from_where(run: Run, folder: Path) -> None:
    code, out, _ = run("map", *SHOP)
    assert code == 0
    assert "FileSecrets(secrets)" in out
    assert "tenants/{tenant}/ANTHROPIC_API_KEY" in out
    assert "Shop.agent" in out


def test_a_map_in_json_and_mermaid(run: Run, folder: Path) -> None:
    _, out, _ = run("map", *SHOP, "--json")
    assert {each["ref"] for each in json.loads(out)} == {
        "DB_PASSWORD",
        "ANTHROPIC_API_KEY",
    }
    _, out, _ = run("map", *SHOP, "--format", "mermaid")
    assert out.startswith("flowchart LR\n")
    assert 'w0["Shop.database.password"]' in out or "Shop.database" in out
    assert "-->" in out


def test_a_map_as_a_picture_is_well_formed(run: Run, folder: Path) -> None:
    (folder / "echo.yml").write_text("model: echo\nsecrets: {backend: env}")
    assert (
        "ECHO_API_KEY, else the environment"
        in run("map", "shop:Shop", "--config", "echo.yml")[1]
    )
    _, out, _ = run("map", "shop:Shop", "--config", "echo.yml", "--format", "svg")
    assert "each tenant" in run("map", *SHOP, "--format", "svg")[1]
    assert "the environment" in run("map", "shop:NoStore", "--format", "svg")[1]
    picture = ET.fromstring(out)  # noqa: S314 - our own
    assert picture.tag.endswith("svg")
    said = "".join(picture.itertext())
    assert "ECHO_API_KEY" in said
    assert 'class="optional"' in out


def test_a_map_of_what_needs_nothing_says_so(run: Run, folder: Path) -> None:
    assert "declares no needs" in run("map", "shop:Plain")[1]


def test_a_map_knows_tenants_parts_of_a_store(run: Run, folder: Path) -> None:
    (folder / "apart.json").write_text(
        '{"secrets": {"backend": "files", "files": {"directory": "secrets"},'
        ' "tenants": {"namespace": "customers/{tenant}"}}}'
    )
    _, out, _ = run("map", "shop:Apart", "--config", "apart.json")
    assert "customers/{tenant}: OWN" in out
    assert "the environment" not in out
    (folder / "none.json").write_text('{"secrets": {"backend": "env", "tenants": {}}}')
    _, out, _ = run("map", "shop:Apart", "--config", "none.json")
    assert "tenants have no place of their own" in out


def test_a_map_says_where_a_stores_own_settings_are_secrets(
    run: Run, folder: Path
) -> None:
    (folder / "env.json").write_text(
        '{"secrets": {"backend": "files", "files": {"directory": "secrets"}}}'
    )
    _, out, _ = run("map", "shop:Twins", "--config", "env.json")
    assert "a store whose settings are secrets" in out
