"""Tokens: one login for all, renewed at two thirds, replaced when dead, given back."""

from pathlib import Path

import anyio
import anyio.lowlevel
import pytest
from attrs import define, field

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
    Cluster,
    Door,
    File,
    Grant,
    Layout,
    Token,
    VaultSource,
)
from secretscope.backends.vault._refusals import naming
from tests.backends.vault.admin import Admin
from tests.backends.vault.double import Double, Fault
from tests.backends.vault.stores import opened

LOGIN, RENEW = "POST auth/approle/login", "POST auth/token/renew-self"
LOOKUP, REVOKE = "GET auth/token/lookup-self", "POST auth/token/revoke-self"


@pytest.fixture
def approle(double: Double, double_admin: Admin) -> AppRole:
    return role(double, double_admin, token_ttl="60s")


def role(double: Double, admin: Admin, **options: object) -> AppRole:
    admin.login("approle", "approle")
    policy = admin.policy({"secret/data/*": ["read", "create", "update"]})
    role_id = admin.approle("approle", "app", "default", policy, **options)
    admin.write("secret", "key", value="v-1")
    admin.write("secret", "other", value="v-2")
    auth = AppRole(role_id, admin.secret_id("approle", "app"))
    double.seen.clear()
    return auth


async def test_any_number_of_callers_make_one_login(
    double: Double, approle: AppRole
) -> None:
    async with (
        opened(double, auth=approle) as source,
        anyio.create_task_group() as group,
    ):
        for _ in range(50):
            group.start_soon(source.fetch, "key")
    assert double.paths().count(LOGIN) == 1


async def test_a_caller_that_is_cancelled_leaves_the_login_to_the_next(
    double: Double, approle: AppRole
) -> None:
    double.core.faults.append(Fault("approle/login", hang=True))
    found: list[str] = []
    first = anyio.CancelScope()
    async with opened(double, auth=approle) as source:

        async def leader() -> None:
            with first:
                await source.fetch("key")

        async def follower() -> None:
            found.append((await source.fetch("key")).reveal())

        async with anyio.create_task_group() as group:
            group.start_soon(leader)
            while LOGIN not in double.paths():
                await anyio.lowlevel.checkpoint()
            group.start_soon(follower)
            await anyio.wait_all_tasks_blocked()
            first.cancel()
    assert found == ["v-1"]


async def test_a_token_is_renewed_at_two_thirds_of_its_life(
    double: Double, approle: AppRole
) -> None:
    async with opened(double, auth=approle) as source:
        await source.fetch("key")
        double.core.clock.now += 39
        await source.fetch("key")
        assert RENEW not in double.paths()
        double.core.clock.now += 2
        async with anyio.create_task_group() as group:
            for _ in range(10):
                group.start_soon(source.fetch, "key")
        assert double.paths().count(RENEW) == 1
        double.core.clock.now += 59
        await source.fetch("key")
    assert double.paths().count(LOGIN) == 1


async def test_what_cannot_be_renewed_is_replaced_and_given_back_at_the_end(
    double: Double, double_admin: Admin
) -> None:
    approle = role(double, double_admin, token_ttl="60s", renewable=False)
    async with opened(double, auth=approle) as source:
        await source.fetch("key")
        double.core.clock.now += 41
        await source.fetch("key")
        assert double.paths().count(LOGIN) == 2
        assert RENEW not in double.paths()
        assert double.core.tokens.revoked == []
    assert len(double.core.tokens.revoked) == 2


async def test_a_life_that_nears_its_maximum_is_not_renewed_for_ever(
    double: Double, double_admin: Admin
) -> None:
    approle = role(double, double_admin, token_ttl="60s", token_max_ttl="70s")
    async with opened(double, auth=approle) as source:
        await source.fetch("key")
        double.core.clock.now += 45
        await source.fetch("key")
        assert double.paths().count(RENEW) == 1
        double.core.clock.now += 20
        await source.fetch("key")
    assert (double.paths().count(RENEW), double.paths().count(LOGIN)) == (1, 2)


@pytest.mark.parametrize("status", [400, 403])
async def test_a_renewal_that_is_refused_becomes_a_login(
    double: Double, approle: AppRole, status: int
) -> None:
    double.core.faults.append(Fault("renew-self", status=status))
    async with opened(double, auth=approle) as source:
        await source.fetch("key")
        double.core.clock.now += 41
        await source.fetch("key")
        assert source.health() == "ok"
    assert double.paths().count(LOGIN) == 2


async def test_an_outage_of_renewals_is_borne_while_the_token_lives(
    double: Double, approle: AppRole
) -> None:
    double.core.faults.append(Fault("renew-self", status=500, times=0))
    async with opened(double, auth=approle) as source:
        await source.fetch("key")
        double.core.clock.now += 41
        for _ in range(5):
            await source.fetch("key")
        assert (
            double.paths().count(RENEW) == 1
        )  # and again after a third of what is left
        assert "status 500" in source.health()
        double.core.clock.now += 7
        await source.fetch("key")
        assert double.paths().count(RENEW) == 2
        double.core.faults.clear()
        double.core.clock.now += 5
        await source.fetch("key")
        assert source.health() == "ok"
    assert double.paths().count(LOGIN) == 1


async def test_a_renewal_that_outlasts_the_token_raises_if_there_is_no_login(
    double: Double, approle: AppRole
) -> None:
    async with opened(double, auth=approle) as source:
        await source.fetch("key")
        double.core.clock.now += 61
        double.core.faults.append(Fault("approle/login", status=503))
        with pytest.raises(StoreUnavailableError, match="sealed"):
            await source.fetch("key")
        await source.fetch("key")
    assert double.paths().count(LOGIN) == 3


async def test_a_dead_token_is_replaced_once_for_all_who_were_denied(
    double: Double, approle: AppRole
) -> None:
    async with opened(double, auth=approle) as source:
        await source.fetch("key")
        double.core.tokens.held.clear()
        with pytest.raises(AccessDeniedError):
            await source.fetch("key")
        double.seen.clear()
        async with anyio.create_task_group() as group:
            for _ in range(100):
                group.start_soon(source.login)
        assert double.paths() == [LOOKUP, LOGIN]
        assert (await source.fetch("key")).reveal() == "v-1"
    assert len(double.core.tokens.revoked) == 1


async def test_a_policy_that_says_no_makes_no_login(
    double: Double, approle: AppRole
) -> None:
    async with opened(double, Layout("secret", path="x"), auth=approle) as source:
        double.core.namespaces[""].policies.clear()
        with pytest.raises(AccessDeniedError):
            await source.fetch("key")
        await source.login()
        with pytest.raises(AccessDeniedError):
            await source.fetch("key")
    assert double.paths().count(LOGIN) == 1


async def test_an_outage_while_a_denial_is_looked_into_is_told(
    double: Double, approle: AppRole
) -> None:
    async with opened(double, auth=approle) as source:
        await source.fetch("key")
        double.core.faults.append(
            Fault("lookup-self", status=429, headers={"retry-after": "7"})
        )
        with pytest.raises(StoreUnavailableError) as caught:
            await source.login()
    assert caught.value.retry_after == 7


async def test_a_login_that_is_refused_is_an_access_error_with_its_place(
    double: Double, double_admin: Admin
) -> None:
    double_admin.login("approle", "approle")
    async with opened(double, auth=AppRole("no-such-id", "x")) as source:
        with pytest.raises(AccessDeniedError, match="auth/approle/login was refused"):
            await source.open()


@pytest.mark.parametrize(
    "body", [b"{}", b'{"auth": {}}', b'{"auth": {"client_token": 7}}', b"<"]
)
async def test_a_login_without_a_token_is_a_broken_answer(
    double: Double, approle: AppRole, body: bytes
) -> None:
    double.core.faults.append(Fault("login", status=200, body=body))
    async with opened(double, auth=approle) as source:
        with pytest.raises(StoreUnavailableError, match="broken"):
            await source.open()


# --- tokens that are not ours --------------------------------------------------------


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
    async with opened(double, auth=AppRole("no-such-id"), timeout=0.2) as source:

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
    class Gated:
        def __init__(self) -> None:
            self.gate = anyio.Event()
            self.logins = 0

        async def login(self, door: Door) -> Grant:
            self.logins += 1
            await self.gate.wait()
            return Grant(double.token, None, renewable=False, ours=False)

    gated = Gated()
    async with opened(double, auth=gated) as source:
        session = source._reach.session()
        assert session is not None
        assert session.due() is None
        await session.keep()

        async def leader() -> None:
            await session.token()
            await session.aclose()

        async with anyio.create_task_group() as group:
            group.start_soon(leader)
            await anyio.wait_all_tasks_blocked()
            group.start_soon(session.token)
            await anyio.wait_all_tasks_blocked()
            gated.gate.set()
    assert gated.logins == 2


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


# --- in the background, and the end --------------------------------------------------


@define
class Beat:
    """A sleep that a test steps through."""

    looks: int = 0
    wake: anyio.Event = field(factory=anyio.Event)
    asleep: anyio.Event = field(factory=anyio.Event)

    async def __call__(self, seconds: float) -> None:
        self.looks += 1
        self.asleep.set()
        await self.wake.wait()
        self.wake = anyio.Event()

    async def step(self) -> None:
        """Let one look happen, and wait until it is over."""
        await self.asleep.wait()
        self.asleep = anyio.Event()
        self.wake.set()
        await self.asleep.wait()


async def test_tokens_in_use_are_renewed_while_nobody_reads(
    double: Double, approle: AppRole
) -> None:
    beat = Beat()
    async with opened(double, auth=approle) as source:
        cluster(source).sessions.sleep = beat
        await source.fetch("key")
        async with anyio.create_task_group() as group:
            await group.start(source.serve)
            await beat.step()
            assert RENEW not in double.paths()
            double.core.clock.now += 41
            await beat.step()
            assert double.paths().count(RENEW) == 1
            double.core.clock.now += 41
            await beat.step()  # nobody has used it since: it is left to die
            assert double.paths().count(RENEW) == 1
            group.cancel_scope.cancel()
    assert double.paths().count(LOGIN) == 1


async def test_a_renewal_in_the_background_that_fails_is_told_by_health(
    double: Double, approle: AppRole
) -> None:
    async with opened(double, auth=approle) as source:
        await source.fetch("key")
        double.core.clock.now += 61
        double.core.faults.append(Fault("login", status=503, times=0))
        await cluster(source).sessions.renew_due()
        assert "login" in source.health() or "sealed" in source.health()


async def test_a_login_of_yours_that_raises_is_told_by_its_kind_alone(
    double: Double, double_admin: Admin
) -> None:
    class Mine:
        failing = False

        async def login(self, door: Door) -> Grant:
            if self.failing:
                message = "secret-in-the-message"
                raise RuntimeError(message)
            return Grant(double.token, 60.0, renewable=False, ours=False)

    double_admin.write("secret", "key", value="v-1")
    mine = Mine()
    async with opened(double, auth=mine) as source:
        await source.fetch("key")
        mine.failing = True
        double.core.clock.now += 41
        await source.fetch("key")
        assert source.health() == "the login failed with RuntimeError"
        double.core.clock.now += 41
        with pytest.raises(RuntimeError):
            await source.fetch("key")


async def test_our_tokens_are_revoked_once_at_the_end(
    double: Double, approle: AppRole
) -> None:
    async with opened(double, auth=approle) as source:
        await source.fetch("key")
        part = source.namespaced("x")
        await part.aclose()
        assert REVOKE not in double.paths()
        await source.aclose()
        await source.aclose()
    assert double.paths().count(REVOKE) == 1
    assert list(double.core.tokens.held) == [double.token]


async def test_a_token_that_has_died_is_not_given_back(
    double: Double, approle: AppRole
) -> None:
    async with opened(double, auth=approle) as source:
        await source.fetch("key")
        double.core.clock.now += 61
    assert REVOKE not in double.paths()


async def test_a_source_that_was_closed_logs_in_again_when_it_is_read(
    double: Double, approle: AppRole
) -> None:
    async with opened(double, auth=approle) as source:
        await source.fetch("key")
        await source.aclose()
        assert (await source.fetch("key")).reveal() == "v-1"
    assert double.paths().count(LOGIN) == 2


def cluster(source: VaultSource) -> Cluster:
    return source._reach.cluster
