"""Tenants: a mount, a namespace, a path or a login of each one's own; nothing crosses."""

from collections import defaultdict
from typing import Any

import anyio
import pytest

from secretscope import (
    AccessDeniedError,
    CachedSecrets,
    ConfigurationError,
    InvalidTenantError,
    MissingSecretError,
    StoreUnavailableError,
)
from secretscope.backends.vault import AppRole, Layout, Tenants, Token
from tests.backends.vault.admin import Admin
from tests.backends.vault.double import Double, Fault
from tests.backends.vault.stores import opened


async def test_a_tenants_path_and_mount_are_its_own(admin: Admin) -> None:
    shared = admin.mount(2)
    for tenant in ("acme", "globex"):
        admin.write(shared, f"tenants/{tenant}/KEY", value=f"path-{tenant}")
        admin.mount(1, f"{shared}-{tenant}")
        admin.ask("POST", f"{shared}-{tenant}/KEY", {"value": f"mount-{tenant}"})
    by_path = Tenants(path="tenants/{tenant}")
    by_mount = Tenants(mount=f"{shared}-{{tenant}}")
    for rules, value in ((by_path, "path"), (by_mount, "mount")):
        async with opened(admin, Layout(shared), tenants=rules) as source:
            for tenant in ("acme", "globex"):
                own = source.for_tenant(tenant)
                assert own is not None
                assert (await own.fetch("KEY")).reveal() == f"{value}-{tenant}"
                with pytest.raises(MissingSecretError):
                    await own.fetch("OTHER")
                await own.aclose()


async def test_a_tenants_namespace_is_below_the_servers_own(
    double: Double, double_admin: Admin
) -> None:
    for space in ("team", "team/customers", "team/customers/acme"):
        outer, _, name = space.rpartition("/")
        Admin(double.address, double.token, outer).ask(
            "POST", f"sys/namespaces/{name}", {}
        )
    there = Admin(double.address, double.token, "team/customers/acme")
    there.mount(2, "secret")
    there.write("secret", "KEY", value="acme-1")
    double.seen.clear()
    rules = Tenants(namespace="customers/{tenant}")
    async with opened(double, tenants=rules, namespace="team") as source:
        own = source.for_tenant("acme")
        assert own is not None
        assert (await own.fetch("KEY")).reveal() == "acme-1"
        inner = source.namespaced("customers/acme")
        assert (await inner.fetch("KEY")).reveal() == "acme-1"
    reads = [seen for seen in double.seen if "data/KEY" in seen.path]
    assert [seen.namespace for seen in reads] == ["team/customers/acme"] * 2
    mounts = [seen for seen in double.seen if "mounts" in seen.path]
    assert [seen.namespace for seen in mounts] == ["team/customers/acme"]


def test_without_rules_tenants_share_one_source(double: Double) -> None:
    async def check() -> None:
        async with opened(double) as source:
            assert source.for_tenant("acme") is None

    anyio.run(check)


@pytest.mark.parametrize("name", ["", "..", "a/b", "a b", "a\r\nb", "-a", "a" * 129])
async def test_a_tenants_name_passes_the_grammar_before_anything_is_asked(
    double: Double, name: str
) -> None:
    async with opened(double, tenants=Tenants(path="t/{tenant}")) as source:
        with pytest.raises(InvalidTenantError):
            source.for_tenant(name)
    assert double.seen == []


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ({"mount": "kv"}, "vault.tenant.mount: expected a text that holds {tenant}"),
        ({"mount": "{tenant}/{tenant}"}, "vault.tenant.mount"),
        ({"path": 7}, "vault.tenant.path"),
        ({"namespace": "../{tenant}"}, "vault.tenant.namespace"),
        ({"path": "t/{tenant}/{ref}"}, "vault.tenant.path"),
    ],
)
def test_a_template_that_cannot_work_is_told(given: dict[str, Any], fault: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        Tenants(**given)
    assert fault in str(caught.value)


async def test_a_tenant_reads_no_other_engine(double: Double) -> None:
    layout = Layout(engines=("database",))
    rules = Tenants(path="t/{tenant}")
    async with opened(double, layout, tenants=rules) as source:
        own = source.for_tenant("acme")
        assert own is not None
        with pytest.raises(ValueError, match=r"vault\.engines"):
            await own.fetch("/database/creds/app")


def roles(admin: Admin, count: int) -> dict[str, tuple[str, str]]:
    """Make a role for each tenant, which may read that tenant's secrets alone."""
    admin.login("approle", "approle")
    found: dict[str, tuple[str, str]] = {}
    for number in range(count):
        tenant = f"t{number}"
        admin.write("secret", f"tenants/{tenant}/KEY", value=f"value-of-{tenant}")
        policy = admin.policy({f"secret/data/tenants/{tenant}/*": ["read"]})
        role_id = admin.approle("approle", tenant, policy, token_ttl="60s")
        found[tenant] = (role_id, admin.secret_id("approle", tenant))
    return found


async def test_a_hundred_tenants_at_once_use_each_its_own_token(
    double: Double, double_admin: Admin
) -> None:
    known = roles(double_admin, 100)
    double.seen.clear()
    rules = Tenants(
        path="tenants/{tenant}", auth=lambda tenant: AppRole(*known[tenant])
    )
    async with opened(double, tenants=rules) as source:
        own = {tenant: source.for_tenant(tenant) for tenant in known}

        async def read(tenant: str) -> None:
            part = own[tenant]
            assert part is not None
            secrets = CachedSecrets(part, clock=double.core.clock)
            assert await secrets.resolve("KEY") == f"value-of-{tenant}"
            mine = next(t for t in double.core.tokens.held.values() if t.who == tenant)
            double.core.tokens.revoke(mine.id)  # rotated: the next read is denied once
            secrets.forget("KEY")
            assert await secrets.resolve("KEY") == f"value-of-{tenant}"

        async with anyio.create_task_group() as group:
            for tenant in known:
                group.start_soon(read, tenant)
        for part in own.values():
            assert part is not None
            await part.aclose()
    whose = _owners(double)
    reads = [seen for seen in double.seen if "/data/" in seen.path]
    assert len(reads) == 300  # one, one that is denied, one after the login
    for seen in reads:
        assert whose[seen.token] == seen.path.split("/")[3]
    assert {s.token for s in double.seen if "data" in s.path}.isdisjoint({double.token})
    assert set(double.core.tokens.held) == {double.token}


def _owners(double: Double) -> dict[str, str]:
    """Return whose each token is that a read was made with, by what it read."""
    found: dict[str, set[str]] = defaultdict(set)
    for seen in double.seen:
        if "/data/tenants/" in seen.path:
            found[seen.token].add(seen.path.split("/")[3])
    assert all(len(tenants) == 1 for tenants in found.values())
    return {token: next(iter(tenants)) for token, tenants in found.items()}


async def test_a_tenant_is_denied_what_is_anothers(
    double: Double, double_admin: Admin
) -> None:
    known = roles(double_admin, 2)
    rules = Tenants(auth=lambda tenant: AppRole(*known[tenant]))
    layout = Layout(path="tenants/t1")
    async with opened(double, layout, tenants=rules) as source:
        assert (await source.fetch("KEY")).reveal() == "value-of-t1"
        own = source.for_tenant("t0")
        assert own is not None
        with pytest.raises(AccessDeniedError):
            await own.fetch("KEY")
        await own.aclose()


async def test_two_sources_of_one_tenant_share_its_login_until_the_last_goes(
    double: Double, double_admin: Admin
) -> None:
    known = roles(double_admin, 1)
    rules = Tenants(path="tenants/{tenant}", auth=lambda t: AppRole(*known[t]))
    async with opened(double, tenants=rules) as source:
        one, two = source.for_tenant("t0"), source.for_tenant("t0")
        assert one is not None
        assert two is not None
        await one.fetch("KEY")
        await two.fetch("KEY")
        await one.aclose()
        await one.aclose()
        assert double.core.tokens.revoked == []
        assert (await two.fetch("KEY")).reveal() == "value-of-t0"
        await two.aclose()
        assert len(double.core.tokens.revoked) == 1
    logins = [path for path in double.paths() if path.endswith("approle/login")]
    assert len(logins) == 1


async def test_a_mount_that_one_tenant_may_not_see_is_asked_for_by_the_next(
    double: Double, double_admin: Admin
) -> None:
    one = double_admin.mount(1, "old")
    double_admin.ask("POST", f"{one}/KEY", {"value": "v-1"})
    tokens = {
        "blind": double_admin.new_token("default"),
        "seeing": double_admin.new_token(double_admin.policy({"old/*": ["read"]})),
    }
    rules = Tenants(auth=lambda tenant: Token(tokens[tenant]))
    async with opened(double, Layout(one), tenants=rules) as source:
        blind, seeing = source.for_tenant("blind"), source.for_tenant("seeing")
        assert blind is not None
        assert seeing is not None
        with pytest.raises(AccessDeniedError):
            await blind.fetch("KEY")
        assert (await seeing.fetch("KEY")).reveal() == "v-1"


@pytest.mark.parametrize("broken", [0, 1, 2])
async def test_closing_the_whole_source_closes_what_tenants_left_open(
    double: Double, double_admin: Admin, broken: int
) -> None:
    known = roles(double_admin, 2)
    rules = Tenants(path="tenants/{tenant}", auth=lambda t: AppRole(*known[t]))
    async with opened(double, tenants=rules) as source:
        parts = [source.for_tenant(tenant) for tenant in known]
        for part in parts:
            assert part is not None
            await part.fetch("KEY")
        if broken:
            double.core.faults.append(Fault("revoke", reset=True, times=broken))
            with pytest.raises((StoreUnavailableError, ExceptionGroup)):
                await source.aclose()
        else:
            await source.aclose()
        for part in parts:
            assert part is not None
            await part.aclose()
    assert len(double.core.tokens.revoked) == 2 - broken
