"""Rotating while it builds: what is read is noted, by any thread, whatever fails."""

import threading
from contextlib import suppress
from contextvars import copy_context
from typing import Any

import anyio
import anyio.lowlevel
import anyio.to_thread
import pytest
from dependency_injector import containers, providers

from secretscope import (
    CaptiveError,
    ConfigurationError,
    DictSecrets,
    ExpiredError,
    MissingSecretError,
    Policy,
    Rotating,
    ScopeClosedError,
    ScopedSecrets,
    SecretsBackend,
    SecretValue,
    StoreUnavailableError,
    lifetime,
)
from tests.providers.rotating_app import (
    App,
    Client,
)
from tests.scopes.remote import Clock, Remote, cached


async def test_reads_of_its_constructor_count() -> None:
    class Reads:
        def __init__(self, secrets: Any, backend: Any, own: Any) -> None:
            self.seen = [
                secrets.lookup_sync("KEY"),
                secrets.bind().peek("OTHER"),
                backend.lookup_sync("PLATFORM"),
                own,
            ]
            with suppress(MissingSecretError):
                secrets.lookup_sync("NOT_YET")

    own = DictSecrets({"OWN": "own-store-rt-001"})

    class Reading(App):
        reads: Any = Rotating(
            Reads,
            App.secrets,
            App.backend,
            providers.Callable(str, SecretValue(own, "OWN")),
        )

    app: Any = Reading()
    seen = []
    async with lifetime(app) as secrets, secrets.tenant("acme") as acme:
        for ref in ("OTHER", "NOT_YET", "KEY"):
            seen.append(app.reads())
            await acme.store(ref, f"stored-for-{ref}-01")
        seen.append(app.reads())
        await app.backend().store("PLATFORM", "platform-rt-0002")
        seen.append(app.reads())
        await own.store("OWN", "own-store-rt-002")
        seen.append(app.reads())
        assert app.reads() is seen[-1]
    assert len({id(each) for each in seen}) == 6


async def test_a_building_that_opens_a_block_of_its_own_reads_what_is_there() -> None:
    def build(secrets: Any) -> Client:
        with secrets.override(KEY="built-with-this-1"):
            return Client(secrets.lookup_sync("KEY"))

    made: list[Any] = []

    def build_and_leave(key: str) -> Client:
        made.append(copy_context())
        return Client(key)

    class Blocks(App):
        one: Any = Rotating(build, App.secrets)
        left: Any = Rotating(build_and_leave, App.key)

    app: Any = Blocks()
    reader = app.secrets()
    async with lifetime(app) as secrets:
        app.one.factory.set_args(secrets)
        async with secrets.tenant("acme"):
            assert app.one().key == "built-with-this-1"
            app.left()
            assert made[0].run(reader.lookup_sync, "KEY") == "acme-key-rt-0001"


async def test_a_block_that_ends_during_the_building_leaves_nothing_open() -> None:
    made: list[Client] = []
    blocks: list[Any] = []

    def build(key: str) -> Client:
        blocks.pop().__exit__(None, None, None)
        made.append(Client(key))
        return made[-1]

    class Ending(App):
        ending: Any = Rotating(build, App.key)

    app: Any = Ending()
    async with lifetime(app) as secrets, secrets.tenant("acme"):
        block = secrets.override(KEY="brought-along-01")
        blocks.append(block)
        block.__enter__()
        with pytest.raises(ScopeClosedError):
            app.ending()
    assert made[0].closed == 1


async def test_racing_threads_build_it_once() -> None:
    built: list[int] = []
    barrier = threading.Barrier(8)

    class Slow(Client):
        def __init__(self, key: Any) -> None:
            built.append(threading.get_ident())
            turns = app.slow._instances._turns
            while turns["acme"].waiting < 8:
                threading.Event().wait(0.001)
            super().__init__(key)

    class Raced(App):
        slow: Any = Rotating(Slow, App.key)

    app: Any = Raced()
    got: list[Any] = []

    def race() -> None:
        barrier.wait()
        got.append(app.slow())

    async with lifetime(app) as secrets, secrets.tenant("acme") as acme:
        for _ in range(2):
            async with anyio.create_task_group() as group:
                for _ in range(8):
                    group.start_soon(anyio.to_thread.run_sync, race)
            await acme.store("KEY", "acme-key-rt-0002")
    assert len(built) == 2
    assert len({id(each) for each in got}) == 2


async def test_a_failed_building_lets_its_parts_go_and_is_tried_again() -> None:
    class Picky(Client):
        def __init__(self, part: Any) -> None:
            if part.key == "acme-key-rt-0001":
                raise ValueError("too old")
            super().__init__(part=part)

    class Failing(App):
        client: Any = Rotating(Client, key=App.key, grace=0)
        picky: Any = Rotating(Picky, client)

    app: Any = Failing()
    async with lifetime(app) as secrets, secrets.tenant("acme") as acme:
        with pytest.raises(ValueError, match="too old"):
            app.picky()
        with app.client.lease() as first:
            await acme.store("KEY", "acme-key-rt-0002")
        assert first.closed == 1
        assert app.picky().part.key == "acme-key-rt-0002"


async def test_a_secret_that_rotates_during_the_building_is_read_again() -> None:
    store = DictSecrets({"USER": "user-rt-0000001", "PASS": "pass-rt-0000001"})

    turns: list[int] = []

    def meanwhile() -> None:
        if turns:
            number = turns.pop(0)
            store._values.update(USER=f"user-rt-000000{number}")
            store._values.update(PASS=f"pass-rt-000000{number}")
            for listener in store._listeners:
                listener("USER")
                listener("PASS")

    class Torn(containers.DeclarativeContainer):
        backend = SecretsBackend(providers.Object(store))
        secrets = ScopedSecrets(backend)
        pair: Any = Rotating(
            lambda *made: Client(made),
            SecretValue(secrets, "USER"),
            providers.Callable(meanwhile),
            SecretValue(secrets, "PASS"),
        )

    app: Any = Torn()
    async with lifetime(app):
        turns[:] = [2]
        user, _, password = app.pair().key
        assert (user[-1], password[-1]) == ("2", "2")
        await app.secrets().store("USER", "user-rt-0000003")
        turns[:] = [4, 5, 6, 7, 8]
        app.pair()
        assert turns == [7, 8]  # it is not built for ever


async def test_a_secret_that_has_run_out_is_an_error_until_it_is_there_again() -> None:
    clock = Clock()
    far = Remote({"KEY": "short-lived-0001"})
    policy = Policy(ttl=10, refresh_gap=0, max_stale=0)
    store = cached(far, policy, clock=clock)

    class Short(containers.DeclarativeContainer):
        backend = SecretsBackend(providers.Object(store))
        secrets = ScopedSecrets(backend)
        client: Any = Rotating(Client, SecretValue(secrets, "KEY"))
        direct: Any = Rotating(Client, SecretValue(backend, "KEY"))

    app: Any = Short()
    async with lifetime(app) as secrets:
        mine, direct = app.client(), app.direct()
        assert app.client() is mine
        assert app.direct() is direct
        far.down = StoreUnavailableError("the remote")
        await clock.turn(11)
        for provider in (app.client, app.direct):
            with pytest.raises(ExpiredError):
                provider()
        far.down = None
        await secrets.resolve("KEY")
        assert app.client() is mine
        assert app.direct() is direct


async def test_what_can_not_be_built_again_is_refused() -> None:
    arguments: list[tuple[Any, dict[str, Any]]] = [
        (providers.Singleton(Client), {}),
        (providers.Resource(Client), {}),
        (providers.Factory(Client), {"key": 1}),
        (Client, {"grace": -1}),
        (Client, {"grace": float("nan")}),
    ]
    for wrong, options in arguments:
        with pytest.raises(ConfigurationError, match="Rotating"):
            Rotating(wrong, **options)

    class Kept(App):
        kept: Any = providers.Singleton(Client, App.platform)

    with pytest.raises(CaptiveError, match=r"Kept\.kept -> its argument"):
        async with lifetime(Kept()):
            pass
    handed: Any = providers.Singleton(Client, App.platform.provider)

    class Handed(App):
        kept: Any = handed

    async with lifetime(Handed()) as secrets, secrets.tenant("acme"):
        pass
