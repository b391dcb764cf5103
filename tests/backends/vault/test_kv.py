"""KV in both versions: fields, versions, snapshots, check-and-set, three kinds of gone."""

import json
from typing import Any

import anyio
import pytest

from secretscope import (
    ConfigurationError,
    ConflictError,
    DeletedSecretError,
    DestroyedSecretError,
    InvalidRefError,
    MalformedSecretError,
    MissingSecretError,
    ReadOnlyStoreError,
)
from secretscope.backends.vault import Layout, Token, VaultSecrets
from tests.backends.vault.admin import Admin
from tests.backends.vault.double import Double, Fault
from tests.backends.vault.stores import opened


@pytest.fixture
def mount(admin: Admin) -> str:
    return admin.mount(2)


@pytest.fixture
def mount1(admin: Admin) -> str:
    return admin.mount(1)


async def test_all_fields_come_as_one_snapshot_with_its_version(
    admin: Admin, mount: str
) -> None:
    admin.write(mount, "db", user="old", password="p-1")
    version = admin.write(mount, "db", user="app", password="p-2")
    async with opened(admin, Layout(mount)) as source:
        secret = await source.fetch("db")
    assert {name: secret.reveal(name) for name in secret.fields} == {
        "user": "app",
        "password": "p-2",
    }
    assert (secret.version, secret.lease_id, secret.expires_at) == (
        str(version),
        None,
        None,
    )


async def test_a_field_is_named_or_it_is_value_or_the_only_one(
    admin: Admin, mount: str
) -> None:
    admin.write(mount, "one", anthropic="only-1")
    admin.write(mount, "two", value="main-2", other="side-2")
    admin.write(mount, "three", user="u-3", password="p-3")
    store = VaultSecrets(admin.address, auth=Token(admin.token), layout=Layout(mount))
    assert (
        await store.resolve("one") == await store.resolve("one#anthropic") == "only-1"
    )
    assert await store.resolve("two") == "main-2"
    assert await store.resolve("two#other") == "side-2"
    for ref in ("three", "three#token"):
        with pytest.raises(MissingSecretError, match="user, password"):
            await store.resolve(ref)
    await store.aclose()


async def test_what_is_no_text_is_read_as_json_and_null_is_nothing(
    admin: Admin, mount: str
) -> None:
    admin.write(mount, "odd", port=5432, on=True, account={"id": "x"}, none=None)
    async with opened(admin, Layout(mount)) as source:
        secret = await source.fetch("odd")
    assert set(secret.fields) == {"port", "on", "account"}
    assert (secret.reveal("port"), secret.reveal("on")) == ("5432", "true")
    assert secret.reveal("account") == '{"id": "x"}'


async def test_one_version_is_read_by_its_number(admin: Admin, mount: str) -> None:
    admin.write(mount, "key", value="first-1")
    admin.write(mount, "key", value="second-2")
    async with opened(admin, Layout(mount)) as source:
        assert (await source.fetch("key?version=1")).reveal() == "first-1"
        assert (await source.fetch("key?version=2")).reveal() == "second-2"
        assert (await source.fetch("key")).reveal() == "second-2"
        with pytest.raises(MissingSecretError):
            await source.fetch("key?version=9")
        with pytest.raises(ReadOnlyStoreError):
            await source.put("key?version=1", "x")


async def test_version_1_is_never_taken_for_version_2(
    admin: Admin, mount1: str
) -> None:
    admin.ask("POST", f"{mount1}/trap", {"data": "the-value", "metadata": "other"})
    async with opened(admin, Layout(mount1)) as source:
        secret = await source.fetch("trap")
    assert secret.reveal("data") == "the-value"
    assert (secret.version, secret.expires_at) == (None, None)


async def test_absent_deleted_and_destroyed_are_three_errors(
    admin: Admin, mount: str
) -> None:
    for key in ("deleted", "destroyed"):
        admin.write(mount, key, value="gone-value-1")
    admin.ask("DELETE", f"{mount}/data/deleted")
    admin.ask("POST", f"{mount}/destroy/destroyed", {"versions": [1]})
    async with opened(admin, Layout(mount)) as source:
        for key, kind in (
            ("absent", MissingSecretError),
            ("deleted", DeletedSecretError),
            ("destroyed", DestroyedSecretError),
        ):
            with pytest.raises(MissingSecretError) as caught:
                await source.fetch(key)
            assert type(caught.value) is kind
            assert caught.value.ref == key
        admin.ask("POST", f"{mount}/undelete/deleted", {"versions": [1]})
        assert (await source.fetch("deleted")).reveal() == "gone-value-1"


async def test_a_mount_that_is_not_there_is_told_with_its_option(admin: Admin) -> None:
    async with opened(admin, Layout("no-such-mount")) as source:
        with pytest.raises(MissingSecretError, match=r"vault\.mount"):
            await source.fetch("key")
        with pytest.raises(MissingSecretError, match=r"vault\.mount"):
            await source.put("key", "x")


# --- writing -------------------------------------------------------------------------


async def test_writing_one_field_leaves_the_others_as_they_are(
    admin: Admin, mount: str
) -> None:
    admin.write(mount, "db", user="app", password="p-1", port=5432)
    async with opened(admin, Layout(mount)) as source:
        await source.put("db", "p-2", field="password")
        assert (await source.fetch("db")).version == "2"
    answer = admin.ask("GET", f"{mount}/data/db")
    assert answer["data"]["data"] == {"user": "app", "password": "p-2", "port": 5432}


async def test_without_a_field_value_or_the_only_one_is_written(
    admin: Admin, mount: str, mount1: str
) -> None:
    for name in (mount, mount1):
        async with opened(admin, Layout(name)) as source:
            await source.put("new", "new-value-1")
            assert (await source.fetch("new")).fields == ("value",)
            await source.put("sole", "x-1", field="token")
            await source.put("sole", "x-2")
            assert (await source.fetch("sole")).reveal("token") == "x-2"
            await source.put("sole", "y", field="second")
            with pytest.raises(
                MalformedSecretError, match=r"second, token|token, second"
            ):
                await source.put("sole", "x-3")


async def test_the_version_that_was_read_must_still_be_current(
    admin: Admin, mount: str
) -> None:
    admin.write(mount, "key", value="first-1")
    async with (
        opened(admin, Layout(mount)) as mine,
        opened(admin, Layout(mount)) as other,
    ):
        await mine.fetch("key")
        await other.fetch("key")
        await other.put("key", "others-value-2")
        with pytest.raises(ConflictError, match="read it again"):
            await mine.put("key", "my-value-2")
        assert (await mine.fetch("key")).reveal() == "others-value-2"
        await mine.put("key", "my-value-3")
        await mine.put("key", "my-value-4")
        assert (await other.fetch("key")).reveal() == "my-value-4"


async def test_create_only_and_a_version_of_ones_choice(
    admin: Admin, mount: str, mount1: str
) -> None:
    async with opened(admin, Layout(mount)) as source:
        await source.put("key", "first-1", cas=0)
        for cas in (0, 7):
            with pytest.raises(ConflictError):
                await source.put("key", "second-2", cas=cas)
        await source.put("key", "second-2", cas=1)
    async with opened(admin, Layout(mount1)) as source:
        await source.put("key", "first-1", cas=0)
        with pytest.raises(ConflictError):
            await source.put("key", "second-2", cas=0)


async def test_what_was_deleted_can_be_written_again(admin: Admin, mount: str) -> None:
    admin.write(mount, "key", value="first-1")
    admin.ask("DELETE", f"{mount}/data/key")
    async with opened(admin, Layout(mount)) as source:
        await source.put("key", "second-2")
        assert (await source.fetch("key")).version == "2"


async def test_of_many_writers_at_once_none_is_lost(admin: Admin, mount: str) -> None:
    admin.write(mount, "key", value="first-1")
    outcomes: list[str] = []
    async with opened(admin, Layout(mount)) as source:

        async def write(number: int) -> None:
            try:
                await source.put("key", f"writer-{number}", field=f"w{number}")
            except ConflictError:
                outcomes.append("conflict")
            else:
                outcomes.append(f"w{number}")

        async with anyio.create_task_group() as group:
            for number in range(8):
                group.start_soon(write, number)
        written = {name for name in outcomes if name != "conflict"}
        assert written
        assert set((await source.fetch("key")).fields) == {"value", *written}


async def test_who_may_not_write_is_told_so(admin: Admin, mount: str) -> None:
    admin.write(mount, "key", value="first-1")
    token = admin.new_token(admin.policy({f"{mount}/data/*": ["read"]}))
    async with opened(admin, Layout(mount), auth=Token(token)) as source:
        with pytest.raises(PermissionError, match="key"):
            await source.put("key", "second-2")
        with pytest.raises(PermissionError):
            await source.put("other", "second-2")


# --- the mount's version, and times --------------------------------------------------


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
