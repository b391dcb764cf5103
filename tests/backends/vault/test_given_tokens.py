"""Tokens that are not ours: where they are read from, and that they stay."""

from pathlib import Path
from typing import Any

import anyio
import anyio.lowlevel
import pytest

from secretscope import (
    AccessDeniedError,
    DictSecrets,
    ReadOnlyStoreError,
    StoreError,
    StoreTimeoutError,
    StoreUnavailableError,
)
from secretscope.backends.vault import (
    AppRole,
    Door,
    File,
    Grant,
    Token,
)
from secretscope.backends.vault._refusals import naming
from tests.backends.vault.admin import Admin
from tests.backends.vault.double import Double, Fault
from tests.backends.vault.roles import LOGIN, RENEW, REVOKE, role
from tests.backends.vault.stores import opened


async def test_a_token_of_somebody_elses_is_renewed_and_never_revoked(
    double: Double, double_admin: Admin
) -> None:
    double_admin.write("secret", "key", value="v-1")
    policy = double_admin.policy({"secret/data/*": ["read"]})
    token = double_admin.new_token("default", policy, ttl="60s")
    double.seen.clear()
    async with opened(double, auth=Token(token)) as source:
        await source.fetch("key")
        double.core.clock.now += 41
        await source.fetch("key")
    assert RENEW in double.paths()
    assert REVOKE not in double.paths()
    assert double.core.tokens.alive(token)


@pytest.mark.parametrize("kept_in", ["file", "store", "function", "async function"])
async def test_a_rotated_token_is_read_anew_from_where_it_is_kept(
    double: Double, double_admin: Admin, tmp_path: Path, kept_in: str
) -> None:
    double_admin.write("secret", "key", value="v-1")
    policy = double_admin.policy({"secret/data/*": ["read"]})
    tokens = [double_admin.new_token("default", policy, ttl="60s") for _ in range(2)]
    now = tokens[0]
    path, store = tmp_path / "token", DictSecrets()

    def kept() -> str:
        return now

    async def kept_async() -> str:
        return now

    async def rotate(token: str) -> None:
        nonlocal now
        now = token
        path.write_text(f"{token}\n")
        await store.store("VAULT_TOKEN", token)

    await rotate(tokens[0])
    place = {"file": path, "store": (store, "VAULT_TOKEN"), "function": kept}
    async with opened(double, auth=Token(place.get(kept_in, kept_async))) as source:
        await source.fetch("key")
        double.core.tokens.revoke(tokens[0])
        with pytest.raises(AccessDeniedError):
            await source.fetch("key")
        with pytest.raises(AccessDeniedError, match="no newer one"):
            await source.login()
        await rotate(tokens[1])
        await source.login()
        assert (await source.fetch("key")).reveal() == "v-1"


async def test_a_token_that_may_not_look_itself_up_is_good_all_the_same(
    double: Double, double_admin: Admin
) -> None:
    double_admin.write("secret", "key", value="v-1")
    policy = double_admin.policy({"secret/data/*": ["read"]})
    token = double_admin.new_token("no-default", policy, ttl="60s")
    async with opened(double, auth=Token(token)) as source:
        assert (await source.fetch("key")).reveal() == "v-1"


async def test_an_outage_as_a_token_is_looked_up_is_an_outage(double: Double) -> None:
    double.core.faults.append(Fault("lookup-self", status=500))
    double.core.faults.append(Fault("lookup-self", status=200, body=b"x"))
    async with opened(double) as source:
        for reason in ("status 500", "broken"):
            with pytest.raises(StoreUnavailableError, match=reason):
                await source.open()


@pytest.mark.parametrize("name", ["BAO_TOKEN", "VAULT_TOKEN", ".vault-token"])
async def test_the_token_of_the_command_line_is_found(
    double: Double, double_admin: Admin, monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path, name: str,
) -> None:  # fmt: skip
    double_admin.write("secret", "key", value="v-1")
    if name.startswith("."):
        (tmp_path / name).write_text(f"{double.token}\n")
    else:
        monkeypatch.setenv(name, double.token)
    async with opened(double, auth=Token()) as source:
        assert (await source.fetch("key")).reveal() == "v-1"


async def test_no_token_anywhere_is_told_with_the_file_that_is_not_there(
    double: Double,
) -> None:
    async with opened(double, auth=Token()) as source:
        with pytest.raises(
            StoreUnavailableError, match=r"vault\.auth\.token: ~/\.vault"
        ):
            await source.open()


@pytest.mark.parametrize("content", [b"\xff\xfe", None])
async def test_a_file_that_cannot_be_read_is_an_outage_that_names_it(
    double: Double, tmp_path: Path, content: bytes | None
) -> None:
    path = tmp_path / "token"
    if content is not None:
        path.write_bytes(content)
    async with opened(double, auth=Token(File(path))) as source:
        with pytest.raises(StoreUnavailableError, match=str(path)):
            await source.open()


def test_what_no_token_can_be_read_from_is_refused() -> None:
    with pytest.raises(ValueError, match=r"vault\.auth\.token: expected a text"):
        Token(7)


async def test_a_login_that_fails_names_what_it_was_needed_for_to_each_caller(
    double: Double,
) -> None:
    errors: list[Exception] = []
    async with opened(double, auth=AppRole("no-such-id"), timeout=1.0) as source:

        async def read() -> None:
            try:
                await source.fetch("key")
            except StoreError as error:
                errors.append(error)

        for fault in (None, Fault("login", hang=True, times=0)):
            double.core.faults[:] = [fault] if fault else []
            async with anyio.create_task_group() as group:
                for _ in range(3):
                    group.start_soon(read)
    kinds = [type(error) for error in errors]
    assert kinds == [AccessDeniedError] * 3 + [StoreTimeoutError] * 3
    assert len({id(error) for error in errors}) == 6
    assert all("'key'" in str(error) for error in errors)
    assert naming(ReadOnlyStoreError("x"), "key").ref is None


async def test_who_waited_for_a_session_that_was_closed_logs_in_again(
    double: Double,
) -> None:
    class Counted:
        logins = 0

        async def login(self, door: Door) -> Grant:
            self.logins += 1
            return Grant(double.token, None, renewable=False, ours=False)

    counted = Counted()
    async with opened(double, auth=counted) as source:
        session = source._reach.session()
        assert session is not None
        assert session.due() is None
        await session.keep()
        kept, once = session, session._once

        class Closing:
            """Closes the session before who waited for its first login goes on."""

            async def run(self, key: str, work: Any) -> None:
                await once.run(key, work)
                if counted.logins == 1:
                    await kept.aclose()

        session._once = Closing()  # type: ignore[assignment]  # stands in for one test
        await session.token()
    assert counted.logins == 2


async def test_a_login_may_be_asked_for_before_anything_is_read(
    double: Double, approle: AppRole
) -> None:
    async with opened(double, auth=approle) as source:
        await source.login()
    assert double.paths() == [LOGIN, REVOKE]


@pytest.mark.parametrize("tokens", [1, 2])
async def test_tokens_that_could_not_be_revoked_are_told_at_the_end(
    double: Double, double_admin: Admin, tokens: int
) -> None:
    approle = role(double, double_admin, token_ttl="60s", renewable=False)
    async with opened(double, auth=approle) as source:
        await source.fetch("key")
        if tokens == 2:
            double.core.clock.now += 41
            await source.fetch("key")
        double.core.faults.append(Fault("revoke", reset=True, times=0))
        with pytest.raises(ExceptionGroup if tokens == 2 else StoreUnavailableError):
            await source.aclose()
