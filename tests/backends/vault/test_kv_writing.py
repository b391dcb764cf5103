"""Writing one field, with check-and-set where the engine has it."""

import anyio
import pytest

from secretscope import (
    ConflictError,
    MalformedSecretError,
)
from secretscope.backends.vault import Layout, Token
from tests.backends.vault.admin import Admin
from tests.backends.vault.stores import opened


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
