"""The mount's version, found out once, and what the server says of times."""

import json
from typing import Any

import anyio
import pytest

from secretscope import (
    ConfigurationError,
    DeletedSecretError,
    InvalidRefError,
    MissingSecretError,
)
from secretscope.backends.vault import Layout
from tests.backends.vault.admin import Admin
from tests.backends.vault.double import Double, Fault
from tests.backends.vault.stores import opened


async def test_the_version_is_asked_for_once_by_any_number_of_callers(
    double: Double,
) -> None:
    admin = Admin(double.address, double.token)
    for number in range(20):
        admin.write("secret", f"k{number}", value=f"value-{number}")
    double.seen.clear()
    async with opened(double) as source, anyio.create_task_group() as group:
        for number in range(20):
            group.start_soon(source.fetch, f"k{number}")
    paths = double.paths()
    assert paths.count("GET sys/internal/ui/mounts/secret") == 1
    assert len([p for p in paths if "/data/" in p]) == 20
    assert len(paths) == 22  # and one for the token's life


async def test_a_configured_version_is_never_asked_for(double: Double) -> None:
    admin = Admin(double.address, double.token)
    admin.write("secret", "key", value="v-1")
    admin.ask("POST", f"{(one := admin.mount(1))}/key", {"value": "v-2"})
    double.seen.clear()
    for layout, value in ((Layout(kv_version=2), "v-1"), (Layout(one, 1), "v-2")):
        async with opened(double, layout) as source:
            assert (await source.fetch("key")).reveal() == value
    assert not any("mounts" in path for path in double.paths())


async def test_who_may_not_ask_for_the_version_takes_2_and_asks_no_more(
    double: Double,
) -> None:
    admin = Admin(double.address, double.token)
    admin.write("secret", "key", value="v-1")
    double.core.faults.append(Fault("sys/internal", status=403, times=0))
    double.seen.clear()
    async with opened(double) as source:
        for _ in range(3):
            assert (await source.fetch("key")).reveal() == "v-1"
    assert len([p for p in double.paths() if "mounts" in p]) == 1


async def test_an_outage_while_the_version_is_asked_for_is_no_answer(
    double: Double,
) -> None:
    admin = Admin(double.address, double.token)
    one = admin.mount(1)
    admin.ask("POST", f"{one}/key", {"value": "v-1"})
    double.core.faults.append(Fault("sys/internal", status=500))
    double.core.faults.append(Fault("sys/internal", status=403))
    async with opened(double, Layout(one)) as source:
        with pytest.raises(ConnectionError):
            await source.fetch("key")
        with pytest.raises(MissingSecretError):  # taken for version 2, and not kept
            await source.fetch("key")
        assert (await source.fetch("key")).reveal() == "v-1"


@pytest.mark.parametrize("said", [{}, {"type": "kv", "options": None}])
async def test_a_mount_without_options_is_version_1(
    double: Double, said: dict[str, Any]
) -> None:
    admin = Admin(double.address, double.token)
    one = admin.mount(1)
    double.core.namespaces[""].mounts[one].options = said.get("options")
    admin.ask("POST", f"{one}/key", {"value": "v-1"})
    async with opened(double, Layout(one)) as source:
        assert (await source.fetch("key")).reveal() == "v-1"


async def test_a_deletion_that_is_to_come_is_the_secrets_end(double: Double) -> None:
    admin = Admin(double.address, double.token)
    admin.ask("POST", "secret/metadata/key", {"delete_version_after": "90s"})
    admin.write("secret", "key", value="v-1")
    clock = double.core.clock
    async with opened(double) as source:
        secret = await source.fetch("key")
        assert secret.expires_at == pytest.approx(clock.now + 90, abs=0.01)
        clock.now += 91
        with pytest.raises(DeletedSecretError):
            await source.fetch("key")


@pytest.mark.parametrize("when", ["not a date", 7, ""])
async def test_a_deletion_time_that_is_none_is_no_end(
    double: Double, when: object
) -> None:
    body = {"data": {"data": {"value": "v"}, "metadata": {"deletion_time": when}}}
    double.core.faults.append(fault_with(body, "data/key"))
    async with opened(double, Layout(kv_version=2)) as source:
        secret = await source.fetch("key?version=1")
    assert secret.expires_at is None


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ({"mount": ""}, "vault.mount: is empty"),
        ({"mount": 7}, "vault.mount: expected a text, got int"),
        ({"kv_version": 3}, "vault.kv_version: expected 1 or 2"),
        ({"path": "/prod"}, "vault.path"),
    ],
)
def test_a_layout_that_cannot_work_is_told(given: dict[str, Any], fault: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        Layout(**given)
    assert fault in str(caught.value)


def fault_with(body: object, path: str) -> Fault:
    return Fault(path, status=200, body=json.dumps(body).encode())


async def test_a_field_has_no_place_in_a_location(double: Double) -> None:
    async with opened(double) as source:
        with pytest.raises(InvalidRefError):
            await source.fetch("key#field")
        with pytest.raises(InvalidRefError):
            await source.fetch(7)  # type: ignore[arg-type]
