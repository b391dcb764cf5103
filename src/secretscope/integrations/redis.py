"""The fleet's channel over Redis or Valkey pub/sub (extra ``redis``)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any
from urllib.parse import unquote, urlsplit

import anyio
import anyio.to_thread
from anyio import TASK_STATUS_IGNORED
from anyio.abc import ByteStream, TaskStatus
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream
from attrs import field, frozen, validators

from secretscope.errors import ChannelError, ConfigurationError, MissingExtraError
from secretscope.fleet import (
    REF,
    SECONDS,
    TEXT,
    Fleet,
    Heard,
    Holds,
    KeyReader,
    read_options,
)
from secretscope.integrations._redis_tls import refuse_useless, tls_context
from secretscope.redaction import KNOWN, redact

try:
    import coredis
    from coredis.connection import (
        BaseConnection,
        TCPConnection,
        UnixDomainSocketConnection,
    )
    from coredis.credentials import AbstractCredentialProvider, UserPass
    from coredis.exceptions import RedisError
    from coredis.retry import NoRetryPolicy
except ImportError as missing:
    raise MissingExtraError("a fleet's channel over Redis", extra="redis") from missing

_LOST = (
    RedisError,
    OSError,
    TimeoutError,
    anyio.ClosedResourceError,
    anyio.BrokenResourceError,
    anyio.EndOfStream,
)
"""What coredis raises for a connection that is gone, alone or in groups."""

_OPTIONS = {
    "username": TEXT,
    "password_ref": REF,
    "ca_file": TEXT,
    "cert_file": TEXT,
    "key_file": TEXT,
    "timeout": SECONDS,
    "keepalive": SECONDS,
}
_SETTINGS = {"url": TEXT, "channel": TEXT, **_OPTIONS}
"""What a fleet's settings say of its channel."""

_SCHEMES = ("redis", "rediss", "unix")


@frozen(kw_only=True)
class RedisOptions:
    """How a server is reached.

    Attributes:
        username: the ACL user; the one in the address, or the default one, without it.
        password_ref: the application's secret to log in with, read at each login.
        ca_file: ``rediss://``: the authorities that are trusted, in PEM; those of the
            system without it. The certificate must bear the server's name.
        cert_file: ``rediss://``: a certificate that we show, in PEM.
        key_file: its key, where that is not in the same file.
        timeout: seconds that a connection, a login or a message may take.
        keepalive: seconds of silence after which the server is asked whether it is
            there; a dead connection is noticed within this and the timeout, plus 1.
    """

    username: str | None = None
    password_ref: str | None = None
    ca_file: str | None = None
    cert_file: str | None = None
    key_file: str | None = None
    timeout: float = field(default=5.0, validator=validators.gt(0))
    keepalive: float = field(default=5.0, validator=validators.gt(0))


class RedisChannel:
    """One channel of a Redis or Valkey server (not of a cluster's shards).

    Args:
        url: such as ``rediss://redis.example.com:6379``; a password is better kept in
            a store than in it (`RedisOptions.password_ref`).
        name: the channel; the same in every process.
        options: how the server is reached.

    Raises:
        ConfigurationError: The address is none of Redis's, or its options do not fit.
    """

    def __init__(
        self,
        url: str,
        name: str = "secretscope:fleet",
        options: RedisOptions | None = None,
    ) -> None:
        self._where = _checked(url)
        self._url = url
        self._name = name
        self._options = known = options or RedisOptions()
        refuse_useless(url, known.ca_file, known.cert_file, known.key_file)
        self._resolve: Callable[[str], Awaitable[str]] | None = None
        self._client: coredis.Redis[bytes] | None = None

    @property
    def name(self) -> str:
        """What the channel is called."""
        return self._name

    def log_in_with(self, resolve: Callable[[str], Awaitable[str]]) -> None:
        """Read the password here, at each login."""
        self._resolve = resolve

    async def publish(self, message: bytes) -> None:
        """Send a message.

        Raises:
            ChannelError: It can't be told that it got out.
        """
        reason = "it is not connected"
        if self._client is not None:
            try:
                # above the bounds of its parts, should one of them not hold
                with anyio.fail_after(6 * self._options.timeout):
                    await self._client.publish(self._name, message)
            except _LOST as error:
                reason = _told(error)
            else:
                return
        raise ChannelError(self._where, reason=reason)

    async def listen(
        self, heard: Heard, *, task_status: TaskStatus[None] = TASK_STATUS_IGNORED
    ) -> None:
        """Hand on messages until the connection is lost.

        Raises:
            ChannelError: The server can't be reached, refuses, or is lost.
        """
        reasons = ["the connection has ended"]
        try:
            await self._listen(heard, task_status)
        except* _LOST as errors:
            reasons += [_told(each) for each in _leaves(errors)]
        finally:
            self._client = None
        raise ChannelError(self._where, reason=reasons[-1])

    async def _listen(self, heard: Heard, task_status: TaskStatus[None]) -> None:
        options = self._options
        async with (
            await self._connected() as client,
            client.pubsub(
                channels=[self._name],
                ignore_subscribe_messages=True,
                retry_policy=NoRetryPolicy(),  # its own misses messages, and says nothing
                subscription_timeout=options.timeout,
                max_idle_seconds=options.keepalive,
            ) as messages,
        ):
            self._client = client
            task_status.started()
            async for message in messages:
                data: Any = message["data"]  # bytes, since nothing is decoded
                heard(data)

    async def _connected(self) -> coredis.Redis[bytes]:
        options = self._options
        tls: dict[str, Any] = {}
        if self._url.startswith("rediss:"):  # coredis's own takes any server's name
            files = options.ca_file, options.cert_file, options.key_file
            tls["ssl_context"] = await anyio.to_thread.run_sync(tls_context, *files)
        login = None if options.password_ref is None else _Login(self._log_in)
        client = coredis.Redis.from_url(
            self._url,
            decode_components=True,
            retry_policy=NoRetryPolicy(),
            connect_timeout=options.timeout,
            stream_timeout=options.timeout,
            # a wait that ends while a connection is made loses its place in the pool
            pool_timeout=3 * options.timeout,
            max_connections=8,
            verify_version=False,
            credential_provider=login,
            **tls,
        )
        unix = self._url.startswith("unix")
        client.connection_pool.connection_class = _Unix if unix else _Tcp
        return client

    async def _log_in(self) -> UserPass:
        given = self._options.username or unquote(urlsplit(self._url).username or "")
        ref = self._options.password_ref
        if self._resolve is None or ref is None:
            raise ConfigurationError(
                "fleet.password_ref is read by the lifetime that the channel is used "
                "in: pass the channel to a Fleet, or the password in fleet.url"
            )
        return UserPass(given or "default", await self._resolve(ref))

    def __repr__(self) -> str:
        return f"RedisChannel({self._where}, {self._name!r})"


class _Tcp(TCPConnection):
    async def _connect(self) -> ByteStream:
        return await _tidied(self, super()._connect)


class _Unix(UnixDomainSocketConnection):
    async def _connect(self) -> ByteStream:
        return await _tidied(self, super()._connect)


async def _tidied(
    connection: BaseConnection, connect: Callable[[], Awaitable[ByteStream]]
) -> ByteStream:
    """Connect; where that fails, close the buffers that coredis leaves open."""
    connected = False
    try:
        stream = await connect()
        connected = True
    finally:
        for each in () if connected else tuple(vars(connection).values()):
            if isinstance(each, MemoryObjectSendStream | MemoryObjectReceiveStream):
                each.close()
    return stream


class _Login(AbstractCredentialProvider):
    """Asks for the password at each login."""

    def __init__(self, ask: Callable[[], Awaitable[UserPass]]) -> None:
        self._ask = ask

    async def get_credentials(self) -> UserPass:
        return await self._ask()


def _checked(url: str) -> str:
    """Return what the server is called in errors: the address without its user."""
    found = None
    with suppress(ValueError, AttributeError, TypeError):  # they hold the address
        parts = urlsplit(url)
        found = parts if parts.port is None or parts.port else None  # it may raise
    if found is None or found.scheme not in _SCHEMES:
        raise ConfigurationError(
            "fleet.url: expected an address such as redis://redis.example.com:6379 "
            f"(or {', '.join(f'{scheme}://' for scheme in _SCHEMES[1:])})"
        )
    if "ssl_" in found.query:
        raise ConfigurationError(
            "fleet.url: ssl_... stands in its query: use fleet.ca_file, "
            "fleet.cert_file and fleet.key_file"
        )
    if found.password:
        KNOWN.add(unquote(found.password), ref="fleet.url", tenant=None)
    if found.scheme == "unix":
        return f"Redis at {found.path}"
    return f"Redis at {found.hostname}:{found.port or 6379}"


def _leaves(error: BaseException) -> list[BaseException]:
    if isinstance(error, BaseExceptionGroup):
        return [leaf for each in error.exceptions for leaf in _leaves(each)]
    return [error]


def _told(error: BaseException) -> str:
    """Return an error and what led to it in a line, masked."""
    cause = error.__cause__
    text = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    return redact(text if cause is None else f"{text} ({_told(cause)})")


def redis_fleet(
    secrets: Holds, settings: object, *, keys: KeyReader | None = None
) -> Fleet:
    """Return a `Fleet` over Redis from its settings, to be entered in its lifetime.

    Args:
        secrets: what the lifetime yields.
        settings: a mapping (``config.fleet()``): ``url`` and ``key_ref``; where wanted
            ``channel``, ``previous_key_ref``, ``spread``, ``sweep``, ``window``,
            ``retry``, ``concurrency``, ``username``, ``password_ref``, ``timeout``,
            ``keepalive``, ``ca_file``, ``cert_file``, ``key_file``.
        keys: reads the key; the lifetime's store without it, if there is one alone.

    Raises:
        ConfigurationError: It names every fault with its path.
    """
    options, given = read_options(settings, others=_SETTINGS, required=("url",))
    rest = {name: given[name] for name in _OPTIONS if name in given}
    name = given.get("channel", "secretscope:fleet")
    channel = RedisChannel(given["url"], name, RedisOptions(**rest))
    return Fleet(secrets, channel, options, keys=keys)
