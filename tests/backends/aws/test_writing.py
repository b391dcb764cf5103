"""Writing to Secrets Manager: whole texts and fields, and who was quicker."""

from __future__ import annotations

import json
from typing import Any

import pytest

from secretscope import (
    CachedSecrets,
    ConflictError,
    InvalidRefError,
    MalformedSecretError,
    MissingSecretError,
)
from secretscope.backends.aws import AwsSource
from tests.backends.aws.server import Aws
from tests.backends.aws.sources import (
    source_of,
)


async def test_a_secret_is_made_only_where_that_was_asked_for(aws: Aws) -> None:
    async with source_of(aws, create=False) as source:
        for field in (None, "user"):
            with pytest.raises(MissingSecretError):
                await source.put("NEW", "value-of-NEW", field=field)
    async with source_of(aws, kms_key="alias/mine") as source:
        await source.put("NEW", "value-of-NEW")
        await source.put("OBJECT", "anna", field="user")
        secrets = CachedSecrets(source)
        assert await secrets.resolve("NEW") == "value-of-NEW"
        assert await secrets.resolve("OBJECT#user") == "anna"
    made = [request for operation, request in aws.asked if operation == "CreateSecret"]
    assert [request["KmsKeyId"] for request in made] == ["alias/mine"] * 2


async def test_a_writer_that_was_overtaken_is_told(
    aws: Aws, source: AwsSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    await source.put("db", '{"user": "anna", "port": 5432}')
    overtaking = aws._answer

    def overtake(environ: dict[str, Any], body: bytes) -> Any:
        if b"VersionStages" in body:  # between the other's read and its write
            monkeypatch.setattr(aws, "_answer", overtaking)
            aws.client("secretsmanager").put_secret_value(
                SecretId="db", SecretString='{"user": "eve"}'
            )
        return overtaking(environ, body)

    monkeypatch.setattr(aws, "_answer", overtake)
    with pytest.raises(ConflictError):
        await source.put("db", "new-password-01", field="password")
    assert (await source.fetch("db")).reveal() == '{"user": "eve"}'
    assert await _labels(aws, "db") == [["AWSCURRENT"], ["AWSPREVIOUS"]]


async def _labels(aws: Aws, name: str) -> list[list[str]]:
    found = await aws.do("describe_secret", SecretId=name)
    return sorted(filter(None, found["VersionIdsToStages"].values()))


async def test_a_field_is_written_beside_numbers_and_keeps_the_old_version(
    aws: Aws, source: AwsSource
) -> None:
    await source.put("db", '{"user": "anna", "port": 5432}')
    await source.put("db", "new-password-01", field="password")
    await source.put("db", "new-password-02", field="password")
    current = json.loads((await source.fetch("db")).reveal())
    previous = json.loads((await source.fetch("db:AWSPREVIOUS")).reveal())
    assert current == {"user": "anna", "port": 5432, "password": "new-password-02"}
    assert previous["password"] == "new-password-01"
    assert await _labels(aws, "db") == [["AWSCURRENT"], ["AWSPREVIOUS"]]


async def test_what_cannot_be_written_is_refused(aws: Aws, source: AwsSource) -> None:
    with pytest.raises(InvalidRefError, match="names a version"):
        await source.put("KEY:AWSPREVIOUS", "x")
    with pytest.raises(MalformedSecretError, match="not empty"):
        await source.put("KEY", "")
    assert aws.asked == []
    await source.put("KEY", "plain-text-value")
    with pytest.raises(MalformedSecretError, match="KEY#user.*JSON object"):
        await source.put("KEY", "x", field="user")
