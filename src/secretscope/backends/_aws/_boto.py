"""boto3 and botocore: what touches them runs in worker threads, and raises nothing.

It takes some 100 ms to import, so the client imports it in a thread, at its first use.
"""

from __future__ import annotations

import os
from typing import Any

import boto3
from attrs import field, frozen
from botocore import exceptions as boto
from botocore.config import Config
from botocore.loaders import create_loader
from botocore.session import Session

from secretscope.backends._aws._access import AwsAccess, AwsRole
from secretscope.backends._aws._fault import Fault, Kind, fault_of

Answer = dict[str, Any]
"""An operation's answer, as boto3 gives it."""


@frozen
class Connected:
    """A client that can be asked.

    Attributes:
        client: boto3's.
        region: the region that it asks.
        runs_out: when the role's credentials do, in seconds since the epoch; None
            where boto3 itself renews them.
    """

    client: Any = field(repr=False)
    region: str
    runs_out: float | None = None


_MODELS = create_loader(os.environ.get("AWS_DATA_PATH"))
"""What the SDK reads of its services from disk, 100 ms each: once a process."""


def session_of(access: AwsAccess) -> Any:  # noqa: ANN401 - boto3's session
    """Return a session of the SDK; it reads the machine's files and environment.

    Raises:
        BotoCoreError: There is no such profile.
    """
    core = Session(profile=access.profile)
    core.register_component("data_loader", _MODELS)
    session = boto3.Session(
        aws_access_key_id=access.access_key_id,
        aws_secret_access_key=access.secret_access_key,
        aws_session_token=access.session_token,
        region_name=access.region,
        botocore_session=core,
    )
    _MODELS.search_paths[:] = dict.fromkeys(_MODELS.search_paths)  # each adds boto3's
    return session


def connect(session: Any, access: AwsAccess, service: str) -> Connected | Fault:  # noqa: ANN401 - boto3's session
    """Return a client of the service, logged in with the role where there is one."""
    keys: dict[str, str] = {}
    runs_out: float | None = None
    try:
        if access.role is not None:
            found = _assume(session, access, access.role)
            runs_out = found["Expiration"].timestamp()
            keys = {
                "aws_access_key_id": found["AccessKeyId"],
                "aws_secret_access_key": found["SecretAccessKey"],
                "aws_session_token": found["SessionToken"],
            }
        client = session.client(
            service, endpoint_url=access.endpoint_url, config=_config(access), **keys
        )
    except Exception as error:  # noqa: BLE001 - none of the SDK's leaves its thread
        return _fault(error, access)
    return Connected(client, client.meta.region_name, runs_out)


def ask(
    connected: Connected, access: AwsAccess, operation: str, request: dict[str, Any]
) -> Answer | Fault:
    """Ask once, without any retry of the SDK's."""
    try:
        answer: Answer = getattr(connected.client, operation)(**request)
    except Exception as error:  # noqa: BLE001 - none of the SDK's leaves its thread
        return _fault(error, access)
    return answer


def _assume(session: Any, access: AwsAccess, role: AwsRole) -> Answer:  # noqa: ANN401 - boto3's session
    wanted: dict[str, Any] = {
        "RoleArn": role.arn,
        "RoleSessionName": role.session_name,
        "DurationSeconds": role.duration,
    }
    if role.external_id is not None:
        wanted["ExternalId"] = role.external_id
    if role.tags:
        wanted["Tags"] = [{"Key": k, "Value": v} for k, v in role.tags.items()]
    sts = session.client("sts", endpoint_url=role.endpoint_url, config=_config(access))
    try:
        credentials: Answer = sts.assume_role(**wanted)["Credentials"]
    finally:
        sts.close()
    return credentials


def _config(access: AwsAccess) -> Config:
    return Config(
        connect_timeout=access.connect_timeout,
        read_timeout=access.read_timeout,
        retries={"total_max_attempts": 1, "mode": "standard"},  # the cache retries
        max_pool_connections=access.threads,
        user_agent_extra="secretscope",
    )


_LOST_LOGIN = (
    boto.CredentialRetrievalError,
    boto.MetadataRetrievalError,
    boto.SSOError,
)
_TIMEOUTS = (boto.ConnectTimeoutError, boto.ReadTimeoutError)


def _fault(error: Exception, access: AwsAccess) -> Fault:  # noqa: PLR0911 - a kind each
    if isinstance(error, boto.ClientError):
        return _refusal(error)
    if isinstance(error, _TIMEOUTS):
        slow = isinstance(error, boto.ReadTimeoutError)
        waited = access.read_timeout if slow else access.connect_timeout
        return Fault(Kind.TIMEOUT, seconds=waited)
    if isinstance(error, boto.NoCredentialsError | boto.PartialCredentialsError):
        return Fault(
            Kind.DENIED,
            "no whole AWS credentials were found: set aws.profile, or "
            "aws.access_key_id with its secret, or AWS_PROFILE for the process",
        )
    if isinstance(error, boto.NoRegionError):
        return Fault(Kind.SETTINGS, "aws.region is not set, nor AWS_REGION")
    if isinstance(error, boto.InvalidRegionError):
        return Fault(Kind.SETTINGS, f"aws.region: {access.region!r} is no region")
    if isinstance(error, boto.ProfileNotFound):
        return Fault(Kind.SETTINGS, f"aws.profile: there is no {access.profile!r}")
    return _trouble(error)


def _trouble(error: Exception) -> Fault:
    kind = type(error).__name__
    if isinstance(error, boto.ParamValidationError):
        return Fault(Kind.INVALID, kind)
    if isinstance(error, _LOST_LOGIN):
        return Fault(Kind.OUTAGE, f"its credentials could not be had ({kind})")
    if isinstance(error, boto.BotoCoreError):
        return Fault(
            Kind.OUTAGE, f"it could not be reached ({kind}), or not in this region"
        )
    if type(error) is ValueError:
        return Fault(Kind.SETTINGS, "aws.endpoint_url is no address")
    return Fault(Kind.OUTAGE, f"the SDK could not read its answer ({kind})")


def _refusal(error: boto.ClientError) -> Fault:
    said: dict[str, Any] = dict(error.response)
    what, about = said.get("Error", {}), said.get("ResponseMetadata", {})
    return fault_of(
        str(what.get("Code", "")),
        str(what.get("Message", "")),
        status=int(about.get("HTTPStatusCode", 400)),
        retry_after=about.get("HTTPHeaders", {}).get("retry-after"),
    )
