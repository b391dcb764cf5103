"""Parameter Store through boto3, over a socket, from moto behind a door of our own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from secretscope import (
    AccessDeniedError,
    ConflictError,
    InvalidRefError,
    MalformedSecretError,
    MissingSecretError,
    Secret,
    Secrets,
    SecretScopeError,
    StoreUnavailableError,
)
from secretscope.backends.aws_parameters import (
    AwsParameters,
    AwsParameterSource,
)
from secretscope.protocols import Source
from secretscope.testing import SecretsContract, SourceContract
from tests.backends.aws.server import REGION, Aws, Failure, access_at


@pytest.fixture
async def source(aws: Aws) -> AsyncIterator[AwsParameterSource]:
    source = AwsParameterSource(aws.access(), create=True)
    yield source
    await source.aclose()


class TestAwsParameterSource(SourceContract):
    location = "/contract/KEY"
    ways = (*SourceContract.ways, "//contract/KEY", "contract/KEY", "/KEY", "/a/KEY/")
    holds_empty = False
    writes_fields = False

    @pytest.fixture
    async def source(self, aws: Aws) -> AsyncIterator[Source]:
        self.aws = aws
        source = AwsParameterSource(aws.access(), create=True)
        await source.open()
        yield source
        await source.aclose()

    def requests(self, source: Source) -> int:
        return len(self.aws.asked)

    def at(self, host: str, port: int) -> Source:
        return AwsParameterSource(access_at(host, port))


class TestAwsParameters(SecretsContract):
    holds_empty = False

    @pytest.fixture
    async def secrets(self, aws: Aws) -> AsyncIterator[Secrets]:
        secrets = AwsParameters(aws.access(), create=True)
        yield secrets
        await secrets.aclose()


async def test_versions_and_labels_are_read(
    aws: Aws, source: AwsParameterSource
) -> None:
    await source.put("/prod/KEY", "first-value-0001")
    await source.put("/prod/KEY", "second-value-002")
    await aws.do(
        "label_parameter_version",
        service="ssm",
        Name="/prod/KEY",
        ParameterVersion=1,
        Labels=["good"],
    )
    newest = await source.fetch("/prod/KEY")
    assert (newest.reveal(), newest.version) == ("second-value-002", "2")
    found = await source.fetch_many(["/prod/KEY:1", "/prod/KEY:good", "/prod/KEY"])
    for place in ("/prod/KEY:1", "/prod/KEY:good"):
        old = found[place]
        assert isinstance(old, Secret)
        assert (old.reveal(), old.version) == ("first-value-0001", "1")
    with pytest.raises(MissingSecretError):
        await source.fetch("/prod/KEY:7")
    with pytest.raises(MissingSecretError):
        await source.fetch("/prod/KEY:bad")


async def test_what_is_made_is_encrypted_and_read_decrypted(aws: Aws) -> None:
    source = AwsParameterSource(aws.access(), create=True, kms_key="alias/mine")
    await source.put("KEY", "decrypted-value-1")
    kept = await aws.do("get_parameter", service="ssm", Name="KEY")
    assert kept["Parameter"]["Type"] == "SecureString"
    assert kept["Parameter"]["Value"] != "decrypted-value-1"
    assert (await source.fetch("KEY")).reveal() == "decrypted-value-1"
    made = [request for name, request in aws.asked if name == "PutParameter"]
    assert [request["KeyId"] for request in made] == ["alias/mine"]
    await source.aclose()


async def test_a_plain_parameter_keeps_its_type(
    aws: Aws, source: AwsParameterSource
) -> None:
    await aws.do(
        "put_parameter", service="ssm", Name="/a/KEY", Value="plain", Type="String"
    )
    await source.put("/a/KEY", "plain-but-newer")
    kept = await aws.do("get_parameter", service="ssm", Name="/a/KEY")
    assert kept["Parameter"]["Type"] == "String"
    assert (await source.fetch("/a/KEY")).reveal() == "plain-but-newer"


async def test_a_parameter_is_read_by_arn(aws: Aws, source: AwsParameterSource) -> None:
    await source.put("/a/KEY", "value-by-arn-001")
    arn = f"arn:aws:ssm:{REGION}:123456789012:parameter/a/KEY"
    found = await source.fetch_many([arn, "/a/KEY"])
    assert {type(found[place]) for place in (arn, "/a/KEY")} == {Secret}


async def test_a_batch_with_some_missing_gives_the_rest(
    aws: Aws, source: AwsParameterSource
) -> None:
    names = [f"/prod/KEY_{number}" for number in range(25)]
    for name in names[2:]:
        await source.put(name, f"value-of-{name}")
    aws.asked.clear()
    found = await source.fetch_many(names)
    assert list(map(type, map(found.get, names))) == [
        *[MissingSecretError] * 2,
        *[Secret] * 23,
    ]
    assert set(found) == set(names)
    assert sorted(len(request["Names"]) for _, request in aws.asked) == [5, 10, 10]


async def test_a_denial_of_one_hides_none_of_the_rest(
    aws: Aws, source: AwsParameterSource
) -> None:
    names = ["/a/MINE", "/a/ALSO", "/b/THEIRS"]
    for name in names:
        await source.put(name, f"value-of-{name}")
    aws.denied = {"/b/THEIRS"}
    found = await source.fetch_many([*names, "/a/NONE"])
    assert [type(found[name]) for name in names[:2]] == [Secret] * 2
    denied = found["/b/THEIRS"]
    assert isinstance(denied, AccessDeniedError)
    assert "ssm:GetParameter" in str(denied)
    assert isinstance(found["/a/NONE"], MissingSecretError)


async def test_an_outage_of_a_batch_is_told_of_each(
    aws: Aws, source: AwsParameterSource
) -> None:
    aws.failures["GetParameters"] = Failure("ThrottlingException", times=5)
    found = await source.fetch_many(["A", "B"])
    for name in ("A", "B"):
        error = found[name]
        assert isinstance(error, StoreUnavailableError)
        assert (error.ref, error.retry_after) == (name, None)
    assert aws.operations() == ["GetParameters"]


async def test_an_answer_that_cannot_be_read_is_an_outage(
    aws: Aws, source: AwsParameterSource
) -> None:
    for operation in ("GetParameter", "GetParameters"):
        aws.failures[operation] = Failure("(garbage)", status=200, times=9)
    with pytest.raises(StoreUnavailableError, match="could not be read"):
        await source.fetch("A")
    found = await source.fetch_many(["A", "B"])
    assert {type(error) for error in found.values()} == {StoreUnavailableError}


async def test_a_parameter_is_made_only_where_that_was_asked_for(aws: Aws) -> None:
    source = AwsParameterSource(aws.access())
    with pytest.raises(MissingSecretError):
        await source.put("NEW", "value-of-NEW")
    assert "PutParameter" not in aws.operations()
    await source.aclose()


async def test_what_cannot_be_written_is_refused(
    aws: Aws, source: AwsParameterSource
) -> None:
    with pytest.raises(InvalidRefError, match="names a version"):
        await source.put("KEY:1", "x")
    for value, field in (("", None), ("x", "user")):
        with pytest.raises(MalformedSecretError, match="whole text"):
            await source.put("KEY", value, field=field)
    assert aws.asked == []


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("ParameterAlreadyExists", ConflictError),
        ("ValidationException", MalformedSecretError),
        ("TooManyUpdates", StoreUnavailableError),
    ],
)
async def test_a_write_that_fails_says_why_and_not_what(
    aws: Aws, source: AwsParameterSource, code: str, kind: type[SecretScopeError]
) -> None:
    aws.failures["PutParameter"] = Failure(code, "Value 'written-value-01' is wrong")
    with pytest.raises(kind) as caught:
        await source.put("KEY", "written-value-01")
    said: Any = (caught.value, vars(caught.value), caught.value.__context__)
    assert "written-value-01" not in repr(said)
