"""Both event loops, always; nothing blocks them; no secret of the machine is read."""

import logging
import os
from collections.abc import Iterator
from pathlib import Path

import anthropic  # noqa: F401 - imported here, and not within a test's loop
import openai  # noqa: F401
import pytest
from blockbuster import BlockBuster, blockbuster_ctx
from hypothesis import settings

from tests.fleet.redis_server import RedisServer

pytest_plugins = ["pytester", "secretscope.testing.plugin"]

settings.register_profile("house", deadline=None)  # no test asserts a time
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "house")


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(autouse=True)
def blockbuster() -> Iterator[BlockBuster]:
    with blockbuster_ctx("secretscope") as guard:
        # a tracer of coverage waits for another thread's, not for us
        guard.functions["threading.Lock.acquire"].can_block_in(
            "coverage/collector.py", {"lock_data"}
        )
        yield guard


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ANTHROPIC_API_KEY", "OPENAI_API_KEY", "DEEPSEEK_API_KEY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="session")
def shared_redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """One redis-server for all tests that leave it running."""
    server = RedisServer(tmp_path_factory.mktemp("redis"))
    server.start()
    yield server
    server.stop()


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[RedisServer]:
    """A redis-server of the test's own, to stop and start."""
    server = RedisServer(tmp_path)
    server.start()
    yield server
    server.stop()


@pytest.fixture(autouse=True)
def loggers() -> Iterator[None]:
    """Take from loggers and from pytest's own handlers what a test put on them."""
    root = logging.getLogger()
    filters = {handler: [*handler.filters] for handler in root.handlers}
    before = {logger: [*logger.handlers] for logger in every_logger()}
    yield
    for logger in every_logger():
        logger.handlers[:] = before.get(logger, [])
    for handler, kept in filters.items():
        handler.filters[:] = kept


def every_logger() -> list[logging.Logger]:
    known = logging.Logger.manager.loggerDict.values()
    return [
        logging.getLogger(),
        *(logger for logger in known if isinstance(logger, logging.Logger)),
    ]
