"""A plain `with`: applications without a loop, their threads, and how they end."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from queue import SimpleQueue
from typing import Any

import anyio
import anyio.from_thread
import anyio.to_thread
import pytest
from anyio.abc import TaskStatus
from dependency_injector import containers, providers

from secretscope import (
    Agent,
    AgentFactory,
    AlreadyOpenError,
    BlockedLoopError,
    CachedSecrets,
    ConfigurationError,
    DictSecrets,
    MissingSecretError,
    NestedTenantError,
    NoTenantError,
    Policy,
    ScopeClosedError,
    ScopedSecrets,
    Secret,
    SecretsBackend,
    StoreUnavailableError,
    Tuning,
    WarmUpError,
    lifetime,
    needs,
)
from secretscope.scopes._portal import Portal

LOOPS = ("asyncio", "trio")


class Shelf:
    """A source that belongs to one loop, counts, and can be told to fail or hang."""

    def __init__(self) -> None:
        self.kept = {
            "t/acme/KEY": "acme-key-0000001",
            "t/acme2/KEY": "acme2-key-000001",
        }
        self.fetched: list[str] = []
        self.threads: set[int] = set()
        self.opened = 0
        self.open_now = 0
        self.gate: anyio.Event | None = None
        self.reached = threading.Event()
        self.closing: Callable[[], Any] = lambda: None
        self.opening: Callable[[], Any] = lambda: None

    async def open(self) -> None:
        self.opening()
        self.lock = anyio.Lock()
        self.opened += 1
        self.open_now += 1

    async def aclose(self) -> None:
        self.open_now -= 1
        hold = self.closing()
        if hold is not None:
            await hold

    async def fetch(self, location: str) -> Secret:
        self.threads.add(threading.get_ident())
        async with self.lock:
            self.fetched.append(location)
            if location.endswith("SLOW"):
                self.gate = anyio.Event()
                self.reached.set()
                await self.gate.wait()
            if location.endswith("DOWN"):
                raise StoreUnavailableError("the shelf", retry_after=7)
            if location not in self.kept:
                raise MissingSecretError(location, where="the shelf")
            return Secret(self.kept[location])

    async def put(self, location: str, value: str, *, field: str | None = None) -> None:
        self.threads.add(threading.get_ident())
        self.kept[location] = value


class App(containers.DeclarativeContainer):
    shelf = providers.Singleton(Shelf)
    cached = providers.Factory(CachedSecrets, shelf, Policy(close_timeout=0.01))
    backend = SecretsBackend(
        cached,
        settings={"tenants": {"path": "t/{tenant}/{ref}", "inherit": ["OWN", "DOWN"]}},
    )
    secrets = ScopedSecrets(backend)
    tuning = providers.Factory(Tuning, secrets=secrets)
    agent = AgentFactory(Agent, "Echo.", model="echo", tuning=tuning)
    thing = needs(secrets, optional=["KEY"])


@pytest.fixture(params=LOOPS)
def loop(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def app() -> Iterator[Any]:
    made: Any = App()
    yield made
    assert made.secrets().scope is None
    assert [t for t in threading.enumerate() if t.name == "secretscope-portal"] == []


def test_a_lifetime_and_a_tenant_work_without_a_loop(app: Any, loop: str) -> None:
    read = app.secrets().lookup_sync
    with lifetime(app, loop=loop) as secrets:
        with secrets.tenant("acme") as acme:
            assert read("KEY") == acme.lookup_sync("KEY") == "acme-key-0000001"
            with secrets.override(KEY="one-off-key-0001") as over:
                assert read("KEY") == over.lookup_sync("KEY") == "one-off-key-0001"
            assert read("KEY") == "acme-key-0000001"
            with secrets.tenant("acme"):
                assert read("KEY") == "acme-key-0000001"
            with pytest.raises(NestedTenantError):
                secrets.tenant("acme2").__enter__()
        with pytest.raises(ScopeClosedError):
            acme.lookup_sync("KEY")
        with pytest.raises(NoTenantError):
            read("KEY")
        assert app.shelf().open_now == 1
    assert app.shelf().open_now == 0
    with pytest.raises(ScopeClosedError):
        secrets.tenant("acme").__enter__()


def test_every_thread_stands_in_a_frame_of_its_own(app: Any, loop: str) -> None:
    read = app.secrets().lookup_sync
    meet = threading.Barrier(8, timeout=10)
    keys = {"acme": "acme-key-0000001", "acme2": "acme2-key-000001"}

    def work(number: int) -> str | None:
        name = ("acme", "acme2")[number % 2]
        with pytest.raises(NoTenantError):
            read("KEY")
        for _ in range(20):
            with secrets.tenant(name) as bound:
                meet.wait()
                assert read("KEY") == bound.lookup_sync("KEY") == keys[name]
                with secrets.override(KEY=f"own-of-{number}-000001"):
                    meet.wait()
                    assert read("KEY") == f"own-of-{number}-000001"
        return str(name)

    with lifetime(app, loop=loop) as secrets, ThreadPoolExecutor(8) as pool:
        assert len(list(pool.map(work, range(8)))) == 8
    fetched = [each for each in app.shelf().fetched if each.endswith("/KEY")]
    assert sorted(fetched) == ["t/acme/KEY", "t/acme2/KEY"]
    assert len(app.shelf().threads) == 1


@pytest.mark.parametrize("there", LOOPS)
def test_awaits_from_another_loop_are_handed_over(
    app: Any, loop: str, there: str
) -> None:
    async def work() -> None:
        assert await secrets.resolve("KEY") == "acme-key-0000001"
        await secrets.store("NEW", "acme-new-0000001")
        assert await app.secrets().resolve("NEW") == "acme-new-0000001"
        await secrets.refresh("NEW")
        with pytest.raises(MissingSecretError):
            await secrets.resolve("NOWHERE")
        with pytest.raises(StoreUnavailableError):
            await secrets.resolve("DOWN")
        async with secrets.tenant("acme") as again:
            assert await again.resolve("KEY") == "acme-key-0000001"
        assert (await app.agent().run("Hello")).output
        await app.backend().store("PLAIN", "plain-key-000001")
        assert await app.backend().resolve("PLAIN") == "plain-key-000001"
        await app.backend().refresh("PLAIN")

    with lifetime(app, loop=loop) as secrets, secrets.tenant("acme"):
        anyio.run(work, backend=there)
    assert len(app.shelf().threads) == 1


@pytest.mark.parametrize("there", LOOPS)
def test_who_is_cancelled_elsewhere_leaves_nothing_at_home(
    app: Any, loop: str, there: str
) -> None:
    async def work() -> None:
        async with anyio.create_task_group() as group:
            group.start_soon(secrets.resolve, "SLOW")
            await anyio.to_thread.run_sync(app.shelf().reached.wait)
            group.cancel_scope.cancel()
        # the lock is free again: what was handed over has been dropped
        assert await secrets.resolve("NEXT") == "acme-next-000001"

    app.shelf().kept["t/acme/NEXT"] = "acme-next-000001"
    with lifetime(app, loop=loop) as secrets, secrets.tenant("acme"):
        anyio.run(work, backend=there)


async def test_a_thread_enters_a_tenant_of_a_lifetime_that_lives_on_a_loop() -> None:
    app: Any = App()

    def work() -> str | None:
        with secrets.tenant("acme"):
            return secrets.lookup_sync("KEY")

    async with lifetime(app) as secrets:
        found = await anyio.to_thread.run_sync(work)
        assert found == "acme-key-0000001"
        with pytest.raises(BlockedLoopError, match="async with"):
            secrets.tenant("acme").__enter__()
        with pytest.raises(BlockedLoopError, match="this block"):
            app.secrets().scope.home.call(secrets.resolve, "KEY")
        async with secrets.tenant("acme"):
            assert secrets.lookup_sync("KEY") == "acme-key-0000001"


async def test_a_tenant_that_was_opened_on_the_way_home_is_not_opened_again() -> None:
    app: Any = App()
    app.shelf().kept["t/acme/ECHO_API_KEY"] = "acme-echo-key-01"
    async with lifetime(app) as secrets, secrets.tenant("acme"):
        opened = app.secrets().scope.lifetime
        app.shelf().fetched.clear()
        assert await opened.tenant("acme") == opened.tenants.ready("acme")
        assert app.shelf().fetched == []


async def test_a_plain_with_is_refused_where_a_loop_runs() -> None:
    with pytest.raises(BlockedLoopError, match="async with"):
        lifetime(App()).__enter__()


def test_a_loop_that_does_not_exist_is_refused(app: Any) -> None:
    with pytest.raises(ConfigurationError, match="'curio'"):
        lifetime(app, loop="curio").__enter__()


def test_the_lifetime_of_one_container_is_open_once(app: Any, loop: str) -> None:
    opened = lifetime(app, loop=loop)
    with opened as secrets:
        with pytest.raises(AlreadyOpenError):
            opened.__enter__()
        with pytest.raises(AlreadyOpenError):
            lifetime(app, loop=loop).__enter__()
        with secrets.tenant("acme"):
            assert secrets.lookup_sync("KEY") == "acme-key-0000001"
    with opened as secrets, secrets.tenant("acme"):
        assert secrets.lookup_sync("KEY") == "acme-key-0000001"
    assert app.shelf().opened == 2


def test_two_lifetimes_stand_beside_each_other(app: Any, loop: str) -> None:
    other: Any = App()
    other.shelf().kept["t/acme/KEY"] = "the-others-key-01"
    with (
        lifetime(app, loop=loop) as one,
        lifetime(other, loop=loop) as two,
        one.tenant("acme"),
        two.tenant("acme"),
    ):
        assert one.lookup_sync("KEY") == "acme-key-0000001"
        assert two.lookup_sync("KEY") == "the-others-key-01"
        assert anyio.run(one.resolve, "KEY") == "acme-key-0000001"


def test_what_fails_while_opening_is_raised_and_nothing_stays(
    app: Any, loop: str
) -> None:
    app.thing.override(needs(app.secrets, "DOWN"))
    with pytest.raises(WarmUpError, match="DOWN"):
        lifetime(app, loop=loop).__enter__()
    assert app.shelf().open_now == 0
    app.thing.override(needs(app.secrets, "OWN"))
    app.shelf().kept["OWN"] = "own-key-00000001"
    with lifetime(app, loop=loop) as secrets:
        assert secrets.lookup_sync("OWN") == "own-key-00000001"


def test_an_error_of_the_body_comes_out_as_itself(app: Any, loop: str) -> None:
    def fail() -> None:
        raise OSError("closing said KEY=acme-key-0000001")

    app.shelf().closing = fail
    problem = ValueError("the body's")
    with (
        pytest.raises(ValueError, match="the body's") as caught,
        lifetime(app, loop=loop) as secrets,
        secrets.tenant("acme"),
    ):
        raise problem
    assert caught.value is problem
    assert "closing said" in "".join(problem.__notes__)
    assert "acme-key" not in "".join(problem.__notes__)
    with (
        pytest.raises(ExceptionGroup, match="did not close"),
        lifetime(app, loop=loop),
    ):
        pass


def test_a_store_that_hangs_while_closing_is_left_behind(app: Any, loop: str) -> None:
    app.shelf().closing = anyio.sleep_forever
    with (
        pytest.raises(ExceptionGroup, match="did not close") as caught,
        lifetime(app, loop=loop, close_timeout=0.01),
    ):
        pass
    assert isinstance(caught.value.exceptions[0], TimeoutError)


def test_a_store_that_blocks_while_closing_is_left_behind(app: Any, loop: str) -> None:
    free: SimpleQueue[None] = SimpleQueue()
    app.shelf().closing = free.get
    with (
        pytest.raises(ExceptionGroup, match="did not close") as caught,
        lifetime(app, loop=loop, close_timeout=0.01),
    ):
        pass
    assert isinstance(caught.value.exceptions[0], TimeoutError)
    free.put(None)
    for thread in threading.enumerate():
        if thread.name == "secretscope-portal":
            thread.join()


def test_a_task_that_dies_ends_the_lifetime_and_is_told(app: Any, loop: str) -> None:
    class Dying(DictSecrets):
        async def serve(self, *, task_status: TaskStatus[None]) -> None:
            task_status.started()
            await anyio.to_thread.run_sync(go.wait)
            raise OSError("the background died")

    go = threading.Event()
    app.backend.override(providers.Object(Dying({"OWN": "own-key-00000001"})))
    with (
        pytest.raises(ExceptionGroup) as caught,
        lifetime(app, loop=loop) as secrets,
    ):
        assert secrets.lookup_sync("OWN") == "own-key-00000001"
        home = app.secrets().scope.home
        go.set()
        for thread in threading.enumerate():
            if thread.name == "secretscope-portal":
                thread.join()
        with pytest.raises(ScopeClosedError):
            home.call(secrets.resolve, "OWN")
    assert caught.group_contains(OSError, match="the background died")


def test_who_waits_while_the_lifetime_ends_is_told(app: Any, loop: str) -> None:
    def wait() -> str:
        with secrets.tenant("acme"):
            return anyio.run(secrets.resolve, "SLOW")

    with ThreadPoolExecutor(1) as pool:
        with lifetime(app, loop=loop) as secrets:
            waiting = pool.submit(wait)
            app.shelf().reached.wait()
        with pytest.raises(ScopeClosedError):
            waiting.result()


class Interrupted(Future[Any]):
    """A future whose waiter is interrupted, as by Ctrl-C."""

    def result(self, timeout: float | None = None) -> Any:
        self.reached.wait()
        raise KeyboardInterrupt

    reached: threading.Event


@pytest.mark.parametrize(
    "moment", ["before there is a loop", "at once", "while it opens"]
)
def test_ctrl_c_while_opening_ends_what_was_begun(
    app: Any, loop: str, moment: str
) -> None:
    reached = threading.Event()
    shelf = app.shelf()
    portal = Portal(lifetime(app), loop=loop)
    portal._unwanted = moment == "before there is a loop"
    portal._entered = Interrupted()
    portal._entered.reached = reached
    shelf.opening = reached.set
    if moment != "while it opens":
        reached.set()
    with pytest.raises(KeyboardInterrupt):
        portal.enter(patience=10)
    assert shelf.open_now == 0


def test_ctrl_c_while_waiting_for_a_tenant_drops_it(app: Any, loop: str) -> None:
    with lifetime(app, loop=loop) as secrets, secrets.tenant("acme"):
        home = app.secrets().scope.home
        send = home._send

        def interrupted(act: Any) -> Any:
            errand = send(act)
            errand.answer = Interrupted()
            errand.answer.reached = app.shelf().reached
            return errand

        home._send = interrupted
        with pytest.raises(KeyboardInterrupt):
            home.call(secrets.bind().view.resolve, "SLOW")
        home._send = send
        app.shelf().kept["t/acme/NEXT"] = "acme-next-000001"
        assert anyio.run(secrets.resolve, "NEXT") == "acme-next-000001"


def test_an_exit_stack_may_close_it_later(app: Any, loop: str) -> None:
    stack = ExitStack()
    opened = lifetime(app, loop=loop)
    secrets = stack.enter_context(opened)
    with secrets.tenant("acme"):
        assert secrets.lookup_sync("KEY") == "acme-key-0000001"
    closer = threading.Thread(target=stack.close)
    closer.start()
    closer.join()
    opened.__exit__(None, None, None)
    assert app.shelf().open_now == 0
