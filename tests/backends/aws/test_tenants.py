"""Who asks AWS: a role, a role a tenant, and logins that run out."""

from __future__ import annotations

import time
from typing import Any

import anyio
import pytest
from dependency_injector import containers, providers

from secretscope import (
    AccessDeniedError,
    ConfigurationError,
    MissingSecretError,
    ScopedSecrets,
    SecretsBackend,
    StoreUnavailableError,
    lifetime,
)
from secretscope.backends._aws import AwsClient
from secretscope.backends.aws import AwsAccess, AwsRole, AwsSource
from secretscope.backends.aws_parameters import AwsParameterSource
from tests.backends.aws.server import REGION, Aws, Failure

ACCOUNTS = {"acme": "111111111111", "globex": "222222222222"}


class App(containers.DeclarativeContainer):
    config = providers.Configuration()
    backend = SecretsBackend(config.secrets)
    secrets = ScopedSecrets(backend)


def tenants_role(aws: Aws, **more: Any) -> AwsRole:
    said: dict[str, Any] = {
        "arn": "arn:aws:iam::123456789012:role/tenant-{tenant}",
        "external_id": "for-{tenant}",
        "session_name": "scope-{tenant}",
        "tags": {"tenant": "{tenant}"},
        "endpoint_url": aws.url,
    }
    return AwsRole(**{**said, **more})


async def test_each_tenant_asks_as_its_own_role(aws: Aws) -> None:
    source = AwsSource(aws.access(tenant_role=tenants_role(aws)), create=True)
    acme, globex = source.for_tenant("acme"), source.for_tenant("globex")
    assert acme is not None
    assert globex is not None
    assert acme is source.for_tenant("acme")
    await acme.open()
    for own in (acme, globex):
        await own.put(str(own)[-6:].strip("-"), "a-tenants-value-1")
    logins = [request for name, request in aws.asked if name == "AssumeRole"]
    assert [
        (r["RoleArn"], r["ExternalId"], r["RoleSessionName"], r["DurationSeconds"])
        for r in logins
    ] == [
        (f"arn:aws:iam::123456789012:role/tenant-{t}", f"for-{t}", f"scope-{t}", "3600")
        for t in ("acme", "globex")
    ]
    assert [request["Tags.member.1.Value"] for request in logins] == ["acme", "globex"]
    assert "as arn:aws:iam::123456789012:role/tenant-acme" in str(acme)
    await source.aclose()


async def test_a_tenants_role_in_an_account_of_its_own_sees_nothing_else(
    aws: Aws,
) -> None:
    source = AwsParameterSource(aws.access(), create=True)
    assert source.for_tenant("acme") is None
    await source.put("KEY", "the-platforms-key")
    access = {
        tenant: aws.access(
            role=AwsRole(arn=f"arn:aws:iam::{account}:role/own", endpoint_url=aws.url)
        )
        for tenant, account in ACCOUNTS.items()
    }
    acme = AwsParameterSource(access["acme"], create=True)
    globex = AwsParameterSource(access["globex"])
    await acme.put("KEY", "acmes-own-key-01")
    assert (await acme.fetch("KEY")).reveal() == "acmes-own-key-01"
    assert (await source.fetch("KEY")).reveal() == "the-platforms-key"
    with pytest.raises(MissingSecretError):
        await globex.fetch("KEY")
    for own in (source, acme, globex):
        await own.aclose()


async def test_a_role_that_may_not_be_assumed_is_a_denial(aws: Aws) -> None:
    aws.failures["AssumeRole"] = Failure(
        "AccessDenied",
        "User: x is not authorized to perform: sts:AssumeRole on resource: y",
        status=403,
        xml=True,
    )
    source = AwsSource(aws.access(tenant_role=tenants_role(aws)))
    acme = source.for_tenant("acme")
    assert acme is not None
    with pytest.raises(AccessDeniedError, match=r"tenant-acme.*sts:AssumeRole") as said:
        await acme.fetch("KEY")
    assert said.value.__context__ is None
    assert "GetSecretValue" not in aws.operations()
    await source.aclose()


async def test_an_answer_of_the_login_that_cannot_be_read_is_an_outage(
    aws: Aws,
) -> None:
    aws.failures["AssumeRole"] = Failure("(garbage)", status=200)
    source = AwsSource(aws.access(role=tenants_role(aws).filled("acme")))
    with pytest.raises(StoreUnavailableError, match="could not read") as said:
        await source.fetch("KEY")
    assert said.value.__context__ is None
    await source.login()
    with pytest.raises(MissingSecretError):
        await source.fetch("KEY")
    await source.aclose()


async def test_a_login_is_had_anew_before_it_runs_out(aws: Aws) -> None:
    now = time.time()
    access = aws.access(role=tenants_role(aws).filled("acme"))
    client = AwsClient("secretsmanager", "AWS", access, clock=lambda: now)
    await client.ask("list_secrets")
    await client.ask("list_secrets")
    assert aws.operations().count("AssumeRole") == 1
    now += 3500
    await client.ask("list_secrets")
    now -= 3500
    await client.ask("list_secrets")
    assert aws.operations().count("AssumeRole") == 2
    await client.login()
    await client.ask("list_secrets")
    assert aws.operations().count("AssumeRole") == 3
    await client.aclose()
    await client.aclose()


async def test_a_hundred_callers_share_one_login(aws: Aws) -> None:
    source = AwsSource(aws.access(role=tenants_role(aws).filled("acme")), create=True)

    async def ask() -> None:
        with pytest.raises(MissingSecretError):
            await source.fetch("KEY")

    async with anyio.create_task_group() as group:
        for _ in range(100):
            group.start_soon(ask)
    assert aws.operations().count("AssumeRole") == 1
    await source.aclose()


def test_a_tenants_role_must_tell_tenants_apart() -> None:
    same = AwsRole(arn="arn:aws:iam::123456789012:role/all")
    with pytest.raises(ConfigurationError, match="same role"):
        AwsAccess(tenant_role=same)
    tagged = AwsRole(arn=same.arn, tags={"tenant": "{tenant}"})
    own = AwsAccess(tenant_role=tagged).for_tenant("x" * 100)
    assert own is not None
    assert own.role is not None
    assert own.role.tags == {"tenant": "x" * 100}
    assert own.role.external_id is None
    assert len(tagged.filled("t").session_name) <= 64


def settings(aws: Aws, **more: Any) -> dict[str, Any]:
    return {"region": REGION, "endpoint_url": aws.url, **aws.key, **more}


@pytest.mark.parametrize("backend", ["aws", "aws-parameters"])
async def test_a_container_reads_each_tenant_with_its_own_role(
    aws: Aws, backend: str
) -> None:
    for tenant, account in ACCOUNTS.items():
        role = AwsRole(arn=f"arn:aws:iam::{account}:role/own", endpoint_url=aws.url)
        own = (AwsSource if backend == "aws" else AwsParameterSource)(
            aws.access(role=role), create=True
        )
        await own.put("KEY", f"{tenant}s-own-key-01")
        await own.aclose()
    role_of_each = {
        "arn": "arn:aws:iam::{tenant}:role/own",
        "external_id": None,
        "endpoint_url": aws.url,
    }
    options = settings(aws, tenant_role=role_of_each)
    app = App(config={"secrets": {"backend": backend, backend: options, "tenants": {}}})
    async with lifetime(app) as secrets:
        for tenant, account in ACCOUNTS.items():
            async with secrets.tenant(account) as reader:
                assert await reader.resolve("KEY") == f"{tenant}s-own-key-01"
