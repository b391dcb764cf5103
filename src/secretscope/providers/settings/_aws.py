"""Settings of the two stores of AWS."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from secretscope.protocols import Secrets
from secretscope.providers.settings._backend import Backend, Settings, door
from secretscope.providers.settings._faults import Faults
from secretscope.providers.settings._options import (
    Options,
    each,
    flag,
    number,
    one_of,
    options,
    text,
    whole,
)

_role = options(
    {
        "arn": text,
        "external_id": text,
        "session_name": text,
        "tags": each(text, "a mapping of session tags"),
        "duration": whole(least=900),
        "endpoint_url": text,
    },
    arn="names the role to assume",
)

_ACCESS: Options = {
    "region": text,
    "profile": text,
    "endpoint_url": text,
    "access_key_id": text,
    "secret_access_key": text,
    "session_token": text,
    "role": _role,
    "tenant_role": _role,
    "connect_timeout": number(above=True),
    "read_timeout": number(above=True),
    "threads": whole(least=1),
}
_WRITING: Options = {"create": flag, "kms_key": text}


def _access(settings: Settings, module: Any) -> Any:
    given = settings.given(*_ACCESS)
    for name in ("role", "tenant_role"):
        if name in given:
            said = {k: v for k, v in given[name].items() if v is not None}
            given[name] = module.AwsRole(**said)
    return module.AwsAccess(**given)


def _has_tenant_role(given: Mapping[str, Any]) -> bool:
    return given.get("tenant_role") is not None


def _check(own: Options) -> Any:
    known = options({**_ACCESS, **_WRITING, **own})

    def check(value: Any, path: str, faults: Faults) -> None:
        before = len(faults.found)
        known(value, path, faults)
        if len(faults.found) == before:
            _check_together(value, path, faults)

    return check


def _check_together(given: Mapping[str, Any], path: str, faults: Faults) -> None:
    pair = ("access_key_id", "secret_access_key")
    for name, other in (pair, pair[::-1]):
        if given.get(name) is not None and given.get(other) is None:
            faults.add(f"{path}.{other}", f"is not set; it goes with {name}")
    role = given.get("tenant_role")
    if role is not None:
        said = (role["arn"], *(role.get("tags") or {}).values())
        if "{tenant}" not in "".join(said):
            faults.add(
                f"{path}.tenant_role",
                "neither its arn nor its tags hold {tenant}: "
                "every tenant would read as the same role",
            )


def _secrets(settings: Settings) -> Secrets:
    module = door("aws")
    made: Secrets = module.AwsSecrets(
        _access(settings, module),
        policy=settings.policy,
        **settings.given("create", "binary", "kms_key"),
    )
    return made


def _parameters(settings: Settings) -> Secrets:
    module = door("aws_parameters")
    made: Secrets = module.AwsParameters(
        _access(settings, module),
        policy=settings.policy,
        **settings.given("create", "kms_key"),
    )
    return made


AWS = Backend(
    "aws",
    _secrets,
    _check({"binary": one_of("refuse", "base64")}),
    tenanted=_has_tenant_role,
)

AWS_PARAMETERS = Backend(
    "aws-parameters", _parameters, _check({}), tenanted=_has_tenant_role
)
