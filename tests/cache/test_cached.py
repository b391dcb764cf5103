"""The cache: one load for many, errors remembered by none, values while they are good."""

import contextvars

import anyio
import pytest
from attrs import define, field

from secretscope import (
    CachedSecrets,
    ConfigurationError,
    ExpiredError,
    MalformedSecretError,
    MissingSecretError,
    NotWarmError,
    Policy,
    ReadOnlyStoreError,
    Secret,
    SecretScopeError,
    StoreTimeoutError,
    StoreUnavailableError,
)
from secretscope.values import Rotation

WHO: contextvars.ContextVar[str] = contextvars.ContextVar("who", default="nobody")


@define(eq=False)
class Store:
    """A source in memory whose answers wait for a gate."""

    values: dict[str, object] = field(factory=dict)
    calls: list[str] = field(factory=list)
    seen: list[str] = field(factory=list)
    gate: anyio.Event | None = None
    closed: int = 0

    async def fetch(self, location: str) -> Secret:
        self.calls.append(location)
        self.seen.append(WHO.get())
        if self.gate is not None:
            await self.gate.wait()
        value = self.values.get(location)
        if isinstance(value, Exception):
            raise value
        if value is None:
            raise MissingSecretError(location, where="Store")
        return value if isinstance(value, Secret) else Secret(value)  # type: ignore[arg-type]

    async def put(self, location: str, value: str, *, field: str | None = None) -> None:
        self.values[location] = value

    async def open(self) -> None:
        self.closed -= 1

    async def aclose(self) -> None:
        self.closed += 1

    def namespaced(self, name: str) -> "Store":
        return Store({"A": f"{name}-namespaced-1"})


class Batch(Store):
    async def fetch_many(
        self, locations: list[str]
    ) -> dict[str, Secret | SecretScopeError]:
        self.calls.append("+".join(locations))
        found: dict[str, Secret | SecretScopeError] = {}
        for location in locations:
            value = self.values.get(location)
            if isinstance(value, SecretScopeError):
                found[location] = value
            elif value is None:
                found[location] = MissingSecretError(location, where="Batch")
            else:
                found[location] = Secret(str(value))
        return found


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


async def test_a_value_is_fetched_once_and_then_at_hand() -> None:
    store = Store({"A": "cached-value-1"})
    secrets = CachedSecrets(store)
    with pytest.raises(NotWarmError):
        secrets.peek("A")
    assert secrets.lookup_sync("A") is None
    assert await secrets.resolve("A") == await secrets.resolve("A") == "cached-value-1"
    assert secrets.lookup_sync("A") == "cached-value-1"
    assert store.calls == ["A"]
    assert secrets.redact("cached-value-1") == "[REDACTED]"
    assert repr(secrets) == "CachedSecrets(Store)"


@pytest.mark.parametrize("served", [True, False])
async def test_many_waiters_make_one_call(*, served: bool) -> None:
    store = Store({"A": "shared-value-1"}, gate=anyio.Event())
    secrets = CachedSecrets(store)
    found: list[str] = []

    async def read() -> None:
        found.append(await secrets.resolve("A"))

    async with anyio.create_task_group() as background:
        if served:
            await background.start(secrets.serve)
        async with anyio.create_task_group() as group:
            for _ in range(500):
                group.start_soon(read)
            await anyio.wait_all_tasks_blocked()
            assert store.gate is not None
            store.gate.set()
        background.cancel_scope.cancel()
    assert store.calls == ["A"]
    assert found == ["shared-value-1"] * 500


@pytest.mark.parametrize("served", [True, False])
async def test_cancelling_the_first_waiter_fails_no_other(*, served: bool) -> None:
    store = Store({"A": "shared-value-2"}, gate=anyio.Event())
    secrets = CachedSecrets(store)
    found: list[str] = []
    first = anyio.CancelScope()

    async def leader() -> None:
        with first:
            await secrets.resolve("A")

    async def read() -> None:
        found.append(await secrets.resolve("A"))

    async with anyio.create_task_group() as background:
        if served:
            await background.start(secrets.serve)
        async with anyio.create_task_group() as group:
            group.start_soon(leader)
            await anyio.wait_all_tasks_blocked()
            group.start_soon(read)
            group.start_soon(read)
            await anyio.wait_all_tasks_blocked()
            first.cancel()
            await anyio.wait_all_tasks_blocked()
            assert store.gate is not None
            store.gate.set()
        background.cancel_scope.cancel()
    assert found == ["shared-value-2"] * 2
    assert len(store.calls) == (1 if served else 2)


async def test_a_load_that_nobody_waits_for_is_cancelled() -> None:
    store = Store({"A": "abandoned-value"}, gate=anyio.Event())
    secrets = CachedSecrets(store)
    async with anyio.create_task_group() as background:
        await background.start(secrets.serve)
        with anyio.move_on_after(0):
            await secrets.resolve("A")
        await anyio.wait_all_tasks_blocked()
        assert store.gate is not None
        store.gate.set()
        assert await secrets.resolve("A") == "abandoned-value"
        background.cancel_scope.cancel()


async def test_no_waiters_context_reaches_the_load() -> None:
    store = Store({"A": "context-value-1", "B": "context-value-2"})
    secrets = CachedSecrets(store)
    async with anyio.create_task_group() as background:
        await background.start(secrets.serve)
        WHO.set("acme")
        await secrets.resolve("A")
        background.cancel_scope.cancel()
    await secrets.resolve("B")
    assert store.seen == ["nobody", "nobody"]


async def test_an_error_is_shared_by_those_who_waited_and_remembered_by_none() -> None:
    store = Store({"A": StoreUnavailableError("Store", ref="A")}, gate=anyio.Event())
    secrets = CachedSecrets(store)
    errors: list[Exception] = []

    async def read() -> None:
        try:
            await secrets.resolve("A")
        except StoreUnavailableError as error:
            errors.append(error)

    async with anyio.create_task_group() as background:
        await background.start(secrets.serve)
        async with anyio.create_task_group() as group:
            group.start_soon(read)
            group.start_soon(read)
            await anyio.wait_all_tasks_blocked()
            assert store.gate is not None
            store.gate.set()
        background.cancel_scope.cancel()
    assert len({id(error) for error in errors}) == 2
    assert errors[0].args == errors[1].args
    with pytest.raises(NotWarmError):
        secrets.peek("A")
    store.values["A"] = "back-again-1"
    assert await secrets.resolve("A") == "back-again-1"


async def test_a_miss_is_remembered_for_a_while() -> None:
    clock = Clock()
    store = Store()
    secrets = CachedSecrets(store, Policy(negative_ttl=5), clock=clock)
    for _ in range(2):
        with pytest.raises(MissingSecretError):
            await secrets.resolve("A")
    assert len(store.calls) == 1
    clock.now += 5
    with pytest.raises(NotWarmError):
        secrets.peek("A")
    store.values["A"] = "there-now-1"
    assert await secrets.resolve("A") == "there-now-1"


async def test_a_value_runs_out_as_the_policy_or_the_store_says() -> None:
    clock = Clock()
    store = Store({"A": "short-lived-1", "B": Secret("leased-1", expires_at=110)})
    secrets = CachedSecrets(store, Policy(ttl=60), clock=clock)
    await secrets.resolve("A")
    await secrets.resolve("B")
    assert secrets.expires("A")
    assert not secrets.expires("C")
    clock.now += 10
    assert secrets.lookup_sync("A") == "short-lived-1"
    with pytest.raises(ExpiredError):
        secrets.peek("B")
    clock.now += 50
    assert secrets.lookup_sync("A") is None
    assert await secrets.resolve("A") == "short-lived-1"
    assert store.calls == ["A", "B", "A"]


async def test_refreshing_fetches_a_bad_value_anew_but_not_too_often() -> None:
    clock = Clock()
    store = Store({"A": "first-value-1"})
    secrets = CachedSecrets(store, clock=clock)
    changes: list[str] = []
    secrets.subscribe(changes.append)
    await secrets.refresh("A")
    store.values["A"] = "second-value-2"
    await secrets.refresh("A", bad="first-value-1")
    assert secrets.lookup_sync("A") == "first-value-1"
    clock.now += 10
    await secrets.refresh("A", bad="some-other-value")
    assert secrets.lookup_sync("A") == "first-value-1"
    await secrets.refresh("A", bad="first-value-1")
    assert secrets.lookup_sync("A") == "second-value-2"
    assert changes == ["A", "A"]


async def test_storing_is_seen_at_once() -> None:
    secrets = CachedSecrets(Store())
    changes: list[str] = []
    stop = secrets.subscribe(changes.append)
    await secrets.store("A", "stored-value-1")
    assert secrets.lookup_sync("A") == "stored-value-1"
    stop()
    await secrets.store("A", "stored-value-2")
    assert changes == ["A"]
    with pytest.raises(MalformedSecretError, match="int"):
        await secrets.store("A", 7)  # type: ignore[arg-type]


async def test_a_source_that_only_fetches_is_read_only() -> None:
    class Fetcher:
        async def fetch(self, location: str) -> Secret:
            return Secret("x")

    secrets = CachedSecrets(Fetcher())
    with pytest.raises(ReadOnlyStoreError):
        await secrets.store("A", "x")
    with pytest.raises(ConfigurationError):
        secrets.namespaced("x")
    await secrets.open()
    await secrets.aclose()


@pytest.mark.parametrize("answer", [b"bytes", None, "text"])
async def test_what_is_no_secret_is_refused(answer: object) -> None:
    class Wrong:
        async def fetch(self, location: str) -> Secret:
            return answer  # type: ignore[return-value]

    with pytest.raises(MalformedSecretError, match=type(answer).__name__):
        await CachedSecrets(Wrong()).resolve("A")


async def test_a_field_that_is_no_text_is_refused() -> None:
    secrets = CachedSecrets(Store({"A": Secret({"a": b"x"})}))  # type: ignore[dict-item]
    with pytest.raises(MalformedSecretError, match="bytes"):
        await secrets.resolve("A")


async def test_a_fetch_that_hangs_is_given_up() -> None:
    secrets = CachedSecrets(Store(gate=anyio.Event()), Policy(timeout=0.001))
    with pytest.raises(StoreTimeoutError, match="0.001 s"):
        await secrets.resolve("A")


async def test_many_are_fetched_in_one_request_where_the_store_can() -> None:
    store = Batch(
        {
            "A": "batch-value-1",
            "B": "batch-value-2",
            "D": StoreUnavailableError("Batch", ref="D"),
        }
    )
    secrets = CachedSecrets(store)
    await secrets.resolve("B")
    found = await secrets.resolve_many(["A", "B", "C", "D"])
    assert (found["A"], found["B"]) == ("batch-value-1", "batch-value-2")
    assert isinstance(found["C"], MissingSecretError)
    assert isinstance(found["D"], StoreUnavailableError)
    assert store.calls == ["B", "A+C+D"]
    await secrets.resolve_many(["A"])
    assert store.calls == ["B", "A+C+D"]


async def test_fields_of_one_secret_are_one_snapshot() -> None:
    store = Store({"db": Secret({"user": "u1", "password": "p-1"}), "j": '{"a": "b"}'})
    secrets = CachedSecrets(store)
    assert await secrets.resolve("db#user") == "u1"
    assert secrets.lookup_sync("db#password") == "p-1"
    assert await secrets.resolve("j#a") == "b"
    assert store.calls == ["db", "j"]


async def test_opening_closing_and_parts_reach_the_source() -> None:
    store = Store({"A": "opened-value-1"})
    secrets = CachedSecrets(store)
    await secrets.open()
    await secrets.resolve("A")
    assert await secrets.namespaced("acme").resolve("A") == "acme-namespaced-1"
    await secrets.aclose()
    assert store.closed == 0
    assert secrets.lookup_sync("A") is None


async def test_values_are_tagged_with_the_tenant_they_belong_to() -> None:
    secrets = CachedSecrets(Store({"acme/A": "tagged-value-0001"}))
    secrets.owner = lambda location: location.partition("/")[0]
    assert secrets.owner("acme/A") == "acme"
    await secrets.resolve("acme/A")
    assert secrets.redact("tagged-value-0001") == "[REDACTED]"


async def test_a_rotation_is_told_with_its_versions_and_a_same_value_is_none() -> None:
    clock = Clock()
    store = Store({"A": "rotating-value-1"})
    secrets = CachedSecrets(store, Policy(refresh_gap=0), name="vault", clock=clock)
    told: list[Rotation] = []
    stop = secrets.on_rotation(told.append)
    await secrets.resolve("A")
    await secrets.refresh("A")
    assert told == []
    store.values["A"] = "rotating-value-2"
    await secrets.refresh("A")
    store.values["A"] = Secret("rotating-value-3", version="7")
    await secrets.refresh("A")
    assert told == [
        Rotation("A", "1", "2", None, "vault"),
        Rotation("A", "2", "7", None, "vault"),
    ]
    stop()
    [status] = secrets.report()
    assert (status.version, status.refreshes, status.age) == ("7", 3, 0)


async def test_what_was_forgotten_is_fetched_anew() -> None:
    store = Store({"A": "forgotten-value-1"})
    secrets = CachedSecrets(store)
    let_go = secrets.keep("A")
    await secrets.resolve("A")
    secrets.forget("A")
    assert secrets.lookup_sync("A") is None
    assert (await secrets.resolve_secret("A")).reveal() == "forgotten-value-1"
    assert (await secrets.resolve_secret("A#x")) is secrets.peek_secret("A")
    assert store.calls == ["A", "A"]
    let_go()
    let_go()


async def test_a_source_gives_tenants_their_own_and_says_how_it_is() -> None:
    class Towns(Store):
        def for_tenant(self, tenant: str) -> Store | None:
            return None if tenant == "nowhere" else Store({"A": f"of-{tenant}-0001"})

        def health(self) -> str:
            return "sealed"

    secrets = CachedSecrets(Towns(), name="towns")
    assert secrets.health() == "sealed"
    assert secrets.for_tenant("nowhere") is None
    own = secrets.for_tenant("rome")
    assert own is not None
    assert await own.resolve("A") == "of-rome-0001"
    assert [status.tenant for status in own.report()] == ["rome"]
    assert CachedSecrets(Store()).for_tenant("rome") is None
    assert CachedSecrets(Store()).health() == "ok"
