"""Vault beside hvac in threads, and beside hvac in a loop: time, requests and bytes."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import anyio
import anyio.to_thread
import hvac  # type: ignore[import-untyped]  # it has no types

from secretscope import CachedSecrets, Policy
from secretscope.backends.vault import (
    AppRole,
    Layout,
    Tenants,
    Token,
    VaultSecrets,
)
from tests.backends.vault.admin import Admin
from tests.backends.vault.double import Double, serving
from tests.benchmarks.table import Row
from tests.benchmarks.vault_server import elsewhere

REFS = [f"app/K{number}" for number in range(200)]
TENANTS = [f"t{number}" for number in range(1000)]
AT_ONCE = 16
ROUNDS = 2
POLICY = Policy(concurrency=AT_ONCE, timeout=60, close_timeout=60)
Taken = tuple[float, float]
"""Seconds by the clock, and seconds of this process's CPU."""


def filled(admin: Admin) -> tuple[str, str]:
    """Write what is read, and return a role-id and a secret-id for all tenants."""
    for ref in REFS:
        admin.write("secret", ref, value=f"value-of-{ref}")
    for tenant in TENANTS:
        admin.write("secret", f"tenants/{tenant}/KEY", value=f"value-of-{tenant}")
    admin.login("approle", "approle")
    role_id = admin.approle("approle", "app", "root", token_ttl="600s")
    return role_id, admin.secret_id("approle", "app")


async def warm(admin: Admin) -> None:
    store = VaultSecrets(admin.address, auth=Token(admin.token), policy=POLICY)
    found = await store.resolve_many(REFS)
    assert len(found) == len(REFS)
    await store.aclose()


def read(client: Any, ref: str) -> str:
    answer = client.secrets.kv.v2.read_secret_version(
        ref, raise_on_deleted_version=True
    )
    return str(answer["data"]["data"]["value"])


def warm_in_threads(admin: Admin) -> None:
    with connected(admin.address, token=admin.token) as client:
        pool_of(client, AT_ONCE)
        with ThreadPoolExecutor(AT_ONCE) as threads:
            assert len(list(threads.map(lambda ref: read(client, ref), REFS))) == 200


def warm_in_a_loop(admin: Admin) -> None:
    with connected(admin.address, token=admin.token) as client:
        for ref in REFS:
            read(client, ref)


@contextmanager
def connected(address: str, **options: str) -> Iterator[Any]:
    client = hvac.Client(address, **options)
    try:
        yield client
    finally:
        client.adapter.close()


def pool_of(client: Any, size: int) -> None:
    """Let an hvac client keep as many connections as there are threads."""
    requests = __import__("requests")
    adapter = requests.adapters.HTTPAdapter(pool_maxsize=size)
    client.session.mount("http://", adapter)


def shop(admin: Admin, ids: tuple[str, str]) -> VaultSecrets:
    """Return a store of which each tenant reads with a token of its own."""
    tenants = Tenants(path="tenants/{tenant}", auth=lambda _: AppRole(*ids))
    auth = Token(admin.token)
    return VaultSecrets(admin.address, auth=auth, tenants=tenants, policy=POLICY)


async def open_tenants(store: VaultSecrets) -> None:
    limiter = anyio.CapacityLimiter(AT_ONCE)

    async def one(tenant: str) -> None:
        async with limiter:
            own = store.for_tenant(tenant)
            assert isinstance(own, CachedSecrets)
            assert await own.resolve("KEY") == f"value-of-{tenant}"

    async with anyio.create_task_group() as group:
        for tenant in TENANTS:
            group.start_soon(one, tenant)


async def opening(admin: Admin, ids: tuple[str, str]) -> Taken:
    """Time the first open; the tokens are revoked when that is over."""
    store = shop(admin, ids)
    taken = await taken_by(open_tenants, store)
    await store.aclose()
    return taken


def open_tenants_in_threads(admin: Admin, ids: tuple[str, str]) -> None:
    session = __import__("requests").Session()

    def one(tenant: str) -> None:  # a client each: login() changes a client's token
        client = hvac.Client(admin.address, session=session)
        client.auth.approle.login(*ids)
        assert read(client, f"tenants/{tenant}/KEY") == f"value-of-{tenant}"

    pool_of(hvac.Client(admin.address, session=session), AT_ONCE)
    with session, ThreadPoolExecutor(AT_ONCE) as threads:
        list(threads.map(one, TENANTS))


async def rows() -> list[Row]:
    found: list[Row] = []
    with elsewhere() as (address, token):
        admin = Admin(address, token)
        ids = await anyio.to_thread.run_sync(filled, admin)
        taken = [
            (
                await taken_by(warm, admin),
                of(warm_in_threads, admin),
                of(warm_in_a_loop, admin),
            )
            for _ in range(ROUNDS)
        ]
        ours, threads, loop = best(taken)
        found += [
            ("warm-up of 200 refs / hvac in 16 threads", ours[0] / threads[0], None),
            ("... its CPU", ours[1] / threads[1], 1.5),
            ("warm-up of 200 refs / hvac in a loop", ours[0] / loop[0], 0.5),
        ]
        openings = [
            (await opening(admin, ids), of(open_tenants_in_threads, admin, ids))
            for _ in range(ROUNDS)
        ]
        ours, threads = best(openings)
        found += [
            ("first open of 1,000 tenants / in 16 threads", ours[0] / threads[0], None),
            ("... its CPU", ours[1] / threads[1], 1.5),
        ]
    return found + await counted()


async def taken_by(work: Any, *args: Any) -> Taken:
    start, cpu = time.perf_counter(), time.process_time()
    await work(*args)
    return time.perf_counter() - start, time.process_time() - cpu


def of(work: Any, *args: Any) -> Taken:
    start, cpu = time.perf_counter(), time.process_time()
    work(*args)
    return time.perf_counter() - start, time.process_time() - cpu


def best(rounds: Sequence[tuple[Taken, ...]]) -> list[Taken]:
    """Return each one's best time, and its best CPU time: the rest is noise."""
    return [
        (min(wall for wall, _ in column), min(cpu for _, cpu in column))
        for column in zip(*rounds, strict=True)
    ]


async def counted() -> list[Row]:
    """Count requests and bytes, at a server that looks on."""
    with serving() as double:
        admin = Admin(double.address, double.token)
        ids = await anyio.to_thread.run_sync(filled, admin)
        _reset(double)
        await warm(admin)
        requests, sent, got = _traffic(double)
        await anyio.to_thread.run_sync(warm_in_threads, admin)
        _, peer_sent, peer_got = _traffic(double)
        store = shop(admin, ids)
        await open_tenants(store)
        logins = len([1 for seen in double.seen if seen.path.endswith("/login")])
        asked, _, _ = _traffic(double)
        await store.aclose()
        wrong, peers_wrong = await rotated(admin, double)
    return [
        ("requests for 200 refs (and 2: token, mount)", requests, 202.0),
        ("bytes sent for 200 refs / hvac", sent / peer_sent, 1.0),
        ("bytes received for 200 refs / hvac", got / peer_got, 1.02),
        ("requests for 1,000 tenants (login and read each)", asked, 2020.0),
        ("logins of 1,000 tenants", logins, 1000.0),
        ("reads of 100 tenants with another's token", wrong, 0.0),
        ("... of one hvac client in threads", peers_wrong, None),
    ]


def _reset(double: Double) -> None:
    double.seen.clear()
    double.listener.sent = 0


def _traffic(double: Double) -> tuple[int, int, int]:
    found = len(double.seen), sum(s.size for s in double.seen), double.listener.sent
    _reset(double)
    return found


async def rotated(admin: Admin, double: Double) -> tuple[int, int]:
    """Let 100 tenants log in and read at once; count reads with another's token."""
    roles = {}
    for tenant in TENANTS[:100]:
        role_id = admin.approle("approle", tenant, "root", token_ttl="600s")
        roles[tenant] = (role_id, admin.secret_id("approle", tenant))
    _reset(double)
    tenants = Tenants(path="tenants/{tenant}", auth=lambda name: AppRole(*roles[name]))
    layout = Layout(kv_version=2)
    store = VaultSecrets(
        admin.address, auth=Token(admin.token), tenants=tenants, layout=layout
    )

    async def one(name: str) -> None:
        own = store.for_tenant(name)
        assert own is not None
        await own.resolve("KEY")

    async with anyio.create_task_group() as group:
        for name in roles:
            group.start_soon(one, name)
    wrong = _wrong(double)
    await store.aclose()
    _reset(double)
    await anyio.to_thread.run_sync(_shared_client, admin, roles)
    return wrong, _wrong(double)


def _shared_client(admin: Admin, roles: dict[str, tuple[str, str]]) -> None:
    with connected(admin.address) as client:
        pool_of(client, AT_ONCE)
        gate = threading.Barrier(AT_ONCE)

        def one(item: tuple[str, tuple[str, str]]) -> None:
            client.auth.approle.login(*item[1])
            if item[0] in TENANTS[:AT_ONCE]:
                gate.wait()
            read(client, f"tenants/{item[0]}/KEY")

        with ThreadPoolExecutor(AT_ONCE) as threads:
            list(threads.map(one, roles.items()))


def _wrong(double: Double) -> int:
    who = {token.id: token.who for token in double.core.tokens.held.values()}
    reads = [seen for seen in double.seen if "/data/tenants/" in seen.path]
    return sum(who[seen.token] != seen.path.split("/")[3] for seen in reads)
