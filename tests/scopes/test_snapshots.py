"""A secret as a whole: its fields belong together, in every frame."""

from typing import Any

import anyio
import pytest
from dependency_injector import containers, providers

from secretscope import (
    DictSecrets,
    MissingSecretError,
    NoTenantError,
    NotWarmError,
    Policy,
    ScopeClosedError,
    ScopedSecrets,
    SecretsBackend,
    lifetime,
    redact,
)
from tests.scopes.remote import Remote, cached

TENANTS = {"path": "t/{tenant}/{ref}", "inherit": ["shared"]}


def application(store: Any, **settings: Any) -> Any:
    class App(containers.DeclarativeContainer):
        backend = SecretsBackend(
            providers.Object(store), settings=settings or {"tenants": TENANTS}
        )
        secrets = ScopedSecrets(backend)

    return App()


def pair(name: str) -> dict[str, str]:
    return {"user": f"{name}-user-snap-1", "password": f"{name}-pass-snap-1"}


async def test_a_secret_is_read_as_a_whole_in_every_frame() -> None:
    far = Remote({"t/acme/db": pair("acme"), "shared": pair("shared"), "own": "own-1"})
    app = application(cached(far))
    async with lifetime(app) as secrets:
        with pytest.raises(NoTenantError):
            await secrets.resolve_secret("db")
        with pytest.raises(NotWarmError):
            secrets.peek_secret("shared")
        outside = await secrets.resolve_secret("shared#user")
        assert outside.reveal("password") == "shared-pass-snap-1"
        assert secrets.peek_secret("shared").same_as(outside)
        direct = app.backend()
        assert (await direct.resolve_secret("shared")).same_as(outside)
        assert direct.peek_secret("shared").same_as(outside)
        async with secrets.tenant("acme") as acme:
            whole = await acme.resolve_secret("db")
            assert acme.peek_secret("db#user").reveal("user") == "acme-user-snap-1"
            assert whole.reveal("password") == "acme-pass-snap-1"
            assert (await acme.resolve_secret("shared")).same_as(outside)
            with pytest.raises(MissingSecretError):
                await acme.resolve_secret("nowhere")
            with pytest.raises(NotWarmError):
                acme.peek_secret("nowhere")
            await acme.resolve("db#user")
            assert acme.peek_secret("db").same_as(whole)
            assert redact("acme-pass-snap-1") == "[REDACTED]"
            assert {s.ref for s in secrets.status("acme")} == {
                "db",
                "nowhere",
                "shared",
            }
        for read in (acme.peek_secret, acme.peek):
            with pytest.raises(ScopeClosedError):
                read("db")
        with pytest.raises(ScopeClosedError):
            await acme.resolve_secret("db")


async def test_what_a_tenant_inherits_is_read_as_a_whole() -> None:
    store = DictSecrets({"shared": '{"user": "u-snap-0001", "password": "p-snap-01"}'})
    app = application(store)
    async with lifetime(app) as secrets, secrets.tenant("acme") as acme:
        assert acme.peek_secret("shared").reveal("user") == "u-snap-0001"
        assert (await acme.resolve_secret("shared")).reveal("password") == "p-snap-01"
        for read in ("db", "nowhere"):
            with pytest.raises(MissingSecretError):
                acme.peek_secret(read)
        with pytest.raises(MissingSecretError):
            await acme.resolve_secret("db")
        with secrets.override({"shared#user": "over-user-snap"}) as over:
            assert over.peek_secret("shared").reveal("user") == "over-user-snap"
            assert over.peek_secret("shared").reveal("password") == "p-snap-01"
            whole = await over.resolve_secret("shared")
            assert whole.reveal("user") == "over-user-snap"
        with secrets.override(shared="a text of its own"):
            assert acme.peek_secret("shared").reveal("password") == "p-snap-01"
            assert secrets.peek_secret("shared").reveal() == "a text of its own"
            assert (await secrets.resolve_secret("shared")).is_text
        block = secrets.override({"plain#field": "over-field-snap"})
        with block, pytest.raises(MissingSecretError):
            secrets.peek_secret("plain")


async def test_a_text_with_an_overridden_field_becomes_fields() -> None:
    app = application(DictSecrets({"KEY": "plain-snap-0001"}), path="{ref}")
    async with lifetime(app) as secrets:
        with secrets.override({"KEY#extra": "extra-snap-0001"}):
            whole = secrets.peek_secret("KEY")
            assert whole.reveal() == "plain-snap-0001"
            assert whole.reveal("extra") == "extra-snap-0001"


async def test_what_was_missing_is_inherited_as_a_whole_without_asking_again() -> None:
    far = Remote({"shared": pair("shared"), "t/acme/own": "own-snap-000001"})
    app = application(cached(far, Policy(negative_ttl=60, ttl=None)))
    async with lifetime(app) as secrets, secrets.tenant("acme") as acme:
        await acme.resolve_secret("shared")
        asked = len(far.asked)
        assert acme.peek_secret("shared").reveal("user") == "shared-user-snap-1"
        assert len(far.asked) == asked
        await acme.resolve("own")
        assert (await acme.resolve_secret("own")).reveal() == "own-snap-000001"
        assert acme.peek_secret("own").reveal() == "own-snap-000001"


async def test_a_snapshot_does_not_reach_a_block_that_has_ended() -> None:
    far = Remote({"t/acme/db": pair("acme")})
    app = application(cached(far))
    far.gate = anyio.Event()
    ended: list[str] = []
    async with lifetime(app) as secrets, anyio.create_task_group() as group:

        async def read(reader: Any) -> None:
            with pytest.raises(ScopeClosedError):
                await reader.resolve_secret("db")
            ended.append("db")

        async with secrets.tenant("acme") as acme:
            group.start_soon(read, acme)
            await anyio.wait_all_tasks_blocked()
        far.gate.set()
    assert ended == ["db"]


async def test_in_one_document_each_ref_is_a_secret() -> None:
    far = Remote({"t/acme": {"db": '{"user": "doc-user-snap"}', "KEY": "doc-key-snap"}})
    app = application(cached(far), tenants={"path": "t/{tenant}#{ref}"})
    async with lifetime(app) as secrets, secrets.tenant("acme") as acme:
        assert (await acme.resolve_secret("db")).reveal("user") == "doc-user-snap"
        assert acme.peek_secret("KEY").reveal() == "doc-key-snap"
