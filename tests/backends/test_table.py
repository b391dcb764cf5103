"""The table of stores in the docs says what the code says, cell by cell."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from secretscope import DictSecrets, EnvSecrets
from secretscope.backends.aws import AwsSource
from secretscope.backends.aws_parameters import AwsParameterSource
from secretscope.backends.azure import AzureSource
from secretscope.backends.dotenv import DotenvSource
from secretscope.backends.files import FileSource
from secretscope.backends.gcp import GcpSource
from secretscope.backends.keyring import KeyringSource
from secretscope.backends.vault import VaultSource
from secretscope.protocols import (
    AuthenticatedSource,
    Batched,
    BatchSource,
    LeasingSource,
    NamespacedSource,
    Observable,
    Secrets,
    TenantedSource,
    WatchingSource,
    WritableSource,
)
from secretscope.providers.settings._backends import BACKENDS

ROOT = Path(__file__).parent.parent.parent
PAGE = ROOT / "docs" / "stores.md"

SOURCES: dict[str, type[Any]] = {
    "files": FileSource,
    "dotenv": DotenvSource,
    "keyring": KeyringSource,
    "vault": VaultSource,
    "aws": AwsSource,
    "aws-parameters": AwsParameterSource,
    "gcp": GcpSource,
    "azure": AzureSource,
}
"""Each kind of store that is a source behind the cache, by its name in settings."""

IN_PROCESS: dict[str, type[Any]] = {"env": EnvSecrets, "dict": DictSecrets}
"""Each that keeps nothing, or all of it."""

VERSIONS = {
    "vault": "vault/test_kv.py::test_one_version_is_read_by_its_number",
    "aws": "aws/test_secrets.py::test_the_previous_version_is_read_at_its_stage",
    "gcp": "gcp/test_faults.py::test_versions_aliases_and_whole_names_are_read",
    "aws-parameters": "aws/test_parameters.py::test_versions_and_labels_are_read",
    "azure": "azure/test_faults.py::test_a_version_is_read_by_its_id",
}
"""The test that reads a version other than the newest, where a store has such."""

TALENTS: dict[str, type[Any]] = {
    "batch": BatchSource,
    "watch": WatchingSource,
    "leases": LeasingSource,
    "write": WritableSource,
    "namespaces": NamespacedSource,
    "tenants' logins": TenantedSource,
    "logs in anew": AuthenticatedSource,
}
"""The columns that are a protocol of sources."""


def _table() -> dict[str, dict[str, str]]:
    """Return the page's cells, by store and by column."""
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in PAGE.read_text().splitlines()
        if line.startswith("|")
    ]
    head, _, *body = rows
    return {row[0].strip("`"): dict(zip(head, row, strict=True)) for row in body}


def _cell(*, has: bool) -> str:
    return "yes" if has else ""


def test_every_store_that_settings_name_has_its_row() -> None:
    known = set(BACKENDS) - {"chain"}
    assert set(_table()) == known, "add a row to docs/stores.md"
    assert set(SOURCES) | set(IN_PROCESS) == known, "add a line to SOURCES here"


@pytest.mark.parametrize("name", SOURCES)
def test_the_row_of_a_source_says_what_its_class_can(name: str) -> None:
    row = _table()[name]
    said = {talent: row[talent] for talent in TALENTS}
    assert said == {
        talent: _cell(has=issubclass(SOURCES[name], protocol))
        for talent, protocol in TALENTS.items()
    }


@pytest.mark.parametrize("name", IN_PROCESS)
async def test_the_row_of_a_store_in_the_process_says_what_it_can(name: str) -> None:
    store: Secrets = IN_PROCESS[name]()
    try:
        await store.store("KEY", "table-value-0001")
    except NotImplementedError:
        writes = False
    else:
        writes = True
    can = {"batch": Batched, "watch": Observable}
    row = _table()[name]
    assert {talent: row[talent] for talent in TALENTS} == {
        talent: _cell(
            has=writes
            if talent == "write"
            else talent in can and isinstance(store, can[talent])
        )
        for talent in TALENTS
    }


@pytest.mark.parametrize("name", [*SOURCES, *IN_PROCESS])
def test_old_versions_are_read_where_a_test_reads_them(name: str) -> None:
    proof = VERSIONS.get(name)
    assert _table()[name]["versions"] == _cell(has=proof is not None)
    if proof is not None:
        file, _, test = proof.partition("::")
        tree = ast.parse((Path(__file__).parent / file).read_text())
        functions = ast.FunctionDef | ast.AsyncFunctionDef
        assert test in {n.name for n in ast.walk(tree) if isinstance(n, functions)}


@pytest.mark.parametrize("name", [*SOURCES, *IN_PROCESS])
def test_the_extra_is_one_that_there_is(name: str) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    for extra in re.findall(r"`([a-z]+)`", _table()[name]["extra"]):
        assert extra in project["optional-dependencies"]
