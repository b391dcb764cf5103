"""Files that change: each change is told, with watchfiles and without."""

import sys
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path
from typing import Any

import anyio
import pytest
from dependency_injector import containers, providers

from secretscope import (
    ConfigurationError,
    MissingSecretError,
    SecretsBackend,
    lifetime,
    needs,
)
from secretscope.backends.files import FileSource


@pytest.fixture(params=["watchfiles", "polling"])
def poll(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> float:
    if request.param == "polling":
        monkeypatch.setitem(sys.modules, "watchfiles", None)
        return 0.01
    return 3600


@pytest.fixture
def source(tmp_path: Path, poll: float) -> FileSource:
    return FileSource(mounted(tmp_path, "1"), poll=poll)


def mounted(folder: Path, version: str) -> Path:
    """Mount a version as the kubelet does: written aside, then one link is swapped."""
    root = folder / "mounted"
    data = root / f"..{version}"
    (data / "sub").mkdir(parents=True)
    for name in ("A", "B", "sub/C"):
        (data / name).write_text(f"value-of-{name}-{version}")
    (root / "..new").symlink_to(data.name)
    (root / "..new").replace(root / "..data")
    for name in ("A", "B", "sub"):
        if not (root / name).is_symlink():
            (root / name).symlink_to(f"..data/{name}")
    for old in root.glob("..[0-9]*"):
        if old != data:
            for file in ("A", "B", "sub/C"):
                (old / file).unlink()
            (old / "sub").rmdir()
            old.rmdir()
    return root


def replace(path: Path, text: str) -> None:
    aside = path.with_name(".aside")
    aside.write_text(text)
    aside.replace(path)


async def told(watch: AsyncIterator[str], *expected: str) -> None:
    """Wait until each of these has been told, and nothing else."""
    waiting = set(expected)
    while waiting:
        waiting.remove(await anext(watch))


async def test_a_swap_of_the_mount_tells_all_that_was_read(
    source: FileSource, tmp_path: Path
) -> None:
    for name in ("A", "B", "sub/C"):
        await source.fetch(name)
    async with aclosing(source.watch()) as watch:
        for version in ("2", "3"):
            mounted(tmp_path, version)
            await told(watch, "A", "B", "sub/C")
            for name in ("A", "B", "sub/C"):
                text = (await source.fetch(name)).reveal()
                assert text == f"value-of-{name}-{version}"


async def test_a_replaced_rewritten_removed_or_new_file_is_told(
    source: FileSource, tmp_path: Path
) -> None:
    root = tmp_path / "mounted"
    (root / "plain").write_text("plain-value-1")
    await source.fetch("plain")
    await source.fetch("A")
    with pytest.raises(MissingSecretError):
        await source.fetch("nested/new")
    async with aclosing(source.watch()) as watch:
        for text in ("plain-value-2", "plain-value-3", "a longer plain-value"):
            replace(root / "plain", text)
            await told(watch, "plain")
            assert (await source.fetch("plain")).reveal() == text
        (root / "plain").write_text("rewritten in its place")
        await told(watch, "plain")
        await source.fetch("plain")
        (root / "plain").unlink()
        await told(watch, "plain")
        (root / "nested").mkdir()
        (root / "nested" / "new").write_text("new-value-1")
        await told(watch, "nested/new")


async def test_a_change_from_before_the_watch_is_told_once(
    source: FileSource, tmp_path: Path
) -> None:
    root = tmp_path / "mounted"
    replace(root / "A", "before-the-watch")
    await source.fetch("A")
    replace(root / "A", "since-the-watch-1")
    await source.fetch("B")
    async with aclosing(source.watch()) as watch:
        await told(watch, "A")
        replace(root / "A", "nobody-reads-this")
        replace(root / "B", "somebody-reads-this")
        await told(watch, "B")


async def test_parts_of_a_directory_share_a_watch(
    source: FileSource, tmp_path: Path
) -> None:
    root = tmp_path / "mounted"
    parts = {name: source.namespaced(name) for name in ("acme", "globex")}
    found: list[str] = []
    for name, part in parts.items():
        (root / name).mkdir()
        (root / name / "KEY").write_text("first-value")
        await part.fetch("KEY")

    async def listen(name: str) -> None:
        async with aclosing(parts[name].watch()) as watch:
            async for location in watch:
                found.append(f"{name}/{location}")
                await parts[name].fetch(location)
                if found.count(f"{name}/{location}") == 2:
                    break
                replace(root / name / "KEY", "third-value")

    async with anyio.create_task_group() as group:
        for name in parts:
            group.start_soon(listen, name)
            replace(root / name / "KEY", "second-value")
    assert sorted(found) == ["acme/KEY"] * 2 + ["globex/KEY"] * 2


async def test_who_leaves_a_watch_does_not_end_it_for_the_others(
    source: FileSource, tmp_path: Path
) -> None:
    await source.fetch("A")
    part = source.namespaced("sub")
    await part.fetch("C")
    leaving = anyio.CancelScope()

    async def leave() -> None:
        async with aclosing(part.watch()) as watch:
            with leaving:
                await anext(watch)

    async with aclosing(source.watch()) as watch, anyio.create_task_group() as group:
        group.start_soon(leave)
        await anyio.wait_all_tasks_blocked()
        leaving.cancel()
        mounted(tmp_path, "2")
        await told(watch, "A")
        await source.fetch("A")
        mounted(tmp_path, "3")
        await told(watch, "A")


async def test_a_directory_that_is_not_there_yet_is_watched_once_it_is(
    tmp_path: Path, poll: float
) -> None:
    later = tmp_path / "later"
    source = FileSource(later, poll=0.01)
    async with aclosing(source.watch()) as watch, anyio.create_task_group() as group:

        async def come() -> None:
            later.mkdir()
            (later / "A").write_text("value-value")
            await source.fetch("A")
            (later / "A").write_text("another-value")

        group.start_soon(come)
        await told(watch, "A")


async def test_a_file_that_stays_unreadable_is_told_only_once(
    source: FileSource, tmp_path: Path
) -> None:
    root = tmp_path / "mounted"
    (root / "folder").mkdir()
    (root / "out").symlink_to(tmp_path)
    for name in ("folder", "out"):
        with pytest.raises(Exception, match=name):
            await source.fetch(name)
    await source.fetch("A")
    async with aclosing(source.watch()) as watch:
        mounted(tmp_path, "2")
        await told(watch, "A")


def test_the_interval_is_above_nothing(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="files.poll"):
        FileSource(tmp_path, poll=0)


async def test_readers_follow_a_swap_while_a_lifetime_is_open(
    tmp_path: Path, poll: float
) -> None:
    class App(containers.DeclarativeContainer):
        config: Any = providers.Configuration()
        backend = SecretsBackend(config.secrets)
        key = needs(providers.Object("needs A"), "A")

    app = App()
    files = {"directory": str(mounted(tmp_path, "1")), "poll": poll}
    app.config.from_dict({"secrets": {"backend": "files", "files": files}})
    async with lifetime(app) as secrets:
        rotated = anyio.Event()
        assert secrets.lookup_sync("A") == "value-of-A-1"
        secrets.on_rotation(lambda rotation: rotated.set())
        mounted(tmp_path, "2")
        await rotated.wait()
        assert secrets.lookup_sync("A") == "value-of-A-2"
