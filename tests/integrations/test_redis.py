"""The Redis channel, against a real redis-server, through outages of every kind."""

import importlib
import sys
from pathlib import Path
from random import Random

import anyio
import pytest
from attrs import define, field

from secretscope import (
    ChannelError,
    ConfigurationError,
    DictSecrets,
    MissingExtraError,
    redact,
)
from secretscope.fleet import Channel, Credentialed, SystemClock
from secretscope.fleet._link import Link
from secretscope.integrations.redis import RedisChannel, RedisOptions
from tests.fleet.proxy import proxied
from tests.fleet.redis_server import RedisServer

QUICK = RedisOptions(timeout=0.5, keepalive=0.2)


@define(eq=False)
class Ear:
    """Hears messages, and lets a test wait for them."""

    heard: list[bytes] = field(factory=list)
    joins: int = 0
    _more: anyio.Event = field(factory=anyio.Event)

    def hear(self, message: bytes) -> None:
        self.heard.append(message)
        self._change()

    def join(self) -> None:
        self.joins += 1
        self._change()

    def _change(self) -> None:
        self._more.set()
        self._more = anyio.Event()

    async def until(self, *, heard: int = 0, joins: int = 0) -> None:
        while len(self.heard) < heard or self.joins < joins:
            await self._more.wait()


class Impatient(SystemClock):
    """Waits for nothing longer than a moment: a test's outages are short."""

    async def wait(self, woken: anyio.Event, seconds: float | None) -> None:
        short = None if seconds is None else min(seconds, 0.02)
        await super().wait(woken, short)


def linked(channel: Channel, ear: Ear) -> Link:
    return Link(channel, ear.hear, ear.join, Impatient(), Random(1))


def address(port: int) -> str:
    return f"redis://127.0.0.1:{port}"


async def test_messages_reach_every_listener(shared_redis: RedisServer) -> None:
    first, second = Ear(), Ear()
    one = RedisChannel(shared_redis.url, "reach", QUICK)
    other = RedisChannel(shared_redis.url, "reach", QUICK)
    elsewhere = RedisChannel(shared_redis.url, "elsewhere", QUICK)
    assert isinstance(one, Channel)
    assert isinstance(one, Credentialed)
    async with anyio.create_task_group() as group:
        group.start_soon(linked(one, first).run)
        group.start_soon(linked(other, second).run)
        group.start_soon(linked(elsewhere, Ear()).run)
        await first.until(joins=1)
        await second.until(joins=1)
        for number in range(100):
            await one.publish(b"%d\xff" % number)
        await first.until(heard=100)
        await second.until(heard=100)
        group.cancel_scope.cancel()
    assert first.heard == second.heard == [b"%d\xff" % n for n in range(100)]


async def test_a_unix_socket_is_an_address_too(tmp_path: Path) -> None:
    server = RedisServer(tmp_path, "--unixsocket", str(tmp_path / "redis.sock"))
    channel = RedisChannel(f"unix://{tmp_path / 'redis.sock'}", "c", QUICK)
    with pytest.raises(ChannelError, match="No such file"):
        await channel.listen(Ear().hear)
    server.start()
    ear = Ear()
    try:
        async with anyio.create_task_group() as group:
            group.start_soon(linked(channel, ear).run)
            await ear.until(joins=1)
            await channel.publish(b"x")
            await ear.until(heard=1)
            group.cancel_scope.cancel()
    finally:
        server.stop()


async def test_nothing_is_published_while_it_does_not_listen() -> None:
    with pytest.raises(ChannelError, match="it is not connected"):
        await RedisChannel("redis://127.0.0.1:1").publish(b"x")


async def test_a_server_that_is_not_there_is_an_error_that_names_it(
    redis: RedisServer,
) -> None:
    redis.stop()
    channel = RedisChannel(f"redis://bob:hunter2hunter2@127.0.0.1:{redis.port}", "x")
    with pytest.raises(ChannelError, match="Redis at 127.0.0.1") as caught:
        await channel.listen(Ear().hear)
    assert "hunter2" not in str(caught.value)
    assert caught.value.__context__ is None
    assert "hunter2" not in repr(channel)
    assert redact("hunter2hunter2") == "[REDACTED]"


async def test_it_comes_back_after_the_server_was_restarted_in_mid_flight(
    redis: RedisServer,
) -> None:
    ear = Ear()
    channel = RedisChannel(redis.url, "c", QUICK)
    link = linked(channel, ear)
    async with anyio.create_task_group() as group:
        group.start_soon(link.run)
        for join in range(1, 4):
            await ear.until(joins=join)
            await channel.publish(b"x")
            await ear.until(heard=join)
            redis.stop()
            while link.up.is_set():
                await anyio.lowlevel.checkpoint()
            with pytest.raises(ChannelError):
                await channel.publish(b"lost")
            redis.start()
        await ear.until(joins=4)
        group.cancel_scope.cancel()
    assert ear.heard == [b"x"] * 3


async def test_a_connection_that_is_reset_comes_back(shared_redis: RedisServer) -> None:
    ear = Ear()
    async with proxied(shared_redis.port) as proxy, anyio.create_task_group() as group:
        channel = RedisChannel(address(proxy.port), "reset", QUICK)
        link = linked(channel, ear)
        group.start_soon(link.run)
        await ear.until(joins=1)
        await proxy.cut()
        while link.up.is_set():
            await anyio.lowlevel.checkpoint()
        with anyio.move_on_after(0.3):  # a few attempts in vain
            await ear.until(joins=2)
        assert ear.joins == 1
        proxy.mend()
        await ear.until(joins=2)
        await channel.publish(b"x")
        await ear.until(heard=1)
        group.cancel_scope.cancel()


async def test_a_connection_that_is_silently_dead_is_noticed(
    shared_redis: RedisServer,
) -> None:
    ear = Ear()
    async with proxied(shared_redis.port) as proxy, anyio.create_task_group() as group:
        channel = RedisChannel(address(proxy.port), "dead", QUICK)
        link = linked(channel, ear)
        group.start_soon(link.run)
        await ear.until(joins=1)
        await channel.publish(b"x")
        await ear.until(heard=1)
        proxy.freeze()
        with pytest.raises(ChannelError):
            await channel.publish(b"lost")
        while link.up.is_set():
            await anyio.lowlevel.checkpoint()
        assert "Timeout" in (link.fault or "")
        proxy.thaw()
        await ear.until(joins=2)
        group.cancel_scope.cancel()


async def test_an_outage_of_five_seconds_is_a_gap_that_ends(redis: RedisServer) -> None:
    ear = Ear()
    link = linked(RedisChannel(redis.url, "c", QUICK), ear)
    async with anyio.create_task_group() as group:
        group.start_soon(link.run)
        await ear.until(joins=1)
        redis.stop()
        with anyio.move_on_after(5):  # what made coredis's own iterator end in silence
            await ear.until(joins=2)
        assert ear.joins == 1
        redis.start()
        await ear.until(joins=2)
        group.cancel_scope.cancel()


ACL = (
    "user fleet on >hunter2hunter2 resetchannels &secretscope:* "
    "-@all +hello +auth +ping +publish +subscribe +unsubscribe +punsubscribe"
)
"""The rights that docs/fleet.md names."""


async def test_the_documented_rights_are_all_it_needs(tmp_path: Path) -> None:
    rights = tmp_path / "users.acl"
    rights.write_text(f"user default off\n{ACL}\n")
    server = RedisServer(tmp_path, "--aclfile", str(rights))
    server.start()
    ear = Ear()
    options = RedisOptions(username="fleet", password_ref="REDIS", timeout=2)
    channel = RedisChannel(server.url, "secretscope:fleet", options)
    store = DictSecrets({"REDIS": "hunter2hunter2"})
    channel.log_in_with(store.resolve)
    try:
        async with anyio.create_task_group() as group:
            group.start_soon(linked(channel, ear).run)
            await ear.until(joins=1)
            await channel.publish(b"x")
            await ear.until(heard=1)
            group.cancel_scope.cancel()
        foreign = RedisChannel(server.url, "other", options)
        foreign.log_in_with(store.resolve)
        with pytest.raises(ChannelError, match="[Nn]o permissions|acknowledgement"):
            await foreign.listen(ear.hear)
        await store.store("REDIS", "another-password")
        with pytest.raises(ChannelError, match="AuthenticationFailureError"):
            await channel.listen(ear.hear)
    finally:
        server.stop()


async def test_a_password_in_the_address_logs_in_and_its_user_does_too(
    tmp_path: Path,
) -> None:
    rights = tmp_path / "users.acl"
    rights.write_text(f"user default off\n{ACL}\n")
    server = RedisServer(tmp_path, "--aclfile", str(rights))
    server.start()
    where = f"127.0.0.1:{server.port}"
    named = RedisChannel(
        f"redis://fleet@{where}", options=RedisOptions(password_ref="REDIS")
    )
    named.log_in_with(DictSecrets({"REDIS": "hunter2hunter2"}).resolve)
    full = RedisChannel(f"redis://fleet:hunter2%68unter2@{where}")
    try:
        for channel in (named, full):
            ear = Ear()
            async with anyio.create_task_group() as group:
                group.start_soon(linked(channel, ear).run)
                await ear.until(joins=1)
                group.cancel_scope.cancel()
    finally:
        server.stop()


async def test_a_password_ref_needs_a_reader(shared_redis: RedisServer) -> None:
    channel = RedisChannel(shared_redis.url, options=RedisOptions(password_ref="REDIS"))
    with pytest.raises(ChannelError, match="pass the channel to a Fleet"):
        await channel.listen(Ear().hear)


@pytest.mark.parametrize(
    "url", ["", "http://x", "redis//x", "redis://x:port", 5, None, "hunter2@x"]
)
def test_an_address_that_is_none_is_refused_without_showing_it(url: str) -> None:
    with pytest.raises(ConfigurationError, match=r"fleet\.url: expected") as caught:
        RedisChannel(url)
    assert "hunter2" not in str(caught.value)
    assert caught.value.__context__ is None


def test_a_channel_is_called_by_its_place() -> None:
    assert repr(RedisChannel("redis://x", "c")) == "RedisChannel(Redis at x:6379, 'c')"
    assert repr(RedisChannel("unix:///run/redis.sock")) == (
        "RedisChannel(Redis at /run/redis.sock, 'secretscope:fleet')"
    )


def test_without_its_extra_it_says_which_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "coredis", None)
    monkeypatch.delitem(sys.modules, "secretscope.integrations.redis")
    with pytest.raises(MissingExtraError, match=r"pip install 'secretscope\[redis\]'"):
        importlib.import_module("secretscope.integrations.redis")
