"""Settings of the two stores of AWS."""

from __future__ import annotations

from typing import Any

import pytest

from secretscope import ConfigurationError
from secretscope.backends.aws import AwsSecrets
from secretscope.backends.aws_parameters import AwsParameters
from secretscope.providers.settings import read_settings

ROLE = {"arn": "arn:aws:iam::123456789012:role/{tenant}", "external_id": None}


@pytest.mark.parametrize(
    ("backend", "kind"), [("aws", AwsSecrets), ("aws-parameters", AwsParameters)]
)
def test_settings_make_the_store(backend: str, kind: type[Any]) -> None:
    options = {
        "region": "eu-west-1",
        "access_key_id": "AKIALOOPBACK",
        "secret_access_key": "loopback-secret-key-01",
        "tenant_role": ROLE,
        "create": True,
        "cache": {"ttl": 60},
    }
    settings = read_settings({"backend": backend, backend: options, "tenants": {}})
    store = settings.store()
    assert isinstance(store, kind)
    assert "eu-west-1" in repr(store)
    assert settings.tenants is not None
    assert settings.tenants.kept_apart


def test_without_a_role_a_tenant_tenants_share_the_store() -> None:
    settings = read_settings({"backend": "aws", "tenants": {"path": "{tenant}/{ref}"}})
    assert settings.tenants is not None
    assert not settings.tenants.kept_apart


@pytest.mark.parametrize(
    ("options", "faults"),
    [
        (
            {"regions": "x", "create": "yes", "binary": "hex", "threads": 0},
            {"regions", "create", "binary", "threads"},
        ),
        ({"role": {"duration": 10}}, {"role.arn", "role.duration"}),
        ({"access_key_id": "x"}, {"secret_access_key"}),
        ({"secret_access_key": "x"}, {"access_key_id"}),
        (
            {"tenant_role": {"arn": "arn:aws:iam::1:role/x", "tags": {"a": "b"}}},
            {"tenant_role"},
        ),
    ],
)
def test_every_fault_is_named_at_once(
    options: dict[str, Any], faults: set[str]
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        read_settings({"backend": "aws", "aws": options})
    named = {fault.partition(": ")[0] for fault in caught.value.faults}
    assert named == {f"secrets.aws.{fault}" for fault in faults}


def test_only_secrets_may_be_bytes() -> None:
    with pytest.raises(ConfigurationError, match="aws-parameters.binary"):
        read_settings(
            {"backend": "aws-parameters", "aws-parameters": {"binary": "base64"}}
        )
