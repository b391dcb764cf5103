"""What AWS and its SDK say, as errors that name the cure and repeat no value."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from secretscope import (
    AccessDeniedError,
    ConfigurationError,
    ConflictError,
    DeletedSecretError,
    MalformedSecretError,
    MissingExtraError,
    MissingSecretError,
    SecretScopeError,
    StoreTimeoutError,
    StoreUnavailableError,
)
from secretscope.backends.aws import AwsAccess, AwsSource
from tests.backends.aws.server import REGION, Aws, Failure
from tests.backends.aws.sources import (
    source_of,
)


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
