"""Readers of every frame: all of their methods, at every time of their life."""

import copy
import pickle
from collections.abc import Callable
from typing import Any

import pytest
from dependency_injector import containers, providers

from secretscope import (
    CachedSecrets,
    ChainSecrets,
    DeletedSecretError,
    DestroyedSecretError,
    ExpiredError,
    InvalidRefError,
    MissingSecretError,
    NoTenantError,
    NotOpenError,
    NotWarmError,
    Policy,
    ScopeClosedError,
    ScopedSecrets,
    Secret,
    SecretsBackend,
    UnknownStoreError,
    lifetime,
    needs,
)
from secretscope.scopes import AppPlan, Lifetime
from secretscope.scopes._frame import NOWHERE, POSITION, Frame
from secretscope.scopes._reader import Reader
from secretscope.scopes._view import NOTHING
from tests.scopes.readers_app import (
    Four,
    application,
    over,
)


async def test_every_method_follows_the_frame() -> None:
    app = application(**{"t/acme/KEY": "acme-key-000001", "SHARED": "shared-key-0001"})
    async with lifetime(app) as secrets:
        reader = app.secrets()
        assert reader.peek("SHARED") == "shared-key-0001"
        await reader.refresh("SHARED")
        await reader.store("SHARED", "shared-key-0002")
        assert reader.lookup_sync("SHARED") == "shared-key-0002"
        with pytest.raises(NoTenantError):
            await reader.refresh("KEY")
        async with secrets.tenant("acme") as acme:
            await acme.refresh("KEY")
            await acme.refresh("SHARED")
            await secrets.rotate("KEY")
            with pytest.raises(MissingSecretError):
                await acme.resolve("GONE")
            with pytest.raises(MissingSecretError):
                acme.peek("GONE")
            with secrets.override(KEY="over-key-000001") as over:
                assert over.peek("KEY") == await over.resolve("KEY")
                assert over.redact("over-key-000001") == "[REDACTED]"
                await over.refresh("KEY")
                assert over.lookup_sync("SHARED") == "shared-key-0002"
                assert reader.lookup_sync("SHARED") == "shared-key-0002"
                assert secrets.bind() is over
            assert repr(over) == "<secrets of tenant 'acme', ended>"


async def test_readers_are_neither_copied_nor_pickled() -> None:
    app = application()
    async with lifetime(app) as secrets:
        with secrets.override(KEY="over-key-000001") as over:
            assert copy.copy(over) is copy.deepcopy(over) is over
            with pytest.raises(TypeError, match="hand on the ref"):
                pickle.dumps(over)
            assert "over-key" not in repr(over)


async def test_nothing_is_asked_of_a_reader_that_is_not_open() -> None:
    app = application()
    secrets = lifetime(app)._reader
    for ask in (secrets.lookup_sync, secrets.tenant):
        with pytest.raises(NotOpenError):
            ask("KEY")
    with pytest.raises(NotOpenError):
        secrets.override(KEY="x")
    with pytest.raises(UnknownStoreError, match="it has none"):
        Lifetime().scope_of(app.secrets)


async def test_nothing_is_seen_where_nothing_was_entered() -> None:
    assert POSITION.get() is NOWHERE
    assert NOWHERE.scope.base is NOWHERE
    assert NOWHERE.name == "the application"
    asked: list[Callable[..., Any]] = [NOTHING.resolve, NOTHING.put, NOTHING.refresh]
    for ask in asked:
        with pytest.raises(ScopeClosedError):
            await ask("KEY", *([""] if ask != NOTHING.resolve else []))
    with pytest.raises(ScopeClosedError):
        await NOTHING.resolve_secret("KEY")
    for peek in (NOTHING.peek, NOTHING.peek_secret):
        with pytest.raises(ScopeClosedError):
            peek("KEY")
    frame = Frame(NOWHERE.scope, NOTHING, outer=NOWHERE)
    frame.part()
    assert list(NOWHERE.family()) == [NOWHERE]


def test_places_and_refs_belong_together() -> None:
    plan = AppPlan("prod/{ref}", {"KEY": "elsewhere#key"})
    assert plan.refs_at("prod/A") == ("A",)
    assert plan.refs_at("elsewhere") == ("KEY",)
    assert plan.place("A#b") == "prod/A#b"
    with pytest.raises(InvalidRefError, match="one document"):
        AppPlan("prod#{ref}").place("A#b")


class Shelf:
    """A source whose secrets may go."""

    def __init__(self) -> None:
        self.kept = {"KEY": "shelf-key-000001"}

    async def fetch(self, location: str) -> Secret:
        if location not in self.kept:
            raise MissingSecretError(location, where="the shelf")
        return Secret(self.kept[location])


async def test_a_secret_that_is_gone_is_seen_to_be_gone() -> None:
    shelf = Shelf()
    app = over(CachedSecrets(shelf, Policy(refresh_gap=0)))
    async with lifetime(app) as secrets:
        assert await secrets.resolve("KEY") == secrets.lookup_sync("KEY")
        shelf.kept.clear()
        await secrets.rotate("KEY")
        assert secrets.lookup_sync("KEY") is None


async def test_a_users_store_is_asked_again_and_speaks_for_itself() -> None:
    store = Four()
    async with lifetime(over(store)) as secrets:
        with pytest.raises(NotWarmError):
            secrets.lookup_sync("KEY")
        assert await secrets.resolve("KEY") == "value-00000001"
        await secrets.rotate("KEY")
        assert secrets.lookup_sync("KEY") == "value-00000002"
        with pytest.raises(NotWarmError):
            await secrets.resolve("LATER")
        with pytest.raises(NotWarmError):
            await ChainSecrets([store]).resolve("LATER")


def test_a_reader_must_say_what_it_reads() -> None:
    with pytest.raises(NotImplementedError):
        Reader().redact(str(Reader()._here()))


async def test_a_lifetime_knows_what_its_frames_hold() -> None:
    app = application(**{"t/acme/KEY": "acme-key-000001"})
    async with lifetime(app) as secrets, secrets.tenant("acme") as acme:
        acme.lookup_sync("KEY")
        held = app.secrets().scope.lifetime.held_values()
        assert set(held) == {"acme-key-000001"}
        await app.backend().store("t2", "value-of-nobody")
        await app.secrets().scope.store.store("t/other/KEY", "others-key-00001")


class Bin:
    """A source whose secrets were deleted and destroyed, and which says what helps."""

    async def fetch(self, location: str) -> Secret:
        kinds = {"GONE": DestroyedSecretError, "BINNED": DeletedSecretError}
        kind = kinds.get(location, MissingSecretError)
        raise kind(location, where="the bin", cure=f"dig for {location}")


@pytest.mark.parametrize(
    ("ref", "kind"),
    [
        ("GONE", DestroyedSecretError),
        ("BINNED", DeletedSecretError),
        ("NEVER", MissingSecretError),
    ],
)
async def test_why_it_is_missing_and_what_helps_reaches_the_reader(
    ref: str, kind: type[MissingSecretError]
) -> None:
    class Binned(containers.DeclarativeContainer):
        backend = SecretsBackend(Bin)
        secrets = ScopedSecrets(backend)

    app: Any = Binned()
    async with lifetime(app) as secrets:
        for _ in range(2):
            with pytest.raises(kind) as caught:
                await secrets.resolve(ref)
            assert type(caught.value) is kind
            assert "the application (the bin)" in str(caught.value)
            assert str(caught.value).endswith(f"dig for {ref}")
        with pytest.raises(kind) as caught:
            secrets.peek(ref)
        assert str(caught.value).endswith(f"dig for {ref}")
        with pytest.raises(kind) as caught:
            await app.backend().resolve(ref)


async def test_a_tenants_missing_secret_is_named_with_its_place() -> None:
    async with lifetime(application()) as secrets, secrets.tenant("acme") as acme:
        with pytest.raises(MissingSecretError) as caught:
            await acme.resolve("KEY")
    assert "secret 'KEY' not present in tenant 'acme'" in str(caught.value)
    assert str(caught.value).endswith(
        "store it there at t/acme/KEY, or correct the ref"
    )


class Ended:
    """A source that hands out what its store has ended already."""

    async def fetch(self, location: str) -> Secret:
        return Secret("ended-value-0001", expires_at=0.0)


async def test_a_tenant_opens_though_its_store_holds_what_has_ended() -> None:
    class Late(containers.DeclarativeContainer):
        backend = SecretsBackend(
            providers.Object(CachedSecrets(Ended())),
            settings={"tenants": {"path": "t/{tenant}/{ref}"}},
        )
        secrets = ScopedSecrets(backend)
        thing = needs(providers.Object(1), "KEY", secrets=secrets)

    app: Any = Late()
    async with lifetime(app) as secrets, secrets.tenant("acme") as acme:
        with pytest.raises(ExpiredError):
            await acme.resolve("KEY")
