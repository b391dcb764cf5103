"""Dynamic credentials: their leases, and the tokens that these hang on."""

import json

import httpx2
import pytest

from secretscope import (
    InvalidRefError,
    MissingSecretError,
    ReadOnlyStoreError,
    Secret,
    StoreUnavailableError,
)
from secretscope.backends.vault import AppRole, Layout, Token, VaultSecrets
from tests.backends.vault.admin import Admin
from tests.backends.vault.double import Double, Fault
from tests.backends.vault.stores import opened

CREDS = "/database/creds/app"
LAYOUT = Layout(engines=("database",))


@pytest.fixture(autouse=True)
def database(double: Double, double_admin: Admin) -> None:
    double_admin.ask("POST", "sys/mounts/database", {"type": "database"})
    double_admin.ask("POST", "database/roles/app", {"default_ttl": 100, "max_ttl": 250})
    double.seen.clear()


async def test_a_credential_comes_with_its_lease(double: Double) -> None:
    now = double.core.clock.now
    async with opened(double, LAYOUT) as source:
        one, two = await source.fetch(CREDS), await source.fetch(CREDS)
    assert set(one.fields) == {"username", "password"}
    assert one.reveal("password") != two.reveal("password")
    assert (one.expires_at, one.renewable) == (now + 100, True)
    assert one.lease_id in double.core.leases
    assert one.version is None


async def test_an_engine_is_read_only_where_it_is_named(double: Double) -> None:
    async with opened(double) as source:
        with pytest.raises(InvalidRefError, match=r"vault\.engines"):
            await source.fetch(CREDS)
    layout = Layout(engines=("database/x", "database"))
    async with opened(double, layout) as source:
        with pytest.raises(ReadOnlyStoreError):
            await source.put(CREDS, "x")
        with pytest.raises(InvalidRefError):
            await source.fetch("/database")
        with pytest.raises(InvalidRefError):
            await source.fetch("/databases/creds/app")
        await source.fetch(CREDS)


async def test_another_kv_engine_may_be_named_too(
    double: Double, double_admin: Admin
) -> None:
    other = double_admin.mount(1, "old")
    double_admin.ask("POST", f"{other}/team/key", {"value": "v-1"})
    async with opened(double, Layout(engines="old", path="prod")) as source:
        assert (await source.fetch("/old/team/key")).reveal() == "v-1"


async def test_a_lease_is_prolonged_by_what_the_server_grants(double: Double) -> None:
    clock = double.core.clock
    async with opened(double, LAYOUT) as source:
        secret = await source.fetch(CREDS)
        clock.now += 70
        renewed = await source.renew(CREDS, secret)
        assert renewed.expires_at == clock.now + 100
        assert renewed.reveal("password") == secret.reveal("password")
        assert renewed.lease_id == secret.lease_id
        clock.now += 90
        last = await source.renew(CREDS, renewed)
        assert last.expires_at == secret.fetched_at + 250  # type: ignore[operator]
        clock.now += 91
        with pytest.raises(MissingSecretError, match="fetch it anew"):
            await source.renew(CREDS, last)


async def test_a_renewal_fails_as_a_read_does(double: Double) -> None:
    async with opened(double, LAYOUT) as source:
        secret = await source.fetch(CREDS)
        for status, error in (
            (403, PermissionError),
            (500, StoreUnavailableError),
            (200, StoreUnavailableError),
        ):
            double.core.faults.append(Fault("leases/renew", status=status))
            with pytest.raises(error):
                await source.renew(CREDS, secret)
        text = Secret("plain", lease_id=secret.lease_id)
        assert (await source.renew(CREDS, text)).is_text


async def test_a_lease_is_given_back(double: Double) -> None:
    async with opened(double, LAYOUT) as source:
        secret = await source.fetch(CREDS)
        await source.revoke(secret)
        assert double.core.leases == {}
        await source.revoke(secret)
        await source.revoke(Secret("no lease"))
        double.core.faults.append(Fault("leases/revoke", status=503))
        with pytest.raises(StoreUnavailableError):
            await source.revoke(secret)
        assert "sealed" in source.health()


async def test_a_lease_ends_with_its_token_and_keeps_that_alive(
    double: Double, double_admin: Admin
) -> None:
    double_admin.login("approle", "approle")
    policy = double_admin.policy({"database/*": ["read"]})
    role_id = double_admin.approle("approle", "app", policy, token_ttl="60s")
    auth = AppRole(role_id, double_admin.secret_id("approle", "app"))
    clock = double.core.clock
    async with opened(double, LAYOUT, auth=auth) as source:
        secret = await source.fetch(CREDS)
        assert secret.expires_at == clock.now + 60
        sessions = source._reach.cluster.sessions
        clock.now += 41
        await sessions.renew_due()
        clock.now += 41
        await sessions.renew_due()  # nobody has read, but a lease hangs on it
        assert double.paths().count("POST auth/token/renew-self") == 2
        renewed = await source.renew(CREDS, secret)
        assert renewed.expires_at == clock.now + 60
        double.core.tokens.held.pop(
            next(t for t in double.core.tokens.held if t != double.token)
        )
        await source.login()
        before = len(double.seen)
        with pytest.raises(MissingSecretError, match="fetch it anew"):
            await source.renew(CREDS, renewed)
        assert len(double.seen) == before
        await source.fetch(CREDS)


async def test_a_lease_of_an_older_token_ends_with_that_one(
    double: Double, double_admin: Admin
) -> None:
    token = double_admin.new_token("root", ttl="60s")
    async with opened(double, LAYOUT, auth=Token(token)) as source:
        session = source._reach.session()
        assert session is not None
        await source.open()
        now = double.core.clock.now
        assert session.lend("some-other-token", now + 100) == now + 100
        assert session.lend(token, now + 100) == now + 60
        assert session.lend(token, now + 10) == now + 10


async def test_a_static_credential_lasts_until_its_rotation(
    double: Double, double_admin: Admin
) -> None:
    for ttl in (40, 0):
        role = {"password": "static-1", "ttl": ttl}
        double_admin.ask("POST", f"database/static-roles/r{ttl}", role)
    now = double.core.clock.now
    async with opened(double, LAYOUT) as source:
        secret = await source.fetch("/database/static-creds/r40")
        assert (secret.expires_at, secret.lease_id) == (now + 40, None)
        assert not secret.renewable
        assert (await source.fetch("/database/static-creds/r0")).expires_at is None
        with pytest.raises(MissingSecretError):
            await source.fetch("/database/creds/nobody")


async def test_a_read_that_makes_something_is_not_sent_to_a_second_address(
    double: Double,
) -> None:
    class Twice:
        address = f"{double.address},{double.address}"
        token = double.token

    async with opened(Twice(), LAYOUT) as source:
        await source.fetch(CREDS)
        double.core.faults.append(Fault("database/creds", cut=20))
        with pytest.raises(StoreUnavailableError, match="broke off"):
            await source.fetch(CREDS)
    assert len(double.core.leases) == 2


async def test_an_engine_nobody_may_ask_about_is_read_as_it_stands(
    double: Double,
) -> None:
    double.core.faults.append(Fault("sys/internal", status=403))
    async with opened(double, LAYOUT) as source:
        assert (await source.fetch(CREDS)).lease_id


async def test_a_lease_read_by_a_client_of_yours_has_its_own_end(
    double: Double,
) -> None:
    headers = {"X-Vault-Token": double.token}
    async with httpx2.AsyncClient(base_url=double.address, headers=headers) as client:
        store = VaultSecrets(client, layout=LAYOUT)
        secret = await store.resolve_secret(CREDS)
        assert secret.lease_id in double.core.leases
        double.core.faults.append(endless(secret.lease_id or ""))
        store.forget(CREDS)
        assert (await store.resolve_secret(CREDS)).expires_at is None
        await store.aclose()


def endless(lease_id: str) -> Fault:
    body = {"lease_id": lease_id, "lease_duration": 0, "data": {"value": "v"}}
    return Fault("creds", status=200, body=json.dumps(body).encode())
