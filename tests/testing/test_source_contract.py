"""Sources of every talent keep the contract; what breaks it is found out."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import anyio
import pytest
from anyio.abc import SocketAttribute, SocketStream
from examples.own_source import TableSource

from secretscope import (
    ConflictError,
    MalformedSecretError,
    MissingSecretError,
    Secret,
    SecretScopeError,
    StoreUnavailableError,
)
from secretscope.backends.files import FileSource
from secretscope.protocols import Source
from secretscope.testing import SourceContract
from secretscope.values import parse_ref


class Shelf:
    """A source in memory with every talent that the contract knows."""

    def __init__(self, kept: dict[str, str | bytes] | None = None) -> None:
        self.kept: dict[str, str | bytes] = {} if kept is None else kept
        self.prefix = ""
        self.asked = 0

    async def fetch(self, location: str) -> Secret:
        parse_ref(location)
        self.asked += 1
        value = self.kept.get(self.prefix + location)
        if value is None:
            raise MissingSecretError(location, where="the shelf")
        if isinstance(value, bytes):
            raise MalformedSecretError("the shelf", ref=location, expected="text")
        return Secret(value, version=str(self.asked))

    async def fetch_many(
        self, locations: Sequence[str]
    ) -> Mapping[str, Secret | SecretScopeError]:
        found: dict[str, Secret | SecretScopeError] = {}
        for location in locations:
            try:
                found[location] = await self.fetch(location)
            except SecretScopeError as error:
                found[location] = error
        return found

    async def put(self, location: str, value: str, *, field: str | None = None) -> None:
        parse_ref(location)
        self.asked += 1
        if field is not None:
            before = self.kept[self.prefix + location]
            await anyio.lowlevel.checkpoint()
            if self.kept[self.prefix + location] is not before:
                raise ConflictError("the shelf", ref=location)
            value = json.dumps({**json.loads(before), field: value})
        self.kept[self.prefix + location] = value

    def namespaced(self, name: str) -> Shelf:
        part = Shelf(self.kept)
        part.prefix = f"{name}/"
        return part


class TestASourceOfEveryTalent(SourceContract):
    @pytest.fixture
    def source(self) -> Shelf:
        return Shelf()

    async def hold_bytes(self, source: Source, location: str, value: bytes) -> bool:
        assert isinstance(source, Shelf)
        source.kept[location] = value
        return True

    def requests(self, source: Source) -> int:
        assert isinstance(source, Shelf)
        return source.asked


class Bare:
    """A source that fetches and does no more, by a line a request."""

    def __init__(self, host: str, port: int) -> None:
        self._address = host, port

    async def fetch(self, location: str) -> Secret:
        parse_ref(location)
        line: bytes | None = None
        try:
            stream = await anyio.connect_tcp(*self._address)
        except OSError:
            pass
        else:
            async with stream:
                await stream.send(location.encode() + b"\n")
                line = await stream.receive()
        if line is None:
            raise StoreUnavailableError("the line", ref=location)
        answer: str | None = json.loads(line)
        if answer is None:
            raise MissingSecretError(location, where="the line")
        return Secret(answer)


class TestASourceThatOnlyFetches(SourceContract):
    holds_empty = False

    @pytest.fixture
    async def source(self) -> AsyncIterator[Bare]:
        self.kept: dict[str, str] = {}
        listener = await anyio.create_tcp_listener(local_host="127.0.0.1")
        port = listener.extra(SocketAttribute.local_port)  # noqa: S610 - no Django
        async with anyio.create_task_group() as group:
            group.start_soon(listener.serve, self.answer)
            yield Bare("127.0.0.1", port)
            group.cancel_scope.cancel()
        await listener.aclose()

    async def answer(self, stream: SocketStream) -> None:
        async with stream:
            with suppress(anyio.BrokenResourceError, anyio.EndOfStream):
                location = (await stream.receive()).decode().strip()
                await stream.send(json.dumps(self.kept.get(location)).encode())

    async def hold(self, source: Source, location: str, value: str) -> None:
        self.kept[location] = value

    def at(self, host: str, port: int) -> Source:
        return Bare(host, port)


class TestFileSource(SourceContract):
    writes_fields = False

    @pytest.fixture
    def source(self, tmp_path: Path) -> FileSource:
        for part in self.parts:
            (tmp_path / part).mkdir()
        return FileSource(tmp_path)


class TestASourceOfYourOwn(SourceContract):
    writes_fields = False

    @pytest.fixture
    def source(self, tmp_path: Path) -> TableSource:
        return TableSource(tmp_path / "secrets.db")


class Mixed(Shelf):
    """Breaks promises: it forgets the grammar, mixes up names, gives too much."""

    async def fetch(self, location: str) -> Secret:
        self.asked += 1
        return Secret(str(self.kept[location.rpartition("/")[2].strip("_2\0 \n")]))

    async def fetch_many(
        self, locations: Sequence[str]
    ) -> Mapping[str, Secret | SecretScopeError]:
        return {name: Secret(str(value)) for name, value in self.kept.items()}

    def __repr__(self) -> str:
        return f"Mixed({self.kept})"


def _case(name: str) -> Callable[..., Any]:
    found: Callable[..., Any] = getattr(SourceContract(), name)
    return found


@pytest.mark.parametrize(
    "name",
    [
        "test_locations_are_told_apart",
        "test_a_batch_gives_each_its_own",
        "test_nothing_it_shows_or_raises_holds_a_value",
        "test_no_location_finds_a_way_around",
    ],
)
async def test_a_source_that_breaks_a_promise_is_found_out(name: str) -> None:
    with pytest.raises((AssertionError, KeyError, pytest.fail.Exception)):
        await _case(name)(Mixed())


async def test_the_contract_says_what_it_needs() -> None:
    with pytest.raises(NotImplementedError):
        SourceContract.__dict__["source"].__wrapped__(SourceContract())
    with pytest.raises(AssertionError, match="say in hold"):
        await SourceContract().hold(Bare("127.0.0.1", 1), "A", "x")


def test_the_example_keeps_its_table_in_a_file(tmp_path: Path) -> None:
    TableSource(tmp_path / "secrets.db")
    with sqlite3.connect(tmp_path / "secrets.db") as table:
        assert table.execute("SELECT count(*) FROM secrets").fetchone() == (0,)
    table.close()
