"""The alarm: one thread for all who listen, and none once they have left."""

import logging
import sys
from pathlib import Path

import anyio
import pytest

from secretscope.backends._disk import Alarm


async def test_a_change_rings_for_everybody(tmp_path: Path) -> None:
    alarm = Alarm(tmp_path, interval=3600)
    heard: list[int] = []

    async def listen() -> None:
        with alarm.listening():
            heard.append(await alarm.wait(0))

    async with anyio.create_task_group() as group:
        for _ in range(3):
            group.start_soon(listen)
        await anyio.wait_all_tasks_blocked()
        (tmp_path / "A").write_text("x")
    assert heard == [1, 1, 1]


async def test_who_has_not_heard_the_last_ring_need_not_wait(tmp_path: Path) -> None:
    alarm = Alarm(tmp_path, interval=3600)
    with alarm.listening():
        assert await alarm.wait(0) == 1
        assert await alarm.wait(0) == 1
        (tmp_path / "A").write_text("x")
        assert await alarm.wait(1) == 2


async def test_when_the_one_that_listens_leaves_the_next_takes_over(
    tmp_path: Path,
) -> None:
    alarm = Alarm(tmp_path, interval=3600)
    first = anyio.CancelScope()

    async def leave() -> None:
        with first, alarm.listening():
            await alarm.wait(0)

    async def stay() -> None:
        with alarm.listening():
            assert await alarm.wait(0) == 1
            assert await alarm.wait(1) == 2

    async with anyio.create_task_group() as group:
        group.start_soon(leave)
        await anyio.wait_all_tasks_blocked()
        group.start_soon(stay)
        await anyio.wait_all_tasks_blocked()
        first.cancel()


@pytest.mark.parametrize("there", [True, False])
async def test_what_cannot_be_watched_is_looked_at_and_that_is_said(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    *,
    there: bool,
) -> None:
    caplog.set_level(logging.INFO, "secretscope")
    if there:
        monkeypatch.setitem(sys.modules, "watchfiles", None)
    alarm = Alarm(tmp_path if there else tmp_path / "nowhere", interval=0.001)
    with alarm.listening():
        for heard in range(3):
            assert await alarm.wait(heard) == heard + 1
    reason = "not installed (the extra 'watch')" if there else "can't be watched"
    assert [reason in record.message for record in caplog.records] == [True]
