"""What the cache makes of a server's failures, over real HTTP."""

from collections.abc import AsyncIterator

import anyio
import pytest

from secretscope import (
    AccessDeniedError,
    CachedSecrets,
    ConflictError,
    DeletedSecretError,
    MissingSecretError,
    Policy,
    ReadOnlyStoreError,
    StoreUnavailableError,
)
from secretscope.backends.vault import AppRole, Layout, Token, VaultSecrets
from tests.backends.vault.admin import Admin
from tests.backends.vault.double import Double, Fault
from tests.backends.vault.stores import source_of

POLICY = Policy(ttl=60, max_stale=100, negative_ttl=5)


def cached(double: Double, *args: object, **options: object) -> CachedSecrets:
    source = source_of(double, *args, **options)  # type: ignore[arg-type]
    return CachedSecrets(source, POLICY, clock=double.core.clock)


@pytest.fixture
async def secrets(double: Double, double_admin: Admin) -> AsyncIterator[CachedSecrets]:
    for name in ("KEY", "OTHER"):
        double_admin.write("secret", name, value=f"value-of-{name}")
    double.seen.clear()
    store = cached(double, Layout(kv_version=2))
    yield store
    await store.aclose()


async def test_500_cold_reads_make_one_request(
    double: Double, secrets: CachedSecrets
) -> None:
    async with anyio.create_task_group() as group:
        for _ in range(500):
            group.start_soon(secrets.resolve, "KEY")
    assert double.paths().count("GET secret/data/KEY") == 1


@pytest.mark.parametrize(
    "fault", [Fault(status=503), Fault(status=429), Fault(reset=True), Fault(status=500)],
    ids=["sealed", "limited", "reset", "faulty"],
)  # fmt: skip
async def test_an_outage_serves_what_is_at_hand_for_a_while(
    double: Double, secrets: CachedSecrets, fault: Fault
) -> None:
    await secrets.resolve("KEY")
    fault.times, fault.path = 0, "data/"
    double.core.faults[:] = [fault]
    double.core.clock.now += 90
    assert await secrets.resolve("KEY") == "value-of-KEY"
    assert [s.stale for s in secrets.report() if s.ref == "KEY"] == [True]
    double.core.clock.now += 100
    with pytest.raises(ConnectionError):
        await secrets.resolve("KEY")
    double.core.faults.clear()
    double.core.clock.now += 200
    assert await secrets.resolve("KEY") == "value-of-KEY"


async def test_an_outage_is_no_word_on_the_secret(
    double: Double, secrets: CachedSecrets
) -> None:
    double.core.faults.append(Fault("data/KEY", status=503))
    with pytest.raises(StoreUnavailableError):
        await secrets.resolve("KEY")
    assert await secrets.resolve("KEY") == "value-of-KEY"


async def test_what_is_gone_is_never_stale(
    double: Double, double_admin: Admin, secrets: CachedSecrets
) -> None:
    await secrets.resolve("KEY")
    double_admin.ask("DELETE", "secret/data/KEY")
    double.core.clock.now += 61
    with pytest.raises(DeletedSecretError):
        await secrets.resolve("KEY")
    double_admin.write("secret", "KEY", value="new-value")
    with pytest.raises(DeletedSecretError):
        await secrets.resolve("KEY")
    double.core.clock.now += 5
    assert await secrets.resolve("KEY") == "new-value"


async def test_a_limit_on_requests_is_honoured(
    double: Double, secrets: CachedSecrets
) -> None:
    limited = Fault("data/KEY", status=429, headers={"retry-after": "30"}, times=0)
    double.core.faults.append(limited)
    for _ in range(5):
        with pytest.raises(StoreUnavailableError):
            await secrets.resolve("KEY")
    assert double.paths().count("GET secret/data/KEY") == 1
    double.core.faults.clear()
    double.core.clock.now += 31
    assert await secrets.resolve("KEY") == "value-of-KEY"


async def test_a_dead_token_costs_one_login_under_a_hundred_callers(
    double: Double, double_admin: Admin
) -> None:
    double_admin.login("approle", "approle")
    policy = double_admin.policy({"secret/data/*": ["read", "create", "update"]})
    role_id = double_admin.approle("approle", "app", policy, token_ttl="600s")
    names = [f"K{number}" for number in range(100)]
    for name in names:
        double_admin.write("secret", name, value=f"value-of-{name}")
    auth = AppRole(role_id, double_admin.secret_id("approle", "app"))
    store = cached(double, Layout(kv_version=2), auth=auth)
    await store.open()
    double.core.tokens.held = {double.token: double.core.tokens.held[double.token]}
    double.seen.clear()
    found = await store.resolve_many(names)
    assert found == {name: f"value-of-{name}" for name in names}
    assert double.paths().count("POST auth/approle/login") == 1
    double.core.tokens.held = {double.token: double.core.tokens.held[double.token]}
    double.core.clock.now += 11
    await store.store("K0", "written-after-a-login")
    assert await store.resolve("K0") == "written-after-a-login"
    await store.aclose()


async def test_a_denial_neither_loops_nor_serves_what_is_at_hand(
    double: Double, double_admin: Admin
) -> None:
    double_admin.write("secret", "KEY", value="value-1")
    token = double_admin.new_token(
        "default", double_admin.policy({"secret/*": ["read"]})
    )
    store = cached(double, Layout(kv_version=2), auth=Token(token))
    await store.resolve("KEY")
    double.core.namespaces[""].policies.clear()
    double.core.clock.now += 61
    double.seen.clear()
    for _ in range(10):
        with pytest.raises(AccessDeniedError):
            await store.resolve("KEY")
    assert len(double.seen) <= 25
    await store.aclose()


async def test_of_two_writers_one_wins_and_the_other_is_told(
    double: Double, secrets: CachedSecrets
) -> None:
    other = cached(double, Layout(kv_version=2))
    await secrets.resolve("KEY")
    await other.resolve("KEY")
    await other.store("KEY", "others-value")
    with pytest.raises(ConflictError):
        await secrets.store("KEY", "my-value")
    for reader in (secrets, other):
        assert await reader.resolve("KEY") == "others-value"
    assert secrets.lookup_sync("KEY") == "others-value"
    await secrets.store("KEY", "my-value")  # having seen it
    await other.aclose()


async def test_what_is_created_must_not_be_there_yet(
    double: Double, double_admin: Admin
) -> None:
    store = VaultSecrets(double.address, "prod", auth=Token(double.token))
    await store.create("KEY#token", "first-value")
    assert store.lookup_sync("KEY#token") == "first-value"
    with pytest.raises(ConflictError):
        await store.create("KEY", "second-value")
    double_admin.ask("DELETE", "secret/metadata/prod/KEY")
    with pytest.raises(ConflictError):
        await store.store("KEY#token", "third-value")
    assert store.lookup_sync("KEY#token") is None
    await store.create("KEY#token", "fourth-value")
    assert await store.resolve("KEY") == "fourth-value"
    await store.aclose()


async def test_leases_are_renewed_then_replaced_and_given_back_at_the_end(
    double: Double, double_admin: Admin
) -> None:
    double_admin.ask("POST", "sys/mounts/database", {"type": "database"})
    double_admin.ask("POST", "database/roles/app", {"default_ttl": 100, "max_ttl": 150})
    store = cached(double, Layout(engines=("database",)))
    ref = "/database/creds/app"
    first = await store.resolve(f"{ref}#password")
    user = await store.resolve(f"{ref}#username")
    assert len(double.core.leases) == 1
    assert user
    double.core.clock.now += 101
    second = await store.resolve(f"{ref}#password")
    assert second != first
    assert len(double.core.leases) == 2
    await store.aclose()
    assert len([p for p in double.paths() if p.endswith("leases/revoke")]) == 1


async def test_shutting_down_while_the_server_hangs_is_bounded(
    double: Double, double_admin: Admin
) -> None:
    double_admin.login("approle", "approle")
    role_id = double_admin.approle("approle", "app", "root", token_ttl="600s")
    auth = AppRole(role_id, double_admin.secret_id("approle", "app"))
    store = cached(double, auth=auth, timeout=1.0)
    await store.open()
    double.core.faults.append(Fault("revoke-self", hang=True, times=0))
    with anyio.fail_after(10), pytest.raises(TimeoutError):
        await store.aclose()


async def test_a_lifetime_of_the_store_keeps_its_token_alive(
    double: Double, double_admin: Admin
) -> None:
    double_admin.write("secret", "KEY", value="value-1")
    store = VaultSecrets(double.address, auth=Token(double.token))
    await store.open()
    async with anyio.create_task_group() as group:
        await group.start(store.serve)
        assert await store.resolve("KEY") == "value-1"
        with pytest.raises(MissingSecretError):
            await store.resolve("ABSENT")
        group.cancel_scope.cancel()
    await store.aclose()
    assert repr(store) == f"VaultSecrets(Vault at {double.address})"


async def test_a_client_of_yours_has_nothing_to_keep_alive() -> None:
    class Client:
        async def read(self, path: str) -> dict[str, str]:
            return {"value": path}

        async def write(self, path: str, **data: str) -> None: ...

    store = VaultSecrets(Client(), path="prod")
    with pytest.raises(ReadOnlyStoreError, match="the client Client"):
        await store.create("KEY", "x")
    async with anyio.create_task_group() as group:
        await group.start(store.serve)
        assert await store.resolve("KEY") == "prod/KEY"
        group.cancel_scope.cancel()
