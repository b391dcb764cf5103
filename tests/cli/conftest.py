"""An application in a folder of its own, as a command finds it."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from secretscope.cli import main

CONTAINER = """
import anyio
from dependency_injector import containers, providers
from secretscope import (
    Agent, AgentFactory, DictSecrets, ScopedSecrets, SecretsBackend, SecretValue, Tuning,
)

class Shop(containers.DeclarativeContainer):
    config = providers.Configuration()
    backend = SecretsBackend(config.secrets)
    secrets = ScopedSecrets(backend)
    database = providers.Factory(dict, password=SecretValue(backend, "DB_PASSWORD"))
    tuning = providers.Factory(Tuning, secrets=secrets)
    agent = AgentFactory(Agent, "You help.", model=config.model, tuning=tuning)

class Plain(containers.DeclarativeContainer):
    value = providers.Object(1)

class TwoStores(containers.DeclarativeContainer):
    config = providers.Configuration()
    first = SecretsBackend(config.first)
    second = SecretsBackend(config.second)
    one = ScopedSecrets(first)
    two = ScopedSecrets(second)

class NoStore(containers.DeclarativeContainer):
    agent = AgentFactory(Agent, "You help.", model="gpt-x", tuning=providers.Factory(Tuning))
    twin = AgentFactory(Agent, "You help, too.", model="gpt-x")

class Twins(containers.DeclarativeContainer):
    config = providers.Configuration()
    vault = SecretsBackend(config.secrets)
    root = SecretValue(vault, "ROOT")
    inner = SecretsBackend(DictSecrets, providers.Dict(PLAIN=root))
    first = providers.Factory(dict, a=SecretValue(inner, "PLAIN"))
    again = providers.Factory(dict, b=SecretValue(inner, "PLAIN", default=None))

class Apart(containers.DeclarativeContainer):
    config = providers.Configuration()
    backend = SecretsBackend(config.secrets)
    secrets = ScopedSecrets(backend)
    own = providers.Factory(dict, a=SecretValue(secrets, "OWN"))

class Stores(containers.DeclarativeContainer):
    config = providers.Configuration()
    core = providers.Container(Apart, config=config)

class Shown(dict):
    # a store of a user: its repr shows what it holds, and so do its errors

    async def resolve(self, ref):
        raise RuntimeError(f"no {ref} in {self}")

    async def store(self, ref, value):
        raise RuntimeError(f"can't write {value}")

    def redact(self, text):
        return text

    def lookup_sync(self, ref):
        return None

class Slow(Shown):
    async def resolve(self, ref):
        await anyio.sleep_forever()

class OwnStore(containers.DeclarativeContainer):
    backend = SecretsBackend(Shown, KEY="hunter2hunter2")
    token = SecretValue(backend, "KEY")

class SlowStore(containers.DeclarativeContainer):
    backend = SecretsBackend(Slow, KEY="hunter2hunter2")
    token = SecretValue(backend, "KEY")

class Strict(containers.DeclarativeContainer):
    config = providers.Configuration(strict=True)
    backend = SecretsBackend(config.secrets)
    token = SecretValue(backend, "KEY")

class Fails(containers.DeclarativeContainer):
    config = providers.Configuration(json_files=["gone.json"], strict=True)

def made():
    print("noise")
    return Shop()

async def later():
    return Shop()

def broken():
    raise RuntimeError("password=hunter2hunter2")

def other():
    return 7

shop = Shop()
number = 7
"""
CONFIG = """
model: claude-opus-4-7
secrets:
  backend: files
  files: {directory: secrets}
  tenants: {path: "tenants/{tenant}/{ref}"}
first: {backend: dict, dict: {A: first-value-0001}}
second: {backend: env}
"""

DB_VALUE, ACME_VALUE = "db-value-for-tests-01", "acme-value-for-tests-01"


@pytest.fixture(autouse=True)
def blockbuster() -> None:
    """Let commands read files: no event loop of an application waits for them."""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Give the folder that commands run in, with a container and what it reads."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    (tmp_path / "shop.py").write_text(CONTAINER)
    (tmp_path / "shop.yml").write_text(CONFIG)
    secrets = tmp_path / "secrets"
    (secrets / "tenants" / "acme").mkdir(parents=True)
    for path, value in (
        (secrets / "DB_PASSWORD", DB_VALUE),
        (secrets / "tenants" / "acme" / "ANTHROPIC_API_KEY", ACME_VALUE),
    ):
        path.write_text(value)
        path.chmod(0o600)
    before = set(sys.modules)
    yield tmp_path
    for name in set(sys.modules) - before:
        origin = getattr(sys.modules[name], "__file__", None) or ""
        if origin.startswith(str(tmp_path)):
            del sys.modules[name]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """Give a function that runs a command: its code, and what it said where."""

    def run(*argv: str) -> tuple[int, str, str]:
        code = main(argv)
        said = capsys.readouterr()
        return code, said.out, said.err

    return run
