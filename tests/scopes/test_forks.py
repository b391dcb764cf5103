"""A fork's child reads nothing of what its parent has open, and says why."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import anyio
import pytest
from dependency_injector import containers, providers

from secretscope import (
    DictSecrets,
    ForkedError,
    Rotating,
    ScopedSecrets,
    SecretsBackend,
    lifetime,
)
from secretscope.scopes._forks import in_child

ROOT = Path(__file__).parents[2]
VALUES = {"OWN": "own-key-00000001", "t/acme/KEY": "acme-key-0000001"}
TENANTS = {"tenants": {"path": "t/{tenant}/{ref}"}}


class App(containers.DeclarativeContainer):
    store = providers.Object(DictSecrets(VALUES))
    backend = SecretsBackend(store, settings=TENANTS)
    secrets = ScopedSecrets(backend)
    client: Any = Rotating(
        dict, key=providers.Callable(lambda s: s.peek("KEY"), secrets)
    )


class Platform(containers.DeclarativeContainer):
    backend = SecretsBackend(providers.Object(DictSecrets(VALUES)))


@pytest.mark.parametrize("loop", ["asyncio", "trio"])
def test_a_child_is_refused_whatever_it_reads(loop: str) -> None:
    app: Any = App()
    with lifetime(app, loop=loop) as secrets, secrets.tenant("acme") as acme:
        direct = app.backend()
        assert app.client() == {"key": "acme-key-0000001"}
        in_child()
        for read in (
            lambda: acme.lookup_sync("KEY"),
            lambda: app.secrets().lookup_sync("KEY"),
            lambda: secrets.lookup_sync("KEY"),
            lambda: direct.lookup_sync("OWN"),
            lambda: app.backend().peek("OWN"),
            app.client,
            secrets.tenant("acme").__enter__,
            secrets.tenant("globex").__enter__,
            secrets.override(KEY="a-key-of-ones-own").__enter__,
            lifetime(app, loop=loop).__enter__,
        ):
            with pytest.raises(ForkedError, match="forked from"):
                read()


async def test_a_child_of_a_loop_is_refused_too() -> None:
    app: Any = App()
    async with lifetime(app) as secrets:
        in_child()
        with pytest.raises(ForkedError):
            await secrets.resolve("OWN")
        with pytest.raises(ForkedError):
            async with secrets.tenant("acme"):
                pass
        with pytest.raises(ForkedError):
            await app.backend().resolve("OWN")


@pytest.mark.parametrize("loop", ["asyncio", "trio"])
def test_a_child_changes_nothing_either(loop: str) -> None:
    app: Any = App()
    with lifetime(app, loop=loop) as secrets:
        in_child()
        for change in (
            lambda: secrets.rotate("OWN"),
            lambda: secrets.store("OWN", "own-key-00000002"),
            lambda: secrets.forget("acme"),
        ):
            with pytest.raises(ForkedError):
                anyio.run(change)


def test_a_store_that_is_read_directly_is_refused_too() -> None:
    app: Any = Platform()
    with lifetime(app) as secrets:
        in_child()
        for read in (
            lambda: secrets.lookup_sync("OWN"),
            lambda: app.backend().lookup_sync("OWN"),
            lifetime(app).__enter__,
        ):
            with pytest.raises(ForkedError):
                read()


CHILD = """
import os
from secretscope import ForkedError, lifetime
from tests.scopes.test_forks import App

app = App()
with lifetime(app, loop={loop!r}) as secrets, secrets.tenant("acme") as acme:
    child = os.fork()
    if not child:
        try:
            acme.lookup_sync("KEY")
        except ForkedError:
            with lifetime(App()) as own, own.tenant("acme") as fresh:
                os._exit(7 if fresh.lookup_sync("KEY") == "acme-key-0000001" else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
    assert acme.lookup_sync("KEY") == "acme-key-0000001"
print("the parent reads on")
"""


@pytest.mark.parametrize("loop", ["asyncio", "trio"])
def test_a_child_that_was_really_forked_opens_a_lifetime_of_its_own(loop: str) -> None:
    said = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", CHILD.format(loop=loop)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert said.stdout == "the parent reads on\n"
