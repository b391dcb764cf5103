"""The pytest plugin, as a project that installs secretscope meets it."""

import threading
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import anyio.to_thread
import pytest
from dependency_injector import containers, providers

from secretscope import (
    AmbiguousStoreError,
    CachedSecrets,
    ConfigurationError,
    DictSecrets,
    MissingSecretError,
    Policy,
    ScopedSecrets,
    SecretFields,
    SecretsBackend,
    SecretValue,
    lifetime,
)
from secretscope.scopes import force
from secretscope.testing import (
    HandClock,
    OpenTenant,
    OverrideSecrets,
    Read,
    ScriptedSource,
    SecretReads,
)


class App(containers.DeclarativeContainer):
    config = providers.Configuration()
    backend = SecretsBackend(config.secrets)
    secrets = ScopedSecrets(backend)
    platform: Any = providers.Singleton(dict, key=SecretValue(backend, "PLATFORM"))
    own: Any = providers.Factory(dict, key=SecretValue(secrets, "KEY"))
    pair: Any = SecretFields(backend, "db", "user", "password")
    password: Any = providers.Factory(dict, key=SecretValue(backend, "db#password"))


class Two(containers.DeclarativeContainer):
    first = SecretsBackend(DictSecrets)
    second = SecretsBackend(DictSecrets)
    one = ScopedSecrets(first)
    two = ScopedSecrets(second)


SETTINGS = {
    "backend": "dict",
    "dict": {
        "PLATFORM": "platform-value-1",
        "t/acme/KEY": "acme-value-00001",
        "pair": '{"user": "otto", "password": "stored-value-01"}',
    },
    "tenants": {"path": "t/{tenant}/{ref}", "inherit": ["SHARED"]},
}


@pytest.fixture
async def app() -> AsyncIterator[Any]:
    """Open a lifetime in a fixture, whose context no test shares."""
    app = App(config={"secrets": SETTINGS})
    async with lifetime(app, needs=[]):
        yield app


# --- overriding while a lifetime is open ---------------------------------------------


async def test_an_override_reaches_tasks_threads_and_open_frames(
    app: Any, override_secrets: OverrideSecrets
) -> None:
    seen: list[str | None] = []
    read = app.secrets().lookup_sync
    given = override_secrets(app, {"SHARED": "shared-for-tests"})
    assert given.lookup_sync("SHARED") == "shared-for-tests"
    thread = threading.Thread(target=lambda: seen.append(read("SHARED")))
    thread.start()
    await anyio.to_thread.run_sync(thread.join)
    async with anyio.create_task_group() as group:
        group.start_soon(anyio.to_thread.run_sync, lambda: seen.append(read("SHARED")))
    assert seen == ["shared-for-tests"] * 2
    assert app.backend().lookup_sync("SHARED") == "shared-for-tests"
    assert await app.backend().resolve("SHARED") == "shared-for-tests"


async def test_an_override_is_for_one_tenant_where_it_says_so(
    app: Any, override_secrets: OverrideSecrets, open_tenant: OpenTenant
) -> None:
    async with open_tenant(app, "acme") as acme:
        assert acme.lookup_sync("KEY") == "acme-value-00001"
        override_secrets(app, {"KEY": "acme-for-tests-1"}, tenant="acme")
        assert acme.lookup_sync("KEY") == "acme-for-tests-1"
        assert app.own() == {"key": "acme-for-tests-1"}
        override_secrets(app, {"OTHER": "other-for-tests"}, tenant="acme")
        assert acme.lookup_sync("KEY") == "acme-for-tests-1"
        async with open_tenant(app, "acme") as again:
            assert again.lookup_sync("OTHER") == "other-for-tests"
    async with open_tenant(app, "globex") as globex:
        with pytest.raises(MissingSecretError):
            globex.lookup_sync("KEY")


async def test_the_last_override_holds_and_ends_with_its_test() -> None:
    app: Any = App(config={"secrets": SETTINGS})
    async with lifetime(app, needs=[]) as secrets, secrets.tenant("acme") as before:
        scope = app.secrets.reader.scope
        first = force(scope, {"KEY": "first-for-tests-1"}, tenant="acme")
        second = force(scope, {"KEY": "second-for-tests"}, tenant="acme")
        async with secrets.tenant("acme") as meanwhile:
            with secrets.override(KEY="block-for-tests-1") as block:
                assert before.lookup_sync("KEY") == "second-for-tests"
                second()
                assert meanwhile.lookup_sync("KEY") == "first-for-tests-1"
                first()
                assert meanwhile.lookup_sync("KEY") == "acme-value-00001"
                assert block.lookup_sync("KEY") == "block-for-tests-1"
        assert before.lookup_sync("KEY") == "acme-value-00001"


async def test_an_override_reaches_tenants_that_inherit(
    app: Any, override_secrets: OverrideSecrets, open_tenant: OpenTenant
) -> None:
    async with open_tenant(app, "acme") as acme:
        with pytest.raises(MissingSecretError):
            acme.lookup_sync("SHARED")
        override_secrets(app, {"SHARED": "shared-for-tests"})
        assert acme.lookup_sync("SHARED") == "shared-for-tests"
        assert await acme.resolve("SHARED") == "shared-for-tests"
        await app.secrets().refresh("SHARED")
        override_secrets(app, {"SHARED": "acme-for-tests-1"}, tenant="acme")
        assert acme.lookup_sync("SHARED") == "acme-for-tests-1"


async def test_fields_that_belong_together_are_overridden_together(
    app: Any, override_secrets: OverrideSecrets
) -> None:
    """The store has no such secret, and it is read through the backend itself."""
    override_secrets(app, {"db": '{"user": "anna", "password": "geheim-for-tests"}'})
    assert (await app.backend().resolve_secret("db")).reveal("user") == "anna"
    pair = app.pair()
    assert (pair.reveal("user"), pair.reveal("password")) == (
        "anna",
        "geheim-for-tests",
    )
    assert app.password() == {"key": "geheim-for-tests"}
    await app.backend().refresh("db#user")


async def test_an_overridden_field_takes_its_place_among_the_stores(
    app: Any, override_secrets: OverrideSecrets
) -> None:
    override_secrets(app, {"pair#password": "geheim-for-tests"})
    pair = await app.backend().resolve_secret("pair")
    assert (pair.reveal("user"), pair.reveal("password")) == (
        "otto",
        "geheim-for-tests",
    )
    assert app.backend().peek_secret("pair").same_as(pair)


async def test_singletons_are_built_anew_for_the_test_and_after_it(
    pytester: pytest.Pytester,
) -> None:
    app: Any = App(config={"secrets": SETTINGS})
    async with lifetime(app, needs=[]):
        before = app.platform()
        assert before == {"key": "platform-value-1"}
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("builtins.the_app", app, raising=False)
            await anyio.to_thread.run_sync(_run_one, pytester)
        assert app.platform() == {"key": "platform-value-1"}
        assert app.platform() is not before


def _run_one(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import builtins

        def test_it(override_secrets):
            override_secrets(builtins.the_app, {"PLATFORM": "platform-for-tests"})
            assert builtins.the_app.platform() == {"key": "platform-for-tests"}
        """
    )
    inside(pytester).assert_outcomes(passed=1)


async def test_what_cannot_be_overridden_says_why(
    app: Any, override_secrets: OverrideSecrets
) -> None:
    with pytest.raises(ConfigurationError, match="while its lifetime is open"):
        override_secrets(app, DictSecrets())
    closed: Any = App(config={"secrets": SETTINGS})
    with pytest.raises(ConfigurationError, match="by its location"):
        override_secrets(closed, {"KEY": "v"}, tenant="acme")
    two: Any = Two()
    async with lifetime(two):
        with pytest.raises(AmbiguousStoreError, match=r"Two\.one, Two\.two"):
            override_secrets(two, {"KEY": "v"})
        override_secrets(two.one, {"KEY": "one-for-tests-01"})
        assert two.one().lookup_sync("KEY") == "one-for-tests-01"
        assert two.two().lookup_sync("KEY") is None


# --- a tenant, and recorded reads ----------------------------------------------------


async def test_a_tenant_is_opened_with_its_values(open_tenant: OpenTenant) -> None:
    app: Any = App(config={"secrets": SETTINGS})
    async with open_tenant(app, "acme", {"KEY": "acme-for-tests-2"}) as acme:
        assert await acme.resolve("KEY") == "acme-for-tests-2"
        assert app.secrets().lookup_sync("KEY") == "acme-for-tests-2"


async def test_reads_are_recorded_once_each(
    app: Any, open_tenant: OpenTenant, secret_reads: SecretReads
) -> None:
    async with open_tenant(app, "acme") as acme:
        acme.lookup_sync("KEY")
        app.secrets().lookup_sync("KEY")
        with pytest.raises(MissingSecretError):
            await acme.resolve("NOTHING")
    app.backend().lookup_sync("PLATFORM")
    assert app.secrets().lookup_sync("SHARED") is None
    with pytest.raises(Exception, match="this block of tenant 'acme' has ended"):
        acme.lookup_sync("LATE")
    assert secret_reads == [
        Read("KEY", "acme"),
        Read("KEY", "acme"),
        Read("NOTHING", "acme"),
        Read("PLATFORM"),
        Read("SHARED"),
        Read("LATE"),
    ]


# --- the leak guard ------------------------------------------------------------------

GUARDED = """
import base64, logging, threading, warnings
import pytest
from dependency_injector import containers, providers
from secretscope import ScopedSecrets, SecretsBackend, lifetime

class App(containers.DeclarativeContainer):
    config = providers.Configuration()
    backend = SecretsBackend(config.secrets)
    secrets = ScopedSecrets(backend)

REAL = "real-value-000001"

@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request):
    return request.param

@pytest.fixture
async def secrets(anyio_backend):
    settings = {"backend": "dict", "dict": {"KEY": REAL, "t/acme/KEY": REAL},
                "tenants": {"path": "t/{tenant}/{ref}", "inherit": ["KEY"]}}
    async with lifetime(App(config={"secrets": settings})) as secrets:
        yield secrets
"""


def inside(pytester: pytest.Pytester, *argv: str) -> pytest.RunResult:
    """Run the tests of the folder in this process, with the plugin and without ours."""
    return pytester.runpytest_inprocess(
        "-p", "secretscope.testing.plugin", "-p", "no:secretscope", "-p", "no:randomly",
        "-p", "no:asyncio", "-p", "no:cacheprovider", *argv,
    )  # fmt: skip


LEAKS = {
    "print(value)": "captured stdout call",
    "print(base64.b64encode(value.encode()).decode())": "a secret, encoded, appeared",
    "logging.getLogger('app').warning('got %s', value)": "a record of logger 'app'",
    "warnings.warn(value)": "a warning",
    "(tmp_path / 'dump.txt').write_text(value)": "the file dump.txt",
    "(tmp_path / value).write_text('')": "the name of a file",
    "(more.mktemp('x') / 'other.txt').write_text(value)": "the file other.txt",
    "subprocess.run(['echo', value]) and print(capfd.readouterr())": (
        "captured stdout, which the test read"
    ),
    "print(value, file=sys.stderr)": "captured stderr call",
    "alone(value)": "a record of logger 'alone'",
    "logging.getLogger('app').error('x', extra={'key': value})": "logger 'app'",
    "record_property('key', value)": "a property of the report",
    "print(REAL) or crash(value)": "the locals of crash() in a traceback",
}


@pytest.mark.parametrize("leak", LEAKS, ids=LEAKS.values())
def test_a_leak_fails_the_test_and_says_where(
    leak: str, pytester: pytest.Pytester
) -> None:
    pytester.makepyfile(
        GUARDED
        + f"""
import subprocess, sys

def crash(value):
    raise RuntimeError("no")

def alone(value):
    logger = logging.getLogger("alone")
    logger.propagate = False
    logger.addHandler(logging.NullHandler())
    logger.error(value)

@pytest.mark.leak_guard
@pytest.mark.anyio
async def test_it(secrets, tmp_path, capfd, record_property, tmp_path_factory):
    more = tmp_path_factory
    value = await secrets.resolve("KEY")
    assert value != REAL
    {leak}
"""
    )
    result = inside(pytester, "-W", "default")
    result.assert_outcomes(failed=2, warnings=2 if "warn(" in leak else 0)
    result.stdout.fnmatch_lines(["*leak guard: secrets were let out*"])
    assert LEAKS[leak] in result.stdout.str()


def test_what_leaks_nothing_passes(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        GUARDED
        + """
@pytest.mark.leak_guard
@pytest.mark.anyio
async def test_it(secrets, override_secrets, tmp_path):
    async with secrets.tenant("acme") as acme:
        value = acme.lookup_sync("KEY")
        assert value == await acme.resolve("KEY")
    (tmp_path / "real.txt").write_text(REAL)
    print(secrets.redact(value), "and nothing else")
"""
    )
    inside(pytester).assert_outcomes(passed=2)


def test_a_record_that_a_handler_masks_is_no_leak(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        GUARDED
        + """
import io
from secretscope.integrations.logging import RedactingFilter

@pytest.mark.leak_guard
@pytest.mark.anyio
async def test_it(secrets):
    handler = logging.StreamHandler(io.StringIO())
    handler.addFilter(RedactingFilter())
    logger = logging.getLogger("masked")
    logger.addHandler(handler)
    logger.error("got %s", await secrets.resolve("KEY"))
"""
    )
    inside(pytester).assert_outcomes(passed=2)


def test_a_lifetime_of_a_whole_session_hands_out_canaries_in_guarded_tests_alone(
    pytester: pytest.Pytester,
) -> None:
    pytester.makepyfile(
        """
import anyio, pytest
from dependency_injector import containers
from secretscope import ScopedSecrets, Secret, SecretsBackend, lifetime

REAL = "real-value-000001"

class Far:
    async def fetch(self, location):
        return Secret(REAL)

class App(containers.DeclarativeContainer):
    backend = SecretsBackend(Far, settings={"tenants": {"path": "t/{tenant}/{ref}"}})
    secrets = ScopedSecrets(backend)

@pytest.fixture(scope="session")
def acme():
    with lifetime(App()) as secrets, secrets.tenant("acme") as acme:
        anyio.run(acme.resolve, "KEY")
        assert acme.lookup_sync("KEY") == REAL
        yield acme

@pytest.mark.leak_guard(off=True)
def test_before(acme):
    assert acme.lookup_sync("KEY") == REAL

def test_canary(acme):
    assert acme.lookup_sync("KEY") != REAL

def test_leaks(acme):
    print(acme.lookup_sync("KEY"))

def test_leaks_what_was_real(acme):
    print(REAL)

@pytest.mark.leak_guard(off=True)
def test_after(acme):
    assert acme.lookup_sync("KEY") == REAL
"""
    )
    result = inside(pytester, "--leak-guard")
    result.assert_outcomes(passed=3, failed=2)
    result.stdout.fnmatch_lines(["FAILED *::test_leaks*", "FAILED *_was_real*"])
    assert "KEY of tenant acme appeared" in result.stdout.str()


def test_values_that_a_test_gives_are_kept_and_watched(
    pytester: pytest.Pytester,
) -> None:
    pytester.makepyfile(
        GUARDED
        + """
MINE = "mine-for-the-test-1"

@pytest.mark.leak_guard
@pytest.mark.anyio
async def test_kept(override_secrets):
    app = App(config={"secrets": {"backend": "env"}})
    override_secrets(app, {"KEY": MINE})
    async with lifetime(app) as secrets:
        assert await secrets.resolve("KEY") == MINE

@pytest.mark.leak_guard
@pytest.mark.anyio
async def test_watched(secrets):
    async with secrets.tenant("acme"):
        with secrets.override(KEY=MINE) as over:
            print(over.lookup_sync("KEY"))
"""
    )
    result = inside(pytester)
    result.assert_outcomes(passed=2, failed=2)
    assert "KEY of tenant acme appeared in captured stdout" in result.stdout.str()


def test_the_option_guards_every_test_but_the_exempt(
    pytester: pytest.Pytester,
) -> None:
    pytester.makepyfile(
        GUARDED
        + """
@pytest.mark.anyio
async def test_caught(secrets):
    print(await secrets.resolve("KEY"))

@pytest.mark.leak_guard(off=True)
@pytest.mark.anyio
async def test_exempt(secrets):
    print(await secrets.resolve("KEY"))
"""
    )
    inside(pytester, "--leak-guard").assert_outcomes(passed=2, failed=2)
    inside(pytester).assert_outcomes(passed=4)


@pytest.mark.parametrize("extra", [(), ("-n", "2")], ids=["alone", "xdist"])
def test_it_works_where_it_is_installed_with_pytest_asyncio_and_xdist(
    extra: tuple[str, ...], pytester: pytest.Pytester
) -> None:
    pytester.makepyfile(
        GUARDED.replace('params=["asyncio", "trio"]', 'params=["asyncio"]')
        + """
@pytest.fixture
def app():
    app = App(config={"secrets": {"backend": "env"}})
    with lifetime(app):
        yield app

@pytest.mark.asyncio
@pytest.mark.parametrize("value", ["first-for-tests-1", "second-for-tests"])
async def test_it(app, override_secrets, secret_reads, value):
    override_secrets(app, {"KEY": value})
    assert app.secrets().lookup_sync("KEY") == value
    assert [read.ref for read in secret_reads] == ["KEY"]
"""
    )
    result = pytester.runpytest_subprocess(
        "-p", "no:randomly", "-p", "no:cacheprovider", *extra
    )
    result.assert_outcomes(passed=2)


def test_help_and_markers_name_it(pytester: pytest.Pytester) -> None:
    assert "--leak-guard" in inside(pytester, "--help").stdout.str()
    assert "leak_guard" in inside(pytester, "--markers").stdout.str()


def test_a_file_that_is_no_text_is_looked_through(
    pytester: pytest.Pytester, tmp_path: Path
) -> None:
    pytester.makepyfile(
        GUARDED
        + """
@pytest.mark.leak_guard
@pytest.mark.anyio
async def test_it(secrets, tmp_path):
    (tmp_path / "sub").mkdir()
    data = b"\\xff\\x00" + (await secrets.resolve("KEY")).encode()
    (tmp_path / "sub" / "dump.bin").write_bytes(data)
"""
    )
    result = inside(pytester)
    result.assert_outcomes(failed=2)
    assert "the file sub/dump.bin" in result.stdout.str()


async def test_a_store_fails_on_a_script_and_time_is_turned_by_hand(
    hand_clock: HandClock, scripted_source: ScriptedSource
) -> None:
    scripted_source.hold("KEY", "scripted-value-01")
    store = CachedSecrets(scripted_source, Policy(ttl=60), clock=hand_clock)
    assert await store.resolve("KEY") == "scripted-value-01"
    await hand_clock.advance(61)
    assert store.lookup_sync("KEY") is None
    assert await store.resolve("KEY") == "scripted-value-01"
    assert len(scripted_source.calls) == 2
