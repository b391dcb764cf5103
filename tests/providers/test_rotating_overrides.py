"""Rotating inside overrides: built for the block that replaces a secret, closed with it."""

from typing import Any

import anyio
import anyio.lowlevel
import anyio.to_thread
import pytest
from dependency_injector import containers, providers

from secretscope import (
    NotOpenError,
    Rotating,
    ScopeClosedError,
    ScopedSecrets,
    SecretsBackend,
    SecretValue,
    lifetime,
)
from tests.providers.rotating_app import (
    App,
    Client,
)
from tests.scopes.remote import Remote


async def test_inside_an_override_of_its_secret_it_is_built_for_that_block() -> None:
    app: Any = App()
    async with lifetime(app) as secrets, secrets.tenant("acme") as acme:
        tenants = app.client()
        with secrets.override(OTHER="other-brought-01"):
            assert app.client() is tenants
        with secrets.override(KEY="brought-along-01"):
            mine = app.client()
            assert mine.key == "brought-along-01"
            assert app.client() is mine
            with secrets.override(OTHER="other-brought-01"):
                assert app.client() is mine
                with secrets.override(KEY="brought-along-02"):
                    inner = app.client()
                    assert inner.key == "brought-along-02"
                    with secrets.override(KEY="acme-key-rt-0001"):
                        assert app.client() is tenants  # the very same secret
                assert inner.closed == 1
                await acme.store("KEY", "acme-key-rt-0002")
                assert app.client() is mine
            assert mine.closed == 0
        assert mine.closed == 1
        assert app.client().key == "acme-key-rt-0002"
        with secrets.override(KEY="brought-along-03"), app.client.lease() as late:
            pass
        assert late.closed == 1


async def test_what_is_built_first_inside_an_override_is_nobody_elses() -> None:
    app: Any = App()
    async with lifetime(app) as secrets, secrets.tenant("acme"):
        with secrets.override(KEY="brought-along-01") as block:
            first = app.client()
        assert app.client().key == "acme-key-rt-0001"
        assert first.closed == 1
        with pytest.raises(ScopeClosedError):
            block.lookup_sync("KEY")


async def test_within_an_override_another_secret_may_rotate() -> None:
    class Both(App):
        both: Any = Rotating(
            dict,
            key=App.key,
            other=SecretValue(App.secrets, "OTHER"),
            closer=lambda made: made.update(closed=True),
        )

    app: Any = Both()
    async with lifetime(app) as secrets, secrets.tenant("acme") as acme:
        with secrets.override(KEY="brought-along-01"):
            first = app.both()
            await acme.store("OTHER", "acme-other-rt-02")
            second = app.both()
            assert second["other"] == "acme-other-rt-02"
            assert "closed" not in second
    assert first["closed"]
    assert second["closed"]


async def test_it_is_overridden_as_any_provider_is() -> None:
    fake = Client("a-fake")
    with App.client.override(providers.Object(fake)):
        of_class: Any = App()
    app: Any = App()
    for each in (of_class, app):
        if each is app:
            app.client.override(providers.Object(fake))
        async with lifetime(each) as secrets, secrets.tenant("acme"):
            assert each.client() is fake
            assert each.service().part is fake
            with each.client.lease() as leased:
                assert leased is fake
    app.client.reset_override()
    async with lifetime(app) as secrets, secrets.tenant("acme"):
        mine = app.client()
        with app.client.override(Rotating(Client, key="not open")):
            with pytest.raises(NotOpenError):
                app.client()
            with pytest.raises(NotOpenError):
                app.client.lease()
        assert app.client() is mine
    assert fake.closed == 0


async def test_an_old_instance_is_replaced_in_its_block_and_at_its_place() -> None:
    far = Remote({"KEY": "plain-key-rt-001"})

    class Plain:
        """A store that tells nobody of anything."""

        resolve = far.fetch
        store = far.put

        def redact(self, text: str) -> str:
            return text

        def lookup_sync(self, ref: str) -> Any:
            return far.held.get(ref)

    class Apps(containers.DeclarativeContainer):
        backend = SecretsBackend(providers.Object(Plain()))
        secrets = ScopedSecrets(backend)
        client = Rotating(Client, SecretValue(secrets, "KEY", default=None), grace=0)

    app: Any = Apps()
    async with lifetime(app, needs=[]):
        first = app.client()
        far.held["KEY"] = "plain-key-rt-002"
        second = app.client()
        assert (first.closed, second.closed) == (1, 0)
        assert second.key == "plain-key-rt-002"


async def test_it_belongs_to_the_block_that_overrides_and_not_to_one_inside() -> None:
    app: Any = App()
    async with lifetime(app) as secrets, secrets.tenant("acme"):
        with secrets.override(KEY="brought-along-01"):
            with secrets.override(OTHER="other-brought-01"):
                mine = app.client()
            assert mine.closed == 0
            assert app.client() is mine
        assert mine.closed == 1


async def test_a_lease_may_end_and_an_override_too_in_another_thread() -> None:
    app: Any = App()
    made: list[Any] = []

    def elsewhere(secrets: Any) -> None:
        with secrets.override(KEY="brought-along-01"):
            made.append(app.waiting())
        with secrets.override(KEY="brought-along-02"), app.client.lease() as client:
            made.append(client)

    async with lifetime(app) as secrets, secrets.tenant("acme"):
        await anyio.to_thread.run_sync(elsewhere, secrets)
        await anyio.wait_all_tasks_blocked()
    assert [client.closed for client in made] == [1, 1]
