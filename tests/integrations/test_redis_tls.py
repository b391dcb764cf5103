"""Redis behind TLS: only a certificate that bears the server's name is believed."""

import logging
import ssl
from pathlib import Path
from typing import Any

import anyio
import pytest
import trustme
from blockbuster import BlockBuster

from secretscope import ChannelError, ConfigurationError
from secretscope.integrations.redis import RedisChannel, RedisOptions
from tests.fleet.proxy import proxied
from tests.fleet.redis_server import RedisServer
from tests.integrations.test_redis import Ear, linked

OURS, OTHERS = trustme.CA(), trustme.CA()


@pytest.fixture(autouse=True)
def quiet(blockbuster: BlockBuster) -> None:
    """Let the server of these tests, which lives on their loop, shake hands."""
    blockbuster.deactivate()
    logging.getLogger("anyio").setLevel(logging.CRITICAL)


@pytest.fixture
def files(tmp_path: Path) -> dict[str, str]:
    shown = OURS.issue_cert("fleet@example.com")
    OURS.cert_pem.write_to_path(tmp_path / "ca.pem")
    OTHERS.cert_pem.write_to_path(tmp_path / "others.pem")
    shown.cert_chain_pems[0].write_to_path(tmp_path / "cert.pem")
    shown.private_key_pem.write_to_path(tmp_path / "key.pem")
    shown.private_key_and_cert_chain_pem.write_to_path(tmp_path / "both.pem")
    return {path.stem: str(path) for path in tmp_path.iterdir()}


def context(name: str = "127.0.0.1", *, asks: bool = False) -> ssl.SSLContext:
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    OURS.issue_cert(name).configure_cert(made)
    if asks:
        OURS.configure_trust(made)
        made.verify_mode = ssl.CERT_REQUIRED
    return made


def channel(port: int, **options: Any) -> RedisChannel:
    quick = RedisOptions(timeout=2, **options)
    return RedisChannel(f"rediss://127.0.0.1:{port}", "tls", quick)


@pytest.mark.parametrize("shown", [{}, {"cert_file": "cert", "key_file": "key"}])
@pytest.mark.parametrize("asks", [False, True])
async def test_messages_go_through_tls(
    shared_redis: RedisServer,
    files: dict[str, str],
    shown: dict[str, str],
    asks: bool,  # noqa: FBT001
) -> None:
    if asks and not shown:
        shown = {"cert_file": "both"}
    ear = Ear()
    async with proxied(shared_redis.port, tls=context(asks=asks)) as proxy:
        named = {option: files[file] for option, file in shown.items()}
        one = channel(proxy.port, ca_file=files["ca"], **named)
        async with anyio.create_task_group() as group:
            group.start_soon(linked(one, ear).run)
            await ear.until(joins=1)
            await one.publish(b"x")
            await ear.until(heard=1)
            group.cancel_scope.cancel()


@pytest.mark.parametrize(
    ("name", "trusted"),
    [("127.0.0.1", None), ("127.0.0.1", "others"), ("redis.example.com", "ca")],
    ids=["an unknown authority", "another authority", "another server's"],
)
async def test_a_certificate_that_proves_nothing_is_not_believed(
    shared_redis: RedisServer, files: dict[str, str], name: str, trusted: str | None
) -> None:
    async with proxied(shared_redis.port, tls=context(name)) as proxy:
        ca_file = None if trusted is None else files[trusted]
        with pytest.raises(ChannelError, match="CERTIFICATE_VERIFY_FAILED"):
            await channel(proxy.port, ca_file=ca_file).listen(Ear().hear)


@pytest.mark.parametrize(
    ("options", "fault"),
    [
        ({"ca_file": "/nowhere.pem"}, "fleet.ca_file: can't be read: No such file"),
        ({"ca_file": "key"}, "fleet.ca_file: holds no certificate"),
        ({"cert_file": "key"}, "fleet.cert_file: holds no certificate"),
    ],
)
async def test_files_that_hold_no_certificate_are_named(
    files: dict[str, str], options: dict[str, str], fault: str
) -> None:
    named = {option: files.get(file, file) for option, file in options.items()}
    with pytest.raises(ConfigurationError, match=fault):
        await channel(1, **named).listen(Ear().hear)


def test_files_that_nothing_is_done_with_are_refused() -> None:
    plain = RedisOptions(ca_file="ca.pem", cert_file="cert.pem")
    with pytest.raises(
        ConfigurationError, match=r"ca_file, fleet\.cert_file: .*rediss"
    ):
        RedisChannel("redis://redis.example.com", options=plain)
    with pytest.raises(ConfigurationError, match="though its key is"):
        RedisChannel(
            "rediss://redis.example.com", options=RedisOptions(key_file="key.pem")
        )


def test_tls_is_not_loosened_by_the_address() -> None:
    with pytest.raises(ConfigurationError, match=r"use fleet\.ca_file"):
        RedisChannel("rediss://redis.example.com?ssl_cert_reqs=none")
