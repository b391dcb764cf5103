"""The servers that stores are tested against; nothing leaves loopback."""

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import boto3  # noqa: F401 - imported here, and not within a test's time
import pytest

from secretscope.backends.aws import AwsSource
from tests.backends.aws.server import Aws
from tests.backends.aws.sources import source_of


@pytest.fixture(scope="session")
def aws_server() -> Iterator[Aws]:
    with Aws().serving() as server:
        yield server


@pytest.fixture
def bare_aws(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Hide what this machine knows of AWS."""
    for name in os.environ:
        if name.startswith("AWS_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "aws-config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "aws-credentials"))


@pytest.fixture
def aws(aws_server: Aws, bare_aws: None) -> Iterator[Aws]:
    """Give an AWS that holds nothing."""
    aws_server.reset()
    yield aws_server
    aws_server.let_go.set()


@pytest.fixture
async def source(aws: Aws) -> AsyncIterator[AwsSource]:
    async with source_of(aws) as source:
        yield source
