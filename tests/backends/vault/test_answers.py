"""What each answer becomes: patience, limits, broken bodies, hung connections."""

import anyio
import pytest

from secretscope import (
    StoreTimeoutError,
    StoreUnavailableError,
)
from secretscope.backends.vault import Layout
from secretscope.backends.vault._wire import CONNECTIONS
from tests.backends.vault.admin import Admin
from tests.backends.vault.double import Double, Fault
from tests.backends.vault.stores import opened


async def test_a_412_is_asked_again_a_few_times(double: Double) -> None:
    Admin(double.address, double.token).write("secret", "key", value="v-1")
    double.core.faults.append(Fault("data/key", status=412, times=3))
    async with opened(double) as source:
        assert (await source.fetch("key")).reveal() == "v-1"
        double.core.faults.append(Fault("data/key", status=412, times=0))
        double.seen.clear()
        with pytest.raises(StoreUnavailableError, match="caught up"):
            await source.fetch("key")
    assert len([p for p in double.paths() if "data/key" in p]) == 5


@pytest.mark.parametrize(
    ("said", "least", "most"),
    [
        ({"retry-after": "7"}, 7, 7),
        ({}, None, None),
        ({"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}, 0, 0),
        ({"retry-after": "Wed, 21 Oct 2130 07:28:00 GMT"}, 10**9, 10**10),
        ({"retry-after": "soon"}, None, None),
        ({"retry-after": "nan"}, None, None),
        ({"retry-after": "-3"}, 0, 0),
    ],
)
async def test_a_429_carries_what_the_server_asks_for(
    double: Double, said: dict[str, str], least: float | None, most: float | None
) -> None:
    double.core.faults.append(Fault("data/key", status=429, headers=said))
    async with opened(double) as source:
        with pytest.raises(StoreUnavailableError) as caught:
            await source.fetch("key")
        assert source.health() == "it limits how often it may be asked"
    found = caught.value.retry_after
    assert found is least if least is None else least <= (found or 0) <= (most or 0)


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, ValueError), (401, PermissionError), (403, PermissionError),
        (404, KeyError), (405, ValueError), (418, ConnectionError),
        (429, ConnectionError), (472, ConnectionError), (473, ConnectionError),
        (500, ConnectionError), (501, ConnectionError), (502, ConnectionError),
        (503, ConnectionError), (301, ConnectionError), (200, ConnectionError),
    ],
)  # fmt: skip
@pytest.mark.parametrize("version", [1, 2])
async def test_each_status_has_its_error(
    double: Double, status: int, error: type[Exception], version: int
) -> None:
    double.core.faults.append(Fault("key", status=status))
    async with opened(double, Layout(kv_version=version)) as source:
        with pytest.raises(error) as caught:
            await source.fetch("key")
    assert "key" in str(caught.value)
    assert "scripted" not in str(caught.value)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"[]",
        b'{"data": 7}',
        b'{"data": {"data": 7}}',
        b"\xff\xfe",
        b"{",
    ],
)
async def test_a_body_that_is_not_vaults_is_an_outage_not_a_value(
    double: Double, body: bytes
) -> None:
    double.core.faults.append(Fault("data/key", status=200, body=body, times=0))
    async with opened(double, Layout(kv_version=2)) as source:
        with pytest.raises(StoreUnavailableError, match="broken"):
            await source.fetch("key")
        with pytest.raises(StoreUnavailableError, match="broken"):
            await source.put("key", "v")


@pytest.mark.parametrize("fault", [Fault("data", reset=True), Fault("data", cut=10)])
async def test_a_connection_that_breaks_is_an_outage(
    double: Double, fault: Fault
) -> None:
    Admin(double.address, double.token).write("secret", "key", value="v-1")
    fault.times = 1
    double.core.faults[:] = [fault]
    async with opened(double) as source:
        with pytest.raises(StoreUnavailableError, match="broke off"):
            await source.fetch("key")
        assert (await source.fetch("key")).reveal() == "v-1"


async def test_a_server_that_hangs_is_given_up(double: Double) -> None:
    double.core.faults.append(Fault("data/key", hang=True, times=0))
    async with opened(double, timeout=0.05) as source:
        with pytest.raises(StoreTimeoutError, match=r"0\.05 s"):
            await source.fetch("key")


async def test_waiting_for_a_turn_does_not_count_as_the_servers_time(
    double: Double,
) -> None:
    Admin(double.address, double.token).write("secret", "key", value="v-1")
    double.core.faults.append(Fault("data/slow", hang=True, times=0))
    async with opened(double, Layout(kv_version=2), timeout=1.5) as source:
        await source.open()

        async def slow() -> None:
            with pytest.raises(StoreTimeoutError):
                await source.fetch("slow")

        async with anyio.create_task_group() as group:
            for _ in range(CONNECTIONS):
                group.start_soon(slow)
            await anyio.wait_all_tasks_blocked()
            assert (await source.fetch("key")).reveal() == "v-1"


@pytest.mark.parametrize("size", [5000, 900_000])
async def test_an_answer_that_is_too_large_is_not_read(
    double: Double, size: int
) -> None:
    Admin(double.address, double.token).write("secret", "key", value="x" * size)
    async with opened(double, max_bytes=4000) as source:
        with pytest.raises(StoreUnavailableError, match="larger than 4000 bytes"):
            await source.fetch("key")


async def test_no_cookie_is_kept_between_requests(double: Double) -> None:
    admin = Admin(double.address, double.token)
    admin.write("secret", "key", value="v-1")
    double.core.faults.append(
        Fault("data/key", status=500, headers={"set-cookie": "session=acme; Path=/"})
    )
    async with opened(double) as source:
        with pytest.raises(StoreUnavailableError):
            await source.fetch("key")
        await source.fetch("key")
    assert not any("cookie" in seen.headers for seen in double.seen)


async def test_the_server_is_asked_how_it_is(double: Double) -> None:
    async with opened(double) as source:
        for change, said in (
            ({}, "ok"),
            ({"standby": "http://127.0.0.1:1"}, "ok"),
            ({"sealed": True}, "it is sealed"),
            ({"initialised": False}, "it has not been initialised"),
        ):
            for name, value in change.items():
                setattr(double.core, name, value)
            assert await source.probe() == source.health() == said
            double.core.sealed, double.core.standby = False, None
            double.core.initialised = True
        double.core.faults.append(Fault("sys/health", status=418))
        assert (
            await source.probe() == "it answered with status 418 when asked how it is"
        )
