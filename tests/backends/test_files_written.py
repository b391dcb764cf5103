"""Files that are being written: a value is one text, whole, and never a cleared file."""

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

import anyio.to_thread
import pytest

from secretscope import (
    MalformedSecretError,
    MissingSecretError,
    StoreUnavailableError,
)
from secretscope.backends.files import FileSource

NOW = 1_800_000_000.0
OLD = NOW - 60


class Disk:
    """A directory under a clock of its own; writers go on while a reader pauses."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.now = NOW
        self.pauses: list[float] = []
        self.next: list[Callable[[], None]] = []
        self.source = FileSource(folder, clock=lambda: self.now, pause=self.pause)

    async def pause(self, seconds: float) -> None:
        self.pauses.append(round(seconds, 3))
        self.now += seconds
        if self.next:
            await anyio.to_thread.run_sync(self.next.pop(0))

    def write(self, text: str, *, name: str = "A", at: float | None = None) -> None:
        path = self.folder / name
        path.write_text(text)
        self.touch(name, self.now if at is None else at)

    def touch(self, name: str, at: float) -> None:
        os.utime(self.folder / name, (at, at))

    async def read(self, name: str = "A") -> str:
        return (await self.source.fetch(name)).reveal()


@pytest.fixture
def disk(tmp_path: Path) -> Disk:
    return Disk(tmp_path)


async def test_a_file_that_was_left_alone_is_read_at_once(disk: Disk) -> None:
    disk.write("an-old-value", at=OLD)
    assert await disk.read() == "an-old-value"
    assert disk.pauses == []


async def test_a_cleared_file_is_not_an_empty_value(disk: Disk) -> None:
    disk.write("")
    disk.next = [lambda: disk.write("half-of-a-"), lambda: disk.write("whole-value")]
    assert await disk.read() == "whole-value"
    assert disk.pauses == [1.0, 0.05, 0.05]


async def test_an_empty_file_that_stays_so_is_an_empty_value(disk: Disk) -> None:
    disk.write("", at=NOW - 0.9)
    assert await disk.read() == ""
    assert disk.pauses == [0.1]


async def test_what_this_process_wrote_is_whole(disk: Disk) -> None:
    for text in ("", "written-value-1"):
        await disk.source.put("A", text)
        assert await disk.read() == text
    assert disk.pauses == []


async def test_a_text_of_the_same_size_in_the_same_tick_is_told_apart(
    disk: Disk,
) -> None:
    disk.write("value-number-1")
    disk.next = [lambda: disk.write("value-number-2", at=NOW)]
    assert await disk.read() == "value-number-2"


async def test_a_clock_that_goes_wrong_costs_one_pause(disk: Disk) -> None:
    disk.write("value-from-tomorrow", at=NOW + 86_400)
    assert await disk.read() == "value-from-tomorrow"
    assert disk.pauses == [0.05]


async def test_a_file_that_is_written_to_all_the_time_is_an_outage(disk: Disk) -> None:
    disk.write("value-0")
    disk.next = [lambda n=n: disk.write(f"value-{n}") for n in range(1, 30)]  # type: ignore[misc]
    with pytest.raises(StoreUnavailableError, match="being written"):
        await disk.read()
    disk.next = []
    assert await disk.read() == "value-20"


async def test_a_link_that_is_being_swapped_is_followed_once_it_is_there(
    disk: Disk,
) -> None:
    (disk.folder / "A").symlink_to("..data/A")
    (disk.folder / "..data").symlink_to("..gone")

    def swap() -> None:
        (disk.folder / "..2").mkdir()
        disk.write("value-of-2", name="..2/A", at=OLD)
        (disk.folder / "..new").symlink_to("..2")
        (disk.folder / "..new").replace(disk.folder / "..data")

    disk.next = [swap]
    assert await disk.read() == "value-of-2"


async def test_a_link_that_leads_nowhere_is_missing(disk: Disk) -> None:
    (disk.folder / "A").symlink_to("..data/A")
    with pytest.raises(MissingSecretError):
        await disk.read()
    assert disk.pauses == [0.05]
    with pytest.raises(MissingSecretError):
        await disk.read("B")
    assert disk.pauses == [0.05]


async def test_a_pipe_is_no_secret_and_holds_nobody_up(disk: Disk) -> None:
    os.mkfifo(disk.folder / "A")
    with pytest.raises(MalformedSecretError, match="a pipe"):
        await disk.read()


async def test_no_reader_sees_a_torn_value_while_a_writer_swaps(
    tmp_path: Path,
) -> None:
    texts = ["a" * 100_000, "b" * 50_000]
    swaps, done = 300, threading.Event()

    def write() -> None:
        for number in range(swaps):
            data = tmp_path / f"..{number}"
            data.mkdir()
            (data / "KEY").write_text(texts[number % 2])
            (tmp_path / "..new").symlink_to(data.name)
            (tmp_path / "..new").replace(tmp_path / "..data")
            if number:
                (tmp_path / f"..{number - 1}" / "KEY").unlink()
        done.set()

    (tmp_path / "KEY").symlink_to("..data/KEY")
    source = FileSource(tmp_path, clock=lambda: time.time() + 60)  # trusts every file
    writer = threading.Thread(target=write)
    writer.start()
    seen: set[str] = set()
    while not done.is_set():
        try:
            seen.add((await source.fetch("KEY")).reveal())
        except (MissingSecretError, StoreUnavailableError):
            continue
    writer.join()
    assert seen <= set(texts)
