"""Who is turned away at once in an outage: an audit trail tells it, and is not flooded."""

from typing import Any

import anyio
import pytest
from dependency_injector import containers, providers

from secretscope import (
    Policy,
    ScopedSecrets,
    ScopeEvent,
    SecretsBackend,
    StoreUnavailableError,
    lifetime,
    needs,
)
from secretscope.scopes import _refusals
from tests.plain import PlainStore
from tests.scopes.remote import Clock, Remote, cached

OPENING = "StoreUnavailableError, at once: it keeps failing to open"
OUTAGE = "StoreUnavailableError, at once: the remote has an outage"
KEPT = Policy(ttl=None)


class Trail:
    """Keeps the refusals that it was told."""

    def __init__(self) -> None:
        self.refusals: list[tuple[str | None, tuple[str, ...], str]] = []

    async def __call__(self, event: ScopeEvent) -> None:
        if event.kind == "refusal":
            self.refusals.append((event.tenant, event.refs, event.detail))

    async def told(self) -> list[tuple[str | None, tuple[str, ...], str]]:
        await anyio.wait_all_tasks_blocked()
        told, self.refusals = self.refusals, []
        return told


def application(far: Remote, clock: Clock, **tenants: Any) -> Any:
    class App(containers.DeclarativeContainer):
        backend = SecretsBackend(
            providers.Object(cached(far, KEPT, clock=clock, chance=lambda: 1.0)),
            settings={"tenants": {"path": "t/{tenant}/{ref}", **tenants}},
        )
        secrets = ScopedSecrets(backend)
        reader: Any = needs(secrets, "KEY")

    return App()


async def fails(secrets: Any, tenant: str) -> None:
    with pytest.raises(StoreUnavailableError):
        async with secrets.tenant(tenant):
            pass


class Down(PlainStore):
    """A store of one's own, without a cache, that is away."""

    async def resolve(self, ref: str) -> str:
        raise StoreUnavailableError("Down")


async def test_a_tenant_that_fails_at_once_is_told_once_a_minute_and_counted() -> None:
    class App(containers.DeclarativeContainer):
        backend = SecretsBackend(
            Down,
            settings={
                "tenants": {"path": "t/{tenant}/{ref}", "failures": 2, "pause": 600}
            },
        )
        secrets = ScopedSecrets(backend)
        reader: Any = needs(secrets, "KEY")

    clock, trail = Clock(), Trail()
    async with lifetime(App(), clock=clock, audit=trail) as secrets:
        for _ in range(2):
            await fails(secrets, "acme")
        assert await trail.told() == []  # it was tried
        for _ in range(41):
            await fails(secrets, "acme")
        assert await trail.told() == [("acme", (), OPENING)]
        await clock.turn(60)
        assert await trail.told() == [("acme", (), f"{OPENING}; 40 more")]
        await fails(secrets, "acme")
        assert await trail.told() == [("acme", (), OPENING)]
        await clock.turn(60)
        assert await trail.told() == []
        for _ in range(3):
            await fails(secrets, "acme")
    assert await trail.told() == [
        ("acme", (), OPENING),
        ("acme", (), f"{OPENING}; 2 more"),
    ]


async def test_a_stores_outage_is_one_refusal_however_many_tenants_it_refuses() -> None:
    clock, trail = Clock(), Trail()
    far = Remote({f"t/t{n}/KEY": f"key-of-t{n:03d}-ref" for n in range(20)})
    app = application(far, clock)
    async with lifetime(app, clock=clock, audit=trail) as secrets:
        async with secrets.tenant("t0") as inside:
            far.down = StoreUnavailableError("the remote", reason="503")
            for ref in "ABC":
                with pytest.raises(StoreUnavailableError):
                    await inside.resolve(ref)
            assert await trail.told() == []  # it was asked
            with pytest.raises(StoreUnavailableError):
                await inside.resolve("OTHER")
            assert await trail.told() == [("t0", ("OTHER",), OUTAGE)]
            with pytest.raises(StoreUnavailableError):
                await app.secrets().bind().resolve_secret("OTHER")
            assert inside.lookup_sync("KEY") == "key-of-t000-ref"
        for number in range(1, 11):
            await fails(secrets, f"t{number}")
        assert await trail.told() == []
    assert await trail.told() == [(None, (), f"{OUTAGE}; 11 more")]


async def test_a_tenant_with_several_needs_tells_of_an_outage_too() -> None:
    clock, trail = Clock(), Trail()
    far = Remote()

    class App(containers.DeclarativeContainer):
        backend = SecretsBackend(
            providers.Object(cached(far, KEPT, clock=clock, chance=lambda: 1.0)),
            settings={"tenants": {"path": "t/{tenant}/{ref}"}},
        )
        secrets = ScopedSecrets(backend)
        reader: Any = needs(secrets, "KEY", "OTHER")

    async with lifetime(App(), clock=clock, audit=trail) as secrets:
        far.down = StoreUnavailableError("the remote", reason="503")
        for number in range(4):
            await fails(secrets, f"t{number}")
    told = await trail.told()
    assert told[0][2] == OUTAGE
    assert told[-1][2].startswith(f"{OUTAGE}; ")


async def test_what_is_counted_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_refusals, "_MOST", 2)
    told: list[tuple[Any, ...]] = []
    spawned: list[Any] = []
    refusals = _refusals.Refusals(
        lambda *facts: told.append(facts), spawned.append, anyio.sleep
    )
    for name in ("one", "one", "two", "three", "one"):
        refusals.tenant(name, StoreUnavailableError("the remote"))
    assert [(name, words) for name, _, words in told] == [
        ("one", OPENING),
        ("two", OPENING),
        ("one", f"{OPENING}; 1 more"),
        ("three", OPENING),
        ("one", OPENING),
    ]
    assert len(spawned) == 1
