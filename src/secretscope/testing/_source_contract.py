"""SourceContract: what every source promises, as tests that its test class inherits."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator, Mapping
from typing import Any

import anyio

from secretscope.cache import CachedSecrets, Policy
from secretscope.errors import (
    ConflictError,
    InvalidRefError,
    MalformedSecretError,
    MissingSecretError,
    StoreTimeoutError,
    StoreUnavailableError,
)
from secretscope.protocols import BatchSource, NamespacedSource, Source, WritableSource
from secretscope.testing._chain import foreign, shown
from secretscope.testing._pytest import pytest
from secretscope.values import Secret

_HELD = "contract-value-4f1c9d"
_NEWER = "contract-value-8b27ae"
_BYTES = b"\xff\xfe\x00contract-bytes-0d2a"
_FIELDS = {"user": "contract-user-71c3", "password": "contract-pass-5e90"}
_WAYS = (
    "../{0}", "x/../{0}", "./{0}", "{0}/..", "x//{0}", "/{0}", "%2e%2e/{0}", "..\\{0}",
    "{0}\0", "{0}?x=1", "{0}\n", "{0} ", "", "CONTR\N{CYRILLIC CAPITAL LETTER A}CT",
)  # fmt: skip
_HANG = 10.0
"""Seconds after which a test counts as hung."""


@pytest.mark.anyio
class SourceContract:
    """The promises of `Source` and its further talents, on the loops you test on.

    Give the fixture `source`; a talent is checked where the source has it. Where it
    can't be written to, say in `hold` how a value gets into the store::

        class TestMySource(SourceContract):
            @pytest.fixture
            def source(self) -> MySource:
                return MySource(...)
    """

    location: str = "CONTRACT_KEY"
    """Where the tests keep their secret; names beside it (``..._2``) are used too."""

    ways: tuple[str, ...] = _WAYS
    """Locations that no store may be asked for; ``{0}`` is a secret that is there."""

    holds_empty: bool = True
    """Whether the store can hold an empty text."""

    writes_fields: bool = True
    """Whether `put` can write one field; where not, it raises MalformedSecretError."""

    parts: tuple[str, str] = ("part-a", "part-b")
    """Two namespaces that are there, where the source has such."""

    @pytest.fixture
    def source(self) -> Source:
        """Return a source whose store holds nothing under the contract's names."""
        raise NotImplementedError

    async def hold(self, source: Any, location: str, value: str) -> None:  # noqa: ANN401 - your own type
        """Get a value into the store; by `put`, unless you say otherwise."""
        assert isinstance(source, WritableSource), "say in hold() how a value gets in"
        await source.put(location, value)

    async def hold_fields(
        self,
        source: Any,  # noqa: ANN401 - your own type
        location: str,
        fields: Mapping[str, str],
    ) -> None:
        """Get several fields into the store; as a JSON object, unless you say so."""
        await self.hold(source, location, json.dumps(fields))

    async def hold_bytes(self, source: Any, location: str, value: bytes) -> bool:  # noqa: ANN401
        """Get what is no text into the store, and return whether it can hold that."""
        return False

    def requests(self, source: Any) -> int:  # noqa: ANN401
        """Return how many requests the store has seen; 0 where nobody counts."""
        return 0

    def at(self, host: str, port: int) -> Source | None:
        """Return a source that asks a store at this address; None without a network."""
        return None

    # --- reading ---------------------------------------------------------------------

    async def test_what_it_holds_is_fetched(self, source: Source) -> None:
        assert isinstance(source, Source)
        await self.hold(source, self.location, _HELD)
        secret = await source.fetch(self.location)
        assert isinstance(secret, Secret)
        assert secret.reveal() == _HELD

    async def test_a_value_comes_back_as_it_went_in(self, source: Source) -> None:
        value = " two\nlines, a \"quote\", a 'quote', ünï©ode, \\ and # and {{ = "
        await self.hold(source, self.location, value)
        assert (await source.fetch(self.location)).reveal() == value

    async def test_an_empty_text_is_a_value(self, source: Source) -> None:
        if self.holds_empty:
            await self.hold(source, self.location, "")
            assert (await source.fetch(self.location)).reveal() == ""

    async def test_an_absent_secret_is_missing_and_named(self, source: Source) -> None:
        with pytest.raises(MissingSecretError) as caught:
            await source.fetch(self.location)
        assert caught.value.ref == self.location
        assert self.location in str(caught.value)

    async def test_it_keeps_nothing_itself(self, source: Source) -> None:
        with pytest.raises(MissingSecretError):
            await source.fetch(self.location)
        await self.hold(source, self.location, _HELD)
        old = await source.fetch(self.location)
        await self.hold(source, self.location, _NEWER)
        new = await source.fetch(self.location)
        assert (old.reveal(), new.reveal()) == (_HELD, _NEWER)
        assert old.version is None or old.version != new.version

    async def test_locations_are_told_apart(self, source: Source) -> None:
        await self.hold(source, self.location, _HELD)
        await self.hold(source, f"{self.location}_2", _NEWER)
        assert (await source.fetch(self.location)).reveal() == _HELD
        assert (await source.fetch(f"{self.location}_2")).reveal() == _NEWER

    async def test_a_field_is_read_and_masked(self, source: Source) -> None:
        await self.hold_fields(source, self.location, _FIELDS)
        secrets = CachedSecrets(source)
        for name, value in _FIELDS.items():
            assert await secrets.resolve(f"{self.location}#{name}") == value
            assert value not in secrets.redact(f"it was {value}")
        with pytest.raises(MissingSecretError, match="user"):
            await secrets.resolve(f"{self.location}#NOT_THERE")

    async def test_what_is_no_text_is_malformed(self, source: Source) -> None:
        if await self.hold_bytes(source, self.location, _BYTES):
            with pytest.raises(MalformedSecretError) as caught:
                await source.fetch(self.location)
            assert caught.value.ref == self.location
            assert "contract-bytes" not in shown(caught.value)

    async def test_nothing_it_shows_or_raises_holds_a_value(
        self, source: Source
    ) -> None:
        await self.hold(source, self.location, _HELD)
        secret = await source.fetch(self.location)
        with pytest.raises(MissingSecretError) as caught:
            await source.fetch(f"{self.location}_NOT_THERE")
        assert _HELD not in f"{source!r} {source!s} {secret!r}{shown(caught.value)}"

    async def test_no_location_finds_a_way_around(self, source: Source) -> None:
        await self.hold(source, self.location, _HELD)
        before = self.requests(source)
        for way in self.ways:
            with pytest.raises((InvalidRefError, MissingSecretError)):
                await source.fetch(way.format(self.location))
        if isinstance(source, WritableSource):
            for way in self.ways:
                with pytest.raises(InvalidRefError):
                    await source.put(way.format(self.location), _NEWER)
        assert self.requests(source) == before
        assert (await source.fetch(self.location)).reveal() == _HELD

    # --- many at once, and trouble ---------------------------------------------------

    async def test_many_tasks_fetch_at_once(self, source: Source) -> None:
        await self.hold(source, self.location, _HELD)
        found: list[str] = []

        async def fetch() -> None:
            found.append((await source.fetch(self.location)).reveal())

        async with anyio.create_task_group() as group:
            for _ in range(20):
                group.start_soon(fetch)
        assert found == [_HELD] * 20

    async def test_a_cancelled_fetch_harms_no_later_one(self, source: Source) -> None:
        await self.hold(source, self.location, _HELD)
        with anyio.CancelScope() as scope:
            scope.cancel()
            await source.fetch(self.location)
        assert (await source.fetch(self.location)).reveal() == _HELD

    async def test_a_batch_gives_each_its_own(self, source: Source) -> None:
        if not isinstance(source, BatchSource):
            return
        names = [f"{self.location}_{number}" for number in range(3)]
        for name in names:
            await self.hold(source, name, f"{_HELD}-{name}")
        absent, wrong = f"{self.location}_NOT_THERE", f"../{self.location}"
        found = await source.fetch_many([*names, absent, wrong, names[0]])
        assert set(found) == {*names, absent, wrong}
        for name in names:
            secret = found[name]
            assert isinstance(secret, Secret)
            assert secret.reveal() == f"{_HELD}-{name}"
        assert isinstance(found[absent], MissingSecretError)
        assert isinstance(found[wrong], InvalidRefError | MissingSecretError)
        assert await source.fetch_many([]) == {}

    async def test_a_store_that_hangs_does_not_hang_its_reader(
        self, silent: tuple[str, int]
    ) -> None:
        source = self.at(*silent)
        if source is not None:
            secrets = CachedSecrets(source, Policy(timeout=0.05))
            with anyio.fail_after(_HANG), pytest.raises(StoreTimeoutError) as caught:
                await secrets.resolve(self.location)
            assert caught.value.ref == self.location

    async def test_a_store_that_is_not_there_is_an_outage(
        self, closed: tuple[str, int]
    ) -> None:
        source = self.at(*closed)
        if source is not None:
            with pytest.raises(StoreUnavailableError) as caught:
                await source.fetch(self.location)
            assert self.location in str(caught.value)
            assert foreign(caught.value) == []

    @pytest.fixture
    def silent(self) -> Iterator[tuple[str, int]]:
        """Give the address of a server that takes connections and never answers."""
        with socket.create_server(("127.0.0.1", 0)) as server:
            yield server.getsockname()

    @pytest.fixture
    def closed(self) -> tuple[str, int]:
        """Give an address where nobody listens."""
        with socket.create_server(("127.0.0.1", 0)) as server:
            host, port = server.getsockname()
        return host, port

    # --- writing, and parts ----------------------------------------------------------

    async def test_a_written_value_is_fetched(self, source: Source) -> None:
        if isinstance(source, WritableSource):
            await source.put(self.location, _HELD)
            await source.put(self.location, _NEWER)
            assert (await source.fetch(self.location)).reveal() == _NEWER

    async def test_a_written_field_leaves_the_others(self, source: Source) -> None:
        if not isinstance(source, WritableSource):
            return
        await self.hold_fields(source, self.location, _FIELDS)
        if not self.writes_fields:
            with pytest.raises(MalformedSecretError):
                await source.put(self.location, _NEWER, field="password")
            return
        await source.put(self.location, _NEWER, field="password")
        secrets = CachedSecrets(source)
        assert await secrets.resolve(f"{self.location}#password") == _NEWER
        assert await secrets.resolve(f"{self.location}#user") == _FIELDS["user"]

    async def test_of_two_writers_none_is_lost_in_silence(self, source: Source) -> None:
        if not (isinstance(source, WritableSource) and self.writes_fields):
            return
        await self.hold_fields(source, self.location, _FIELDS)
        written: list[str] = []

        async def write(name: str) -> None:
            try:
                await source.put(self.location, _NEWER, field=name)
            except ConflictError:
                return
            written.append(name)

        async with anyio.create_task_group() as group:
            for name in ("user", "password", "third", "fourth"):
                group.start_soon(write, name)
        secrets = CachedSecrets(source)
        assert written
        for name in written:
            assert await secrets.resolve(f"{self.location}#{name}") == _NEWER

    async def test_one_part_sees_nothing_of_another(self, source: Source) -> None:
        if isinstance(source, NamespacedSource):
            mine, other = (source.namespaced(part) for part in self.parts)
            await self.hold(mine, self.location, _HELD)
            assert (await mine.fetch(self.location)).reveal() == _HELD
            for one in (other, source):
                with pytest.raises(MissingSecretError):
                    await one.fetch(self.location)
