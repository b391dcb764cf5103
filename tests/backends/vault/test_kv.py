"""KV in both versions: fields, versions, snapshots, and three kinds of gone."""

import pytest

from secretscope import (
    DeletedSecretError,
    DestroyedSecretError,
    MissingSecretError,
    ReadOnlyStoreError,
)
from secretscope.backends.vault import Layout, Token, VaultSecrets
from tests.backends.vault.admin import Admin
from tests.backends.vault.stores import opened


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
