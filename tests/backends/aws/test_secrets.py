"""Secrets Manager through boto3, over a socket, from moto behind a door of our own."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from secretscope import (
    AccessDeniedError,
    CachedSecrets,
    ConfigurationError,
    ConflictError,
    DeletedSecretError,
    InvalidRefError,
    MalformedSecretError,
    MissingExtraError,
    MissingSecretError,
    Secret,
    Secrets,
    SecretScopeError,
    StoreTimeoutError,
    StoreUnavailableError,
)
from secretscope.backends.aws import AwsAccess, AwsSecrets, AwsSource
from secretscope.protocols import Source
from secretscope.testing import SecretsContract, SourceContract
from tests.backends.aws.server import REGION, Aws, Failure, access_at

AWS_WAYS = tuple(way for way in SourceContract.ways if way != "/{0}")
"""A leading slash is part of a name at AWS."""


@asynccontextmanager
async def source_of(aws: Aws, **more: Any) -> AsyncIterator[AwsSource]:
    options = {name: more.pop(name) for name in ("binary", "kms_key") if name in more}
    create = more.pop("create", True)
    source = AwsSource(aws.access(**more), create=create, **options)
    try:
        yield source
    finally:
        await source.aclose()


@pytest.fixture
async def source(aws: Aws) -> AsyncIterator[AwsSource]:
    async with source_of(aws) as source:
        yield source


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


# --- locations and versions ----------------------------------------------------------


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


# --- many at once --------------------------------------------------------------------


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


# --- writing -------------------------------------------------------------------------


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


@pytest.mark.parametrize(
    ("operation", "code", "kind"),
    [
        ("PutSecretValue", "EncryptionFailure", AccessDeniedError),
        ("PutSecretValue", "InvalidParameterException", MalformedSecretError),
        ("CreateSecret", "ResourceExistsException", ConflictError),
        ("CreateSecret", "LimitExceededException", MalformedSecretError),
        ("UpdateSecretVersionStage", "AccessDeniedException", AccessDeniedError),
    ],
)
async def test_a_write_that_fails_says_why_and_not_what(
    aws: Aws,
    source: AwsSource,
    operation: str,
    code: str,
    kind: type[SecretScopeError],
) -> None:
    if operation == "UpdateSecretVersionStage":
        await source.put("KEY", '{"user": "anna"}')
    aws.failures[operation] = Failure(code, "Value 'written-value-01' is wrong")
    field = "user" if operation == "UpdateSecretVersionStage" else None
    with pytest.raises(kind) as caught:
        await source.put("KEY", "written-value-01", field=field)
    assert _trail(caught.value) == []
    assert "written-value-01" not in f"{caught.value!r} {vars(caught.value)}"


# --- what goes wrong -----------------------------------------------------------------


def _trail(error: BaseException) -> list[BaseException]:
    """Return what hangs on the error; the SDK's own would hold the answer."""
    return [e for e in (error.__cause__, error.__context__) if e is not None]


@pytest.mark.parametrize(
    ("failure", "kind", "says"),
    [
        (Failure("ThrottlingException"), StoreUnavailableError, "too often"),
        (Failure("Whatever", status=429), StoreUnavailableError, "429"),
        (Failure("ServiceUnavailable", status=503), StoreUnavailableError, "503"),
        (Failure("InternalServiceError", status=500), StoreUnavailableError, "within"),
        (Failure("(garbage)", status=200), StoreUnavailableError, "could not be read"),
        (Failure("DecryptionFailure"), AccessDeniedError, "kms:Decrypt"),
        (Failure("AccessDeniedException", "Access to KMS is not allowed"),
         AccessDeniedError, "kms:Decrypt"),
        (Failure("AccessDeniedException", "no"), AccessDeniedError, "permission denied"),
        (Failure("Odd", status=403), AccessDeniedError, "permission denied"),
        (Failure("UnrecognizedClientException"), AccessDeniedError, "region"),
        (Failure("ExpiredTokenException"), AccessDeniedError, "expired"),
        (Failure("ResourceNotFoundException"), MissingSecretError, REGION),
        (Failure("InvalidRequestException", "it was marked for deletion"),
         DeletedSecretError, "deleted"),
        (Failure("InvalidRequestException", "x"), MalformedSecretError, "InvalidRequest"),
    ],
)  # fmt: skip
async def test_what_aws_says_is_one_of_our_errors(
    aws: Aws,
    source: AwsSource,
    failure: Failure,
    kind: type[SecretScopeError],
    says: str,
) -> None:
    aws.failures["GetSecretValue"] = evolve(failure)
    with pytest.raises(kind, match=says) as caught:
        await source.fetch("prod/KEY")
    assert type(caught.value) is kind
    assert "prod/KEY" in str(caught.value)
    assert "AWS Secrets Manager in eu-west-1" in str(caught.value)
    assert _trail(caught.value) == []
    assert aws.operations() == ["GetSecretValue"]  # nobody but the cache retries


async def test_a_denial_names_the_permission(aws: Aws, source: AwsSource) -> None:
    aws.denied = {"KEY"}
    with pytest.raises(AccessDeniedError, match="secretsmanager:GetSecretValue"):
        await source.fetch("KEY")


async def test_an_answer_that_does_not_come_is_a_timeout(aws: Aws) -> None:
    aws.hanging = {"GetSecretValue"}
    async with source_of(aws, read_timeout=0.05) as source:
        with pytest.raises(StoreTimeoutError, match=r"KEY.*0\.05 s") as caught:
            await source.fetch("KEY")
    assert _trail(caught.value) == []


@pytest.mark.parametrize(
    ("options", "kind", "says"),
    [
        ({"access_key_id": None, "secret_access_key": None}, AccessDeniedError,
         "aws.profile"),
        ({"region": None}, ConfigurationError, "aws.region is not set"),
        ({"region": "not a region"}, ConfigurationError, "'not a region' is no region"),
        ({"profile": "nobodys"}, ConfigurationError, "aws.profile.*'nobodys'"),
        ({"endpoint_url": "nowhere"}, ConfigurationError, "aws.endpoint_url"),
    ],
)  # fmt: skip
async def test_settings_that_cannot_work_say_so_with_the_cure(
    aws: Aws, options: dict[str, Any], kind: type[SecretScopeError], says: str
) -> None:
    async with source_of(aws, **options) as source:
        with pytest.raises(kind, match=says) as caught:
            await source.fetch("KEY")
        if kind is ConfigurationError:
            with pytest.raises(ConfigurationError, match=says):
                await source.open()
    assert "'KEY'" in str(caught.value)
    assert "AWS Secrets Manager" in str(caught.value)
    assert _trail(caught.value) == []


async def test_a_profile_that_is_refused_its_credentials_is_an_outage(
    aws: Aws, tmp_path: Path
) -> None:
    (tmp_path / "aws-config").write_text(
        "[profile odd]\nregion = eu-west-1\ncredential_process = /bin/false\n"
    )
    none = {"access_key_id": None, "secret_access_key": None}
    async with source_of(aws, profile="odd", **none) as source:
        with pytest.raises(StoreUnavailableError, match="credentials"):
            await source.fetch("KEY")


async def test_a_value_that_the_sdk_refuses_is_not_repeated(source: AwsSource) -> None:
    with pytest.raises(MalformedSecretError, match="ParamValidationError") as caught:
        await source.put("KEY", 4242424242)  # type: ignore[arg-type]
    assert "4242424242" not in str(caught.value)
    assert _trail(caught.value) == []


def test_the_sdk_is_an_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "boto3", None)
    with pytest.raises(MissingExtraError, match=r"secretscope\[aws\]"):
        AwsSource()


def test_importing_the_stores_does_not_import_the_sdk() -> None:
    stores = "secretscope.backends.aws, secretscope.backends.aws_parameters"
    program = f"import sys, {stores}; sys.exit('boto3' in sys.modules)"
    subprocess.run([sys.executable, "-c", program], check=True)  # noqa: S603 - ours


# --- who asks ------------------------------------------------------------------------


def test_a_key_is_never_shown() -> None:
    access = AwsAccess(
        access_key_id="AKIALOOPBACK",
        secret_access_key="shown-nowhere-01",
        session_token="shown-nowhere-02",
    )
    assert "shown-nowhere" not in repr(access)
    with pytest.raises(ConfigurationError, match="set both or none"):
        AwsAccess(access_key_id="AKIALOOPBACK")


async def test_the_environment_is_read_as_boto3_reads_it(
    aws: Aws, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAENVIRONMENT")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "environment-key-01")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-north-1")
    source = AwsSource(AwsAccess(endpoint_url=aws.url))
    assert str(source) == "AWS Secrets Manager"
    with pytest.raises(MissingSecretError, match="in eu-north-1"):
        await source.fetch("KEY")
    assert str(source) == "AWS Secrets Manager in eu-north-1"
    await source.aclose()
