"""Secrets Manager through boto3, over a socket, from moto behind a door of our own."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from secretscope import (
    AccessDeniedError,
    DeletedSecretError,
    InvalidRefError,
    MalformedSecretError,
    MissingSecretError,
    Secret,
    Secrets,
    StoreUnavailableError,
)
from secretscope.backends.aws import AwsSecrets, AwsSource
from secretscope.protocols import Source
from secretscope.testing import SecretsContract, SourceContract
from tests.backends.aws.server import REGION, Aws, Failure, access_at
from tests.backends.aws.sources import (
    source_of,
)

AWS_WAYS = tuple(way for way in SourceContract.ways if way != "/{0}")
"""A leading slash is part of a name at AWS."""


class TestAwsSource(SourceContract):
    ways = AWS_WAYS
    holds_empty = False

    @pytest.fixture
    async def source(self, aws: Aws) -> AsyncIterator[Source]:
        self.aws = aws
        async with source_of(aws) as source:
            yield source

    async def hold_bytes(self, source: Source, location: str, value: bytes) -> bool:
        await self.aws.do("create_secret", Name=location, SecretBinary=value)
        return True

    def requests(self, source: Source) -> int:
        return len(self.aws.asked)

    def at(self, host: str, port: int) -> Source:
        return AwsSource(access_at(host, port))


class TestAwsSecrets(SecretsContract):
    holds_empty = False

    @pytest.fixture
    async def secrets(self, aws: Aws) -> AsyncIterator[Secrets]:
        secrets = AwsSecrets(aws.access(), create=True)
        await secrets.open()
        yield secrets
        await secrets.aclose()


async def test_the_previous_version_is_read_at_its_stage(
    aws: Aws, source: AwsSource
) -> None:
    await source.put("KEY", "first-value-0001")
    first = await source.fetch("KEY")
    await source.put("KEY", "second-value-002")
    second = await source.fetch("KEY:AWSCURRENT")
    previous = await source.fetch("KEY:AWSPREVIOUS")
    pinned = await source.fetch(f"KEY::{first.version}")
    both = await source.fetch(f"KEY:AWSPREVIOUS:{first.version}")
    assert second.reveal() == "second-value-002"
    assert previous.same_as(first)
    assert pinned.same_as(first)
    assert both.same_as(first)
    assert first.version == previous.version != second.version
    with pytest.raises(MissingSecretError, match="AWSPENDING"):
        await source.fetch("KEY:AWSPENDING")


async def test_an_arn_is_a_location(aws: Aws, source: AwsSource) -> None:
    await source.put("prod/KEY", "value-by-arn-001")
    arn = (await aws.do("describe_secret", SecretId="prod/KEY"))["ARN"]
    partial = arn[:-7]
    assert (await source.fetch(arn)).reveal() == "value-by-arn-001"
    assert (await source.fetch(f"{arn}:AWSCURRENT")).reveal() == "value-by-arn-001"
    many = await source.fetch_many([arn, partial, "prod/KEY"])
    assert [type(many[at]) for at in (arn, partial, "prod/KEY")] == [Secret] * 3


@pytest.mark.parametrize(
    "location",
    ["KEY:", "KEY:a:b", "KEY::x", "KEY:a:b:c", "arn:aws:s3:::bucket", "a/./b", "/", "a/",
     "arn:aws:secretsmanager:eu-west-1:123456789012:secret:../x", "K" * 513],
)  # fmt: skip
async def test_what_is_no_location_is_not_asked_for(
    aws: Aws, source: AwsSource, location: str
) -> None:
    with pytest.raises(InvalidRefError):
        await source.fetch(location)
    assert isinstance((await source.fetch_many([location]))[location], InvalidRefError)
    assert aws.asked == []


async def test_bytes_are_read_as_base64_where_it_is_asked_for(aws: Aws) -> None:
    await aws.do("create_secret", Name="CERT", SecretBinary=b"\x00\xff")
    async with source_of(aws, binary="base64") as source:
        assert (await source.fetch("CERT")).reveal() == "AP8="


async def test_a_batch_with_one_missing_and_one_denied_gives_the_rest(
    aws: Aws, source: AwsSource
) -> None:
    names = [f"KEY_{number}" for number in range(25)]
    for name in names[2:]:
        await source.put(name, f"value-of-{name}")
    await source.put("KEY_10_other", "nobody-asked-for-it")
    aws.denied = {"KEY_1"}
    aws.asked.clear()
    found = await source.fetch_many(names)
    assert list(map(type, map(found.get, names))) == [
        MissingSecretError,
        AccessDeniedError,
        *[Secret] * 23,
    ]
    assert set(found) == set(names)
    assert aws.operations() == ["BatchGetSecretValue"] * 2
    sizes = [len(request["SecretIdList"]) for _, request in aws.asked]
    assert sorted(sizes) == [5, 20]


async def test_what_nobody_asked_for_is_left_out(aws: Aws, source: AwsSource) -> None:
    for name in ("A", "B"):
        await source.put(name, f"value-of-{name}")
    arn = f"arn:aws:secretsmanager:{REGION}:123456789012:secret:C-abcdef"
    aws.extra = [{"Name": "C", "ARN": arn, "VersionId": "x", "SecretString": "extra"}]
    assert set(await source.fetch_many(["A", "B"])) == {"A", "B"}


async def test_what_a_batch_leaves_out_is_asked_for_alone(
    aws: Aws, source: AwsSource
) -> None:
    for name in ("A", "B"):
        await source.put(name, f"value-of-{name}")
    aws.lost = {"B"}
    found = await source.fetch_many(["A", "B"])
    assert {type(secret) for secret in found.values()} == {Secret}
    assert aws.operations()[-2:] == ["BatchGetSecretValue", "GetSecretValue"]


async def test_deleted_and_binary_secrets_hide_none_of_the_rest(
    aws: Aws, source: AwsSource
) -> None:
    await source.put("A", "value-of-A")
    await source.put("GONE", "value-of-GONE")
    await aws.do("delete_secret", SecretId="GONE")
    await aws.do("create_secret", Name="CERT", SecretBinary=b"\xff")
    found = await source.fetch_many(["A", "GONE", "CERT"])
    assert isinstance(found["A"], Secret)
    assert isinstance(found["GONE"], DeletedSecretError)
    assert isinstance(found["CERT"], MalformedSecretError)
    with pytest.raises(DeletedSecretError):
        await source.fetch("GONE")


async def test_without_leave_to_batch_each_is_asked_for_alone(
    aws: Aws, source: AwsSource
) -> None:
    for name in ("A", "B"):
        await source.put(name, f"value-of-{name}")
    aws.failures["BatchGetSecretValue"] = Failure("AccessDeniedException", "no")
    found = await source.fetch_many(["A", "B", "C", "A:AWSCURRENT"])
    assert [type(found[n]) for n in ("A", "B", "A:AWSCURRENT")] == [Secret] * 3
    assert isinstance(found["C"], MissingSecretError)


async def test_an_outage_of_a_batch_is_told_of_each(
    aws: Aws, source: AwsSource
) -> None:
    throttled = Failure("ThrottlingException", times=5, headers={"Retry-After": "7"})
    aws.failures["BatchGetSecretValue"] = throttled
    found = await source.fetch_many(["A", "B"])
    for name in ("A", "B"):
        error = found[name]
        assert isinstance(error, StoreUnavailableError)
        assert (error.ref, error.retry_after) == (name, 7)
    assert aws.operations() == ["BatchGetSecretValue"]
