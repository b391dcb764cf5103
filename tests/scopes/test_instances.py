"""Instances at the moments when threads meet: none is handed out that is closed."""

from contextvars import copy_context
from typing import Any

import anyio
import pytest
from dependency_injector import containers

from secretscope import (
    DictSecrets,
    Rotating,
    ScopeClosedError,
    ScopedSecrets,
    SecretsBackend,
    SecretValue,
    lifetime,
)
from secretscope.scopes import Instances, noted
from secretscope.scopes._closing import Closing
from secretscope.scopes._instance import Instance


def instance(**more: Any) -> Instance:
    return Instance("value", (), (), None, 30.0, **more)


def test_a_closed_instance_is_given_to_nobody() -> None:
    one = instance()
    assert one.take(use=False)
    assert one.take(use=False)
    one.deadline = 0.0
    assert not one.holds()
    assert not one.stands()
    assert one.done(0.0)
    assert not one.done(0.0)
    assert not one.take(use=False)
    assert not one.take(use=True)
    assert "value" not in repr(one)


def test_a_retired_instance_is_retired_once() -> None:
    closed: list[object] = []
    spawned: list[Any] = []
    closing = Closing(spawned.append)
    one = Instance("value", (), (), closed.append, 30.0)
    closing.opened(one)
    one.take(use=False)
    closing.retire(one)
    deadline = one.deadline
    closing.retire(one)
    assert one.deadline == deadline
    assert len(spawned) == 1
    closing.retire(one, grace=0)
    assert closed == ["value"]


def test_one_that_is_closed_as_it_is_found_is_built_again() -> None:
    closing = Closing(lambda act: None)
    found: list[Instance] = []
    turns = iter([False, False, True, False, False, False])

    def read() -> str:
        if next(turns):  # another thread, just now
            closing.retire(kept._direct, grace=0)  # type: ignore[arg-type]
        return "the-same-value-01"

    def build() -> object:
        noted(read, "KEY")
        return object()

    kept: Instances[object] = Instances(
        build, closing, here=lambda: None, grace=0, closer=lambda made: None
    )
    with kept.lease() as first:
        pass
    with kept.lease() as second:
        assert second is not first
    assert found == []


async def test_a_block_that_ends_as_its_instance_is_kept_leaves_none_open() -> None:
    closed: list[object] = []
    blocks: list[Any] = []
    asked: list[str] = []

    class Ends(DictSecrets):
        def peek(self, ref: str) -> str:
            asked.append(ref)
            if len(asked) == 2:  # built, and found good; then another thread ends it
                copy_context().run(blocks.pop().__exit__, None, None, None)
            return super().peek(ref)

    class App(containers.DeclarativeContainer):
        backend = SecretsBackend(DictSecrets, {"KEY": "key-inst-000001"})
        secrets = ScopedSecrets(backend)
        client: Any = Rotating(
            dict,
            key=SecretValue(secrets, "KEY"),
            other=SecretValue(Ends({"END": "end-inst-000001"}), "END"),
            closer=closed.append,
        )

    app: Any = App()
    async with lifetime(app) as secrets:
        block = secrets.override(KEY="brought-along-01")
        blocks.append(block)
        block.__enter__()
        with pytest.raises(ScopeClosedError):
            app.client()
        assert len(closed) == 1
        await anyio.wait_all_tasks_blocked()


async def test_what_was_being_closed_at_the_lifetimes_end_is_closed_once() -> None:
    closed: list[object] = []
    spawned: list[Any] = []

    async def close(value: object) -> None:
        closed.append(value)

    closing = Closing(spawned.append)
    one = Instance("value", (), (), close, 0.0)
    closing.opened(one)
    assert closing.patience == 5.0
    closing.retire(one)
    assert closed == []
    assert await closing.close_all() == []
    await spawned[0]()
    assert closed == ["value"]
