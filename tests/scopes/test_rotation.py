"""Rotation: every reader reads the new value next, and subscribers are told of it."""

import logging
from typing import Any

import anyio
import anyio.lowlevel
import pytest
from dependency_injector import containers, providers

from secretscope import (
    Agent,
    AgentFactory,
    CachedSecrets,
    DictSecrets,
    EnvSecrets,
    MissingSecretError,
    ScopedSecrets,
    SecretsBackend,
    SecretValue,
    Tuning,
    lifetime,
    needs,
)
from secretscope.values import Rotation
from tests.scopes.remote import AT_ONCE, Remote, cached

TENANTS = {"path": "t/{tenant}/{ref}", "inherit": ["SHARED"]}


def application(store: Any, **settings: Any) -> Any:
    class App(containers.DeclarativeContainer):
        backend = SecretsBackend(
            providers.Object(store), settings=settings or {"tenants": TENANTS}
        )
        secrets = ScopedSecrets(backend)
        direct = SecretValue(backend, "SHARED", default=None)
        reader: Any = needs(secrets, "KEY", optional=["SHARED"])
        tuning = providers.Factory(Tuning, secrets=secrets)
        agent = AgentFactory(Agent, "Echo.", model="echo", tuning=tuning)

    return App()


def remote() -> Remote:
    return Remote(
        {
            "SHARED": "shared-value-001",
            "t/acme/KEY": "acme-key-000001",
            "t/globex/KEY": "globex-key-00001",
            "t/acme/ECHO_API_KEY": "acme-echo-00001",
        }
    )


async def test_a_rotation_reaches_every_reader_and_every_subscriber() -> None:
    far = remote()
    app = application(cached(far))
    told: list[Rotation] = []
    async with lifetime(app, needs=[app.reader]) as secrets:
        secrets.on_rotation(told.append)
        async with secrets.tenant("acme") as acme, secrets.tenant("acme") as again:
            far.held["t/acme/KEY"] = "acme-key-000002"
            await secrets.rotate("KEY")
            assert acme.lookup_sync("KEY") == "acme-key-000002"
            assert again.lookup_sync("KEY") == "acme-key-000002"
            assert app.secrets().lookup_sync("KEY") == "acme-key-000002"
            assert told == [Rotation("KEY", "1", "2", "acme", "the remote")]
            await acme.store("KEY", "acme-key-000003")
            assert again.lookup_sync("KEY") == "acme-key-000003"
            far.held["t/acme/KEY"] = "acme-key-000004"
            await acme.refresh("KEY", bad="acme-key-000003")
            assert again.lookup_sync("KEY") == "acme-key-000004"
        far.held["SHARED"] = "shared-value-002"
        await secrets.rotate("SHARED")
        assert app.direct() == "shared-value-002"
        assert secrets.lookup_sync("SHARED") == "shared-value-002"
    assert [(each.ref, each.tenant, each.new) for each in told] == [
        ("KEY", "acme", "2"),
        ("KEY", "acme", "3"),
        ("KEY", "acme", "4"),
        ("SHARED", None, "2"),
    ]
    assert not any("acme-key" in repr(each) for each in told)


async def test_the_same_secret_is_told_once_however_many_read_its_store() -> None:
    far = Remote({"prod/db": {"user": "db-user-000001", "password": "db-pass-00001"}})
    store = cached(far)

    class App(containers.DeclarativeContainer):
        backend = SecretsBackend(
            providers.Object(store),
            settings={"path": "prod/{ref}", "refs": {"PASSWORD": "prod/db#password"}},
        )
        one = ScopedSecrets(backend)
        two = ScopedSecrets(backend)
        user = SecretValue(one, "db#user")
        password = SecretValue(two, "PASSWORD")
        both = SecretValue(one, "db#password")

    app: Any = App()
    told: list[str] = []
    async with lifetime(app) as secrets:
        secrets.on_rotation(lambda rotation: told.append(rotation.ref))
        far.held["prod/db"] = {"user": "db-user-000002", "password": "db-pass-00002"}
        await app.one().refresh("db")
        assert app.user() == "db-user-000002"
        assert app.password() == app.both() == "db-pass-00002"
    assert sorted(told) == ["PASSWORD", "db"]


async def test_each_store_tells_of_its_own() -> None:
    class Two(containers.DeclarativeContainer):
        one = SecretsBackend(DictSecrets, {"KEY": "first-of-two-01"})
        two = SecretsBackend(DictSecrets, {"KEY": "second-of-two-1"})
        a = ScopedSecrets(one)
        b = ScopedSecrets(two)

    app: Any = Two()
    told: list[Rotation] = []
    async with lifetime(app) as secrets:
        secrets.on_rotation(told.append)
        await app.a().store("KEY", "first-of-two-02")
        assert app.b().lookup_sync("KEY") == "second-of-two-1"
        await app.b().store("NEW", "new-of-two-0001")
    assert told == [Rotation("KEY", "1", "2", None, "DictSecrets")]


async def test_what_was_missing_may_be_stored() -> None:
    store = Plain()
    app = application(store, env_fallback=False)
    async with lifetime(app) as secrets:
        with pytest.raises(MissingSecretError):
            await secrets.resolve("NEW")
        await secrets.store("NEW", "plain-new-00001")
        assert secrets.lookup_sync("NEW") == "plain-new-00001"


async def test_a_rotation_of_what_nobody_asked_for_is_told_by_its_path() -> None:
    far = remote()
    store = cached(far)
    app = application(store)
    told: list[Rotation] = []
    async with lifetime(app) as secrets:
        secrets.on_rotation(told.append)
        for place in ("t/initech/KEY", "LONE"):
            await store.store(place, "first-value-001")
            await store.store(place, "second-value-01")
    assert {(each.ref, each.tenant) for each in told} >= {
        ("KEY", "initech"),
        ("LONE", None),
    }


async def test_of_one_document_every_ref_that_was_read_is_told() -> None:
    far = Remote({"t/acme": {"KEY": "acme-key-000001", "SHARED": "acme-shared-01"}})
    app = application(
        cached(far), tenants={"path": "t/{tenant}#{ref}", "inherit": ["SHARED"]}
    )
    told: list[str] = []
    async with lifetime(app) as secrets, secrets.tenant("acme") as acme:
        secrets.on_rotation(lambda rotation: told.append(rotation.ref))
        far.held["t/acme"] = {"KEY": "acme-key-000002", "SHARED": "acme-shared-02"}
        await acme.refresh("KEY")
        assert acme.lookup_sync("SHARED") == "acme-shared-02"
    assert sorted(told) == ["KEY", "SHARED"]


async def test_a_failing_subscriber_hurts_nobody(
    caplog: pytest.LogCaptureFixture,
) -> None:
    far = remote()
    app = application(cached(far))
    told: list[str] = []
    done = anyio.Event()

    def bad(rotation: Rotation) -> None:
        raise ValueError("acme-key-000002 is odd")

    async def worse(rotation: Rotation) -> None:
        await anyio.lowlevel.checkpoint()
        raise ValueError("acme-key-000002 is odd")

    async def good(rotation: Rotation) -> None:
        await anyio.lowlevel.checkpoint()
        told.append(rotation.ref)
        done.set()

    async with lifetime(app) as secrets:
        for subscriber in (bad, worse, good):
            secrets.on_rotation(subscriber)
        leave = secrets.on_rotation(lambda rotation: told.append("left"))
        leave()
        leave()
        async with secrets.tenant("acme"):
            far.held["t/acme/KEY"] = "acme-key-000002"
            await secrets.rotate("KEY")
        await done.wait()
        await anyio.wait_all_tasks_blocked()
    assert told == ["KEY"]
    failures = [r.getMessage() for r in caplog.records if r.levelno == logging.ERROR]
    assert len(failures) == 2
    assert all("KEY" in said and "ValueError" in said for said in failures)
    assert "acme-key-000002" not in caplog.text


async def test_a_subscriber_stands_in_nobodys_frame() -> None:
    far = remote()
    app = application(cached(far))
    seen: list[str | None] = []
    async with lifetime(app) as secrets, secrets.tenant("acme"):
        secrets.on_rotation(lambda rotation: seen.append(secrets.bind().tenant))
        far.held["t/acme/KEY"] = "acme-key-000002"
        await secrets.rotate("KEY")
    assert seen == [None]


async def test_a_tenants_own_store_tells_of_its_rotations_too() -> None:
    fars = {name: Remote({"KEY": f"{name}-key-00001"}) for name in ("acme", "globex")}
    app = application(
        DictSecrets({"SHARED": "shared-value-001"}),
        tenants={"stores": lambda name: cached(fars[name])},
    )
    told: list[tuple[str, str | None]] = []
    async with lifetime(app, needs=[]) as secrets:
        secrets.on_rotation(lambda r: told.append((r.ref, r.tenant)))
        async with secrets.tenant("acme") as acme:
            assert await acme.resolve("KEY") == "acme-key-00001"
            await acme.store("KEY", "acme-key-000002")
            await acme.store("NEW", "acme-new-000001")
            await acme.store("NEW", "acme-new-000002")
            assert acme.lookup_sync("KEY") == "acme-key-000002"
            assert fars["acme"].open_now == 1
    assert ("KEY", "acme") in told
    assert ("NEW", "acme") in told
    assert fars["acme"].open_now == 0


class Plain:
    """A store as users have written it: it tells nobody anything."""

    def __init__(self) -> None:
        self.held = {"KEY": "plain-key-00001"}

    async def resolve(self, ref: str) -> str:
        return self.held[ref]

    async def store(self, ref: str, value: str) -> None:
        self.held[ref] = value

    def redact(self, text: str) -> str:
        return text

    def lookup_sync(self, ref: str) -> str | None:
        return self.held.get(ref)


class Observed(DictSecrets):
    """A store that tells of changes, and not of rotations."""

    on_rotation = None  # type: ignore[assignment]


@pytest.mark.parametrize("kind", ["plain", "observed", "dict"])
async def test_what_is_stored_is_told_whatever_the_store_can(kind: str) -> None:
    stores: dict[str, Any] = {
        "plain": Plain(),
        "observed": Observed({"KEY": "plain-key-00001"}),
        "dict": DictSecrets({"KEY": "plain-key-00001"}),
    }
    app = application(stores[kind], env_fallback=True)
    told: list[tuple[str, str | None]] = []
    async with lifetime(app) as secrets:
        assert await secrets.resolve("KEY") == secrets.lookup_sync("KEY")
        secrets.on_rotation(lambda r: told.append((r.ref, r.new)))
        await secrets.store("KEY", "plain-key-00001")
        await secrets.refresh("KEY")
        assert told == []
        await secrets.store("KEY", "plain-key-00002")
        assert secrets.lookup_sync("KEY") == "plain-key-00002"
    assert told == [("KEY", "2" if kind == "dict" else "unknown")]


async def test_an_override_stays_as_it_was_given() -> None:
    far = remote()
    app = application(cached(far))
    async with lifetime(app) as secrets, secrets.tenant("acme") as acme:
        with secrets.override(KEY="brought-along-01") as over:
            far.held["t/acme/KEY"] = "acme-key-000002"
            await over.refresh("KEY")
            assert acme.lookup_sync("KEY") == "acme-key-000001"
            await acme.refresh("KEY")
            assert acme.lookup_sync("KEY") == "acme-key-000002"
            assert over.lookup_sync("KEY") == "brought-along-01"


async def test_fifty_live_agents_pick_a_rotated_key_up_at_their_next_attempt() -> None:
    far = remote()
    app = application(cached(far))
    async with lifetime(app, needs=[app.agent]) as secrets, secrets.tenant("acme"):
        agents = [app.agent() for _ in range(50)]
        before = {(await agent.run("hi")).output for agent in agents}
        await secrets.store("ECHO_API_KEY", "acme-echo-00002")
        after = {(await agent.run("hi")).output for agent in agents}
        assert len(before) == len(after) == 1
        assert before != after


class Keeping(CachedSecrets):
    """Says what is kept fresh."""

    def __init__(self, far: Remote) -> None:
        super().__init__(far, AT_ONCE)
        self.fresh: list[str] = []

    def keep(self, ref: str) -> Any:
        self.fresh.append(ref)
        return lambda: self.fresh.remove(ref)


async def test_declared_needs_are_kept_fresh_while_their_scope_is_open() -> None:
    far = remote()
    store = Keeping(far)
    app = application(store)
    async with lifetime(app) as secrets:
        assert set(store.fresh) == {"SHARED"}
        async with secrets.tenant("acme"):
            acmes = {"t/acme/ECHO_API_KEY", "t/acme/KEY", "t/acme/SHARED"}
            assert set(store.fresh) == {"SHARED", *acmes}
        once = len(store.fresh)
        async with secrets.tenant("acme"):
            assert len(store.fresh) == once
        async with secrets.tenant("globex"):
            assert len(store.fresh) == once + 3
        await secrets.forget("acme")
        globexs = {at.replace("acme", "globex") for at in acmes}  # there or not
        assert set(store.fresh) == {"SHARED", *globexs}
    assert store.fresh == []


async def test_a_variable_of_the_environment_is_no_rotation(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("KEY", "first-value-0001")
    app = application(EnvSecrets(), env_fallback=True)
    async with lifetime(app) as secrets:
        assert secrets.lookup_sync("KEY") == "first-value-0001"
        monkeypatch.setenv("KEY", "second-value-001")
        assert secrets.lookup_sync("KEY") == "second-value-001"


async def test_a_tenant_that_gets_a_secret_of_its_own_inherits_it_no_longer() -> None:
    far = remote()
    app = application(cached(far))
    async with lifetime(app) as secrets, secrets.tenant("acme") as acme:
        assert await acme.resolve("SHARED") == "shared-value-001"
        far.held["t/acme/SHARED"] = "acme-shared-001"
        await acme.refresh("SHARED")
        assert acme.lookup_sync("SHARED") == "acme-shared-001"
        del far.held["t/acme/SHARED"]
        far.held["SHARED"] = "shared-value-002"
        await acme.refresh("SHARED")
        assert await acme.resolve("SHARED") == "shared-value-002"
