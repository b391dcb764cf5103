"""Cancelled at any await, a lifetime leaves nothing open, and works the next time."""

from typing import Any

import anyio
import anyio.lowlevel
from dependency_injector import containers, providers

from secretscope import (
    CachedSecrets,
    MissingSecretError,
    ScopedSecrets,
    Secret,
    SecretsBackend,
    lifetime,
    needs,
)
from secretscope.scopes._frame import NOWHERE, POSITION
from tests.checkpoints import cancel_everywhere


class Shelf:
    """A source that is slow at everything, and counts what is open."""

    def __init__(self) -> None:
        self.open_now = 0
        self.opened = 0
        self.kept = {
            "SHARED": "shared-key-00001",
            "t/acme/KEY": "acme-key-0000001",
            "t/acme/MORE": "acme-more-000001",
        }

    async def open(self) -> None:
        await anyio.lowlevel.checkpoint()
        self.open_now += 1
        self.opened += 1

    async def aclose(self) -> None:
        await anyio.lowlevel.checkpoint()
        self.open_now -= 1

    async def fetch(self, location: str) -> Secret:
        await anyio.lowlevel.checkpoint()
        if location not in self.kept:
            raise MissingSecretError(location, where="the shelf")
        return Secret(self.kept[location])

    async def put(self, location: str, value: str, *, field: str | None = None) -> None:
        await anyio.lowlevel.checkpoint()
        self.kept[location] = value


class App(containers.DeclarativeContainer):
    shelf = providers.Singleton(Shelf)
    cached = providers.Factory(CachedSecrets, shelf)
    backend = SecretsBackend(
        cached,
        settings={"tenants": {"path": "t/{tenant}/{ref}", "inherit": ["SHARED"]}},
    )
    secrets = ScopedSecrets(backend)
    thing = needs(secrets, "SHARED", "KEY")


async def test_a_lifetime_is_cancelled_at_every_await() -> None:
    app: Any = App()

    async def work() -> None:
        async with lifetime(app) as secrets, secrets.tenant("acme") as acme:
            with secrets.override(OTHER="other-key-000001"):
                assert await acme.resolve("MORE") == "acme-more-000001"
            await acme.store("NEW", "acme-new-0000001")
            await acme.refresh("KEY")
            async with secrets.tenant("acme"):
                await secrets.resolve("NEW")

    async def after() -> None:
        assert app.shelf().open_now == 0
        assert app.secrets().scope is None
        assert POSITION.get() is NOWHERE
        async with lifetime(app) as secrets, secrets.tenant("acme") as acme:
            assert acme.lookup_sync("KEY") == "acme-key-0000001"
            assert secrets.lookup_sync("SHARED") == "shared-key-00001"

    times = await cancel_everywhere(work, after)
    assert times > 10
    assert app.shelf().open_now == 0
    assert app.shelf().opened >= times


async def test_opening_a_tenant_is_cancelled_at_every_await() -> None:
    app: Any = App()
    async with lifetime(app) as secrets:

        async def work() -> None:
            async with secrets.tenant("acme") as acme:
                await acme.resolve("MORE")

        async def after() -> None:
            frames = list(app.secrets().scope.base.family())
            assert frames == [app.secrets().scope.base]
            with anyio.fail_after(5):
                async with secrets.tenant("acme") as acme:
                    assert acme.lookup_sync("KEY") == "acme-key-0000001"
            app.secrets().scope.tenants.clear()

        assert await cancel_everywhere(work, after) > 0
