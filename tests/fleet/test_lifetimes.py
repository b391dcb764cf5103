"""Fleets of real lifetimes: caches over one store, frames, tenants, several stores."""

from contextlib import AbstractAsyncContextManager, AsyncExitStack
from typing import Any

import pytest
from anyio.lowlevel import checkpoint
from dependency_injector import containers, providers

from secretscope import (
    CachedSecrets,
    ConfigurationError,
    DictSecrets,
    MissingSecretError,
    Policy,
    ScopeClosedError,
    ScopedSecrets,
    Secret,
    SecretsBackend,
    lifetime,
    needs,
)
from secretscope.fleet import Fleet, FleetOptions, MemoryBus
from secretscope.scopes import LifetimeReader
from tests.fleet.hands import KEY, HandClock

OPTIONS = FleetOptions(key_ref="FLEET_KEY")
TENANTS = {"path": "t/{tenant}/{ref}", "inherit": ["SHARED"]}


class Vault:
    """A source that numbers its versions, and is asked by many."""

    def __init__(self, *, numbered: bool = True) -> None:
        self.held: dict[str, list[str]] = {}
        self.numbered = numbered
        self.asked: list[str] = []

    def write(self, location: str, value: str) -> None:
        self.held.setdefault(location, []).append(value)

    async def fetch(self, location: str) -> Secret:
        await checkpoint()
        self.asked.append(location)
        if location not in self.held:
            raise MissingSecretError(location, where="the vault")
        values = self.held[location]
        version = f"v{len(values)}" if self.numbered else None
        return Secret(values[-1], version=version)


class World:
    """Processes: each with a container, a cache and a fleet of its own."""

    def __init__(self, vault: Vault | None = None) -> None:
        self.vault = vault or Vault()
        self.vault.write("FLEET_KEY", KEY)
        self.vault.write("SHARED", "shared-value-1")
        self.vault.write("t/acme/KEY", "acme-key-1")
        self.vault.write("t/globex/KEY", "globex-key-1")
        self.clock = HandClock()
        self.bus = MemoryBus()
        self.stack = AsyncExitStack()
        self.caches: list[CachedSecrets] = []

    def container(self) -> Any:
        store = CachedSecrets(
            self.vault, Policy(), name="the vault", clock=self.clock.monotonic
        )

        self.caches.append(store)

        class App(containers.DeclarativeContainer):
            backend = SecretsBackend(
                providers.Object(store), settings={"tenants": TENANTS}
            )
            secrets = ScopedSecrets(backend)
            reader: Any = needs(secrets, "KEY", optional=["SHARED"])

        return App()

    async def process(self, **more: Any) -> tuple[LifetimeReader, Fleet]:
        secrets = await self.stack.enter_async_context(lifetime(self.container()))
        fleet = Fleet(secrets, self.bus.channel(), OPTIONS, clock=self.clock, **more)
        await self.stack.enter_async_context(fleet)
        return secrets, fleet


@pytest.mark.parametrize("numbered", [True, False])
async def test_a_rotation_reaches_the_open_tenants_of_other_processes(
    *, numbered: bool
) -> None:
    world = World(Vault(numbered=numbered))
    async with world.stack:
        first, teller = await world.process()
        second, hearer = await world.process()
        async with first.tenant("acme"), second.tenant("globex"):
            pass
        await world.clock.turn(70)
        async with first.tenant("acme") as mine, second.tenant("acme") as theirs:
            world.vault.write("t/acme/KEY", "acme-key-2")
            world.vault.write("t/globex/KEY", "globex-key-2")
            await mine.refresh("KEY")
            assert mine.lookup_sync("KEY") == "acme-key-2"
            assert theirs.lookup_sync("KEY") == "acme-key-1"
            await world.clock.turn(20)
            assert theirs.lookup_sync("KEY") == "acme-key-2"
        async with second.tenant("globex") as untouched:
            assert untouched.lookup_sync("KEY") == "globex-key-1"
        assert (teller.status().said, hearer.status().said) == (1, 0)


async def test_counts_of_two_processes_are_never_taken_for_versions() -> None:
    world = World(Vault(numbered=False))
    async with world.stack:
        first, _ = await world.process()
        async with first.tenant("acme") as mine:
            await world.clock.turn(70)
            world.vault.write("t/acme/KEY", "acme-key-2")
            await mine.refresh("KEY")  # it counts 2 now
            second, _ = await world.process()
            await world.clock.turn(70)
            async with second.tenant("acme") as theirs:
                for value in ("acme-key-3", "acme-key-4"):
                    world.vault.write("t/acme/KEY", value)
                    await world.clock.turn(20)
                    await theirs.refresh("KEY")  # it counts 2, then 3
                    await world.clock.turn(20)
                    assert mine.lookup_sync("KEY") == value


async def test_the_applications_own_and_what_tenants_inherit_follow() -> None:
    world = World()
    async with world.stack:
        first, _ = await world.process()
        second, _ = await world.process()
        await world.clock.turn(70)
        async with second.tenant("acme") as theirs:
            assert await theirs.resolve("SHARED") == "shared-value-1"
            world.vault.write("SHARED", "shared-value-2")
            await first.rotate("SHARED")
            await world.clock.turn(20)
            assert await theirs.resolve("SHARED") == "shared-value-2"
            assert second.lookup_sync("SHARED") == "shared-value-2"


async def test_a_tenant_that_is_let_go_in_one_process_is_let_go_in_all() -> None:
    world = World()
    async with world.stack:
        first, one = await world.process()
        second, other = await world.process()
        await world.clock.turn(70)
        async with second.tenant("acme") as theirs, first.tenant("acme"):
            await first.forget("acme")
            await world.clock.turn(1)
            with pytest.raises(ScopeClosedError):
                theirs.lookup_sync("KEY")
        assert second.holding.open_tenants() == ()
        assert (one.status().said, other.status().said) == (1, 0)


async def test_after_a_gap_a_process_looks_at_all_of_its_tenants() -> None:
    world = World()
    async with world.stack:
        second, fleet = await world.process()
        async with second.tenant("acme"):
            pass
        await world.clock.turn(70)
        world.bus.cut()
        for location, value in (
            ("t/acme/KEY", "acme-key-2"),
            ("SHARED", "shared-value-2"),
        ):
            world.vault.write(location, value)
        await world.clock.turn(40)
        world.bus.mend()
        await world.clock.turn(100)
        assert fleet.status().joins == 2
        async with second.tenant("acme") as theirs:
            assert theirs.lookup_sync("KEY") == "acme-key-2"
            assert theirs.lookup_sync("SHARED") == "shared-value-2"


async def test_with_several_stores_the_keys_place_is_named() -> None:
    class App(containers.DeclarativeContainer):
        platform = SecretsBackend(providers.Object(DictSecrets({"FLEET_KEY": KEY})))
        billing = SecretsBackend(providers.Object(DictSecrets({"STRIPE": "s-1"})))
        secrets = ScopedSecrets(platform)
        bills = ScopedSecrets(billing)
        reader: Any = needs(bills, "STRIPE")

    app, bus = App(), MemoryBus()
    async with lifetime(app) as secrets:
        with pytest.raises(ConfigurationError, match="2 stores; say which one"):
            await Fleet(secrets, bus.channel(), OPTIONS).__aenter__()
        async with Fleet(secrets, bus.channel(), OPTIONS, keys=app.platform()) as fleet:
            assert fleet.status().said == 0
            held = secrets.holding.held(None)
            assert {(each.ref, each.store) for each in held} == {
                ("FLEET_KEY", "DictSecrets"),
                ("STRIPE", "DictSecrets"),
            }
            assert secrets.holding.held(None, "STRIPE", store="another") == []
            await secrets.holding.recheck("STRIPE", tenant=None, store="another")
            await app.billing().store("STRIPE", "s-2")
            await fleet.told()
            assert len(bus.sent) == 1


async def test_what_has_no_place_is_not_held() -> None:
    store = DictSecrets({"SHARED": "s", "FLEET_KEY": KEY})

    class App(containers.DeclarativeContainer):
        backend = SecretsBackend(
            providers.Object(store), settings={"tenants": {"inherit": ["SHARED"]}}
        )
        secrets = ScopedSecrets(backend)
        reader: Any = needs(secrets, "SHARED")

    async with lifetime(App()) as secrets, secrets.tenant("acme") as acme:
        assert await acme.resolve("SHARED") == "s"
        holding = secrets.holding
        assert holding.held("acme") == []
        assert holding.held("nobody") == []
        assert [each.ref for each in holding.held(None)] == ["SHARED"]


async def test_what_the_cache_has_dropped_is_held_without_a_version() -> None:
    world = World()
    async with world.stack:
        secrets, _ = await world.process()
        async with secrets.tenant("acme") as acme:
            holding = secrets.holding
            (before,) = holding.held("acme", "KEY")
            assert (before.version, before.store) == ("v1", "the vault")
            await acme.resolve("KEY")
            world.caches[0].forget("t/acme/KEY")
            (after,) = holding.held("acme", "KEY")
            assert (after.ref, after.version, after.age) == ("KEY", None, None)


async def test_one_document_of_several_secrets_is_held_once() -> None:
    vault = Vault()
    vault.write("t/acme", '{"USER": "u-1", "PASSWORD": "p-1"}')
    store = CachedSecrets(vault, name="the vault")

    class App(containers.DeclarativeContainer):
        backend = SecretsBackend(
            providers.Object(store),
            settings={"tenants": {"path": "t/{tenant}#{ref}"}},
        )
        secrets = ScopedSecrets(backend)
        reader: Any = needs(secrets, "USER", "PASSWORD")

    async with lifetime(App()) as secrets, secrets.tenant("acme"):
        assert len(secrets.holding.held("acme")) == 1
        assert len(secrets.holding.held("acme", "PASSWORD")) == 1


async def test_a_key_in_the_lifetimes_store_is_fetched_anew_when_in_doubt() -> None:
    world = World()
    async with world.stack:
        _, fleet = await world.process()
        await world.clock.turn(70)
        world.vault.write("FLEET_KEY", "another-key-of-32-random-bytes!!")
        world.vault.asked.clear()
        world.bus.carry(b"f" * 43 + b".{}")
        await world.clock.turn(31)
        assert "FLEET_KEY" in world.vault.asked
        assert fleet.status().dropped == {"forged": 1}


async def test_a_tenants_own_store_that_does_not_close_is_told_of() -> None:
    class Sticky(DictSecrets):
        async def open(self) -> None:
            """Nothing is open."""

        async def aclose(self) -> None:
            raise OSError

    class App(containers.DeclarativeContainer):
        backend = SecretsBackend(
            providers.Object(DictSecrets({"FLEET_KEY": KEY})),
            settings={"tenants": {"stores": lambda tenant: Sticky({"KEY": "k"})}},
        )
        secrets = ScopedSecrets(backend)
        reader: Any = needs(secrets, "KEY")

    bus = MemoryBus()
    async with (
        lifetime(App()) as secrets,
        Fleet(secrets, bus.channel(), OPTIONS) as fleet,
    ):
        async with secrets.tenant("acme"):
            pass
        with pytest.raises(ExceptionGroup, match="did not close"):
            await fleet.forget("acme")
        await fleet.told()
        assert len(bus.sent) == 1


@pytest.mark.parametrize("loop", ["asyncio", "trio"])
def test_a_fleet_stands_beside_a_lifetime_without_a_loop_too(loop: str) -> None:
    world = World()
    told: list[Fleet] = []

    def beside(secrets: LifetimeReader) -> Fleet:
        told.append(Fleet(secrets, world.bus.channel(), OPTIONS))
        return told[0]

    with lifetime(world.container(), beside=beside, loop=loop) as secrets:
        with secrets.tenant("acme") as acme:
            assert acme.lookup_sync("KEY") == "acme-key-1"
        told[0].rotated("KEY", tenant="acme", version="v2")
    assert told[0].status().said == 1


async def test_what_stands_beside_is_left_before_the_stores_close() -> None:
    world, order = World(), list[str]()

    class Beside(AbstractAsyncContextManager[None]):
        def __init__(self, secrets: LifetimeReader) -> None:
            self._secrets = secrets

        async def __aenter__(self) -> None:
            order.append(await self._secrets.resolve("SHARED"))

        async def __aexit__(self, *error: object) -> None:
            order.append(await self._secrets.resolve("SHARED"))
            raise OSError

    with pytest.raises(ExceptionGroup, match="did not close"):
        async with lifetime(world.container(), beside=Beside):
            order.append("body")
    assert order == ["shared-value-1", "body", "shared-value-1"]


async def test_a_fleet_without_its_key_keeps_the_lifetime_from_opening() -> None:
    world = World()
    del world.vault.held["FLEET_KEY"]
    with pytest.raises(MissingSecretError, match="FLEET_KEY"):
        async with lifetime(
            world.container(), beside=lambda s: Fleet(s, world.bus.channel(), OPTIONS)
        ):
            raise AssertionError
