"""Fleets of real lifetimes: caches over one store, frames, tenants, several stores."""

from contextlib import AsyncExitStack
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

    def container(self) -> Any:
        store = CachedSecrets(
            self.vault, Policy(), name="the vault", clock=self.clock.monotonic
        )

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
