"""AWS Secrets Manager."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from secretscope.backends._aws import (
    UNREADABLE,
    AwsAccess,
    AwsClient,
    AwsRole,
    AwsStore,
    Fault,
    SecretPlace,
    SecretWrite,
    fault_of,
    in_groups,
    secret_place,
)
from secretscope.cache import CachedSecrets, Policy
from secretscope.errors import (
    InvalidRefError,
    MalformedSecretError,
    SecretScopeError,
)
from secretscope.values import Secret

__all__ = ["AwsAccess", "AwsRole", "AwsSecrets", "AwsSource"]

_TITLE = "AWS Secrets Manager"
_GROUP = 20
"""The most that one BatchGetSecretValue takes."""
_CURRENT = "AWSCURRENT"

Binary = Literal["refuse", "base64"]
"""What is made of a secret that is kept as bytes."""


class AwsSource(AwsStore):
    """Reads and writes secrets of AWS Secrets Manager.

    A location is ``NAME`` or an ARN, and after it ``:STAGE`` (``:AWSPREVIOUS``) or
    ``::VERSION-ID`` for another version than the current one.

    Args:
        access: how AWS is reached, and as whom.
        create: whether a write makes a secret that is not there.
        binary: what is made of a secret that is kept as bytes: it is refused, or
            read as base64.
        kms_key: the key that new secrets are encrypted with; AWS's own otherwise.

    Raises:
        MissingExtraError: boto3 is not installed.
    """

    def __init__(
        self,
        access: AwsAccess | None = None,
        *,
        create: bool = False,
        binary: Binary = "refuse",
        kms_key: str | None = None,
    ) -> None:
        super().__init__(AwsClient("secretsmanager", _TITLE, access or AwsAccess()))
        self._create = create
        self._binary: Binary = binary
        self._kms_key = kms_key

    async def fetch(self, location: str) -> Secret:
        """Ask for one secret.

        Raises:
            InvalidRefError: AWS has no such names; it was not asked.
            MissingSecretError: It is not there (or marked for deletion).
            AccessDeniedError: AWS says no, its KMS key does, or nobody is logged in.
            StoreUnavailableError: An outage, or too many requests.
            StoreTimeoutError: It took too long.
            MalformedSecretError: It is kept as bytes.
            ConfigurationError: The region or the profile cannot work.
        """
        answer = await self._read(location, secret_place(location))
        return self._secret(location, answer)

    async def fetch_many(
        self, locations: Sequence[str]
    ) -> Mapping[str, Secret | SecretScopeError]:
        """Ask for many, 20 a request; each location gets its secret or its own error.

        Versions other than the current one, and what a group could not give (a
        group needs a permission of its own), are asked for one by one.
        """
        return await in_groups(
            locations,
            size=_GROUP,
            groups=lambda location: secret_place(location).is_current,
            together=self._together,
            alone=self.fetch,
        )

    async def put(self, location: str, value: str, *, field: str | None = None) -> None:
        """Write a new version, or one field of a JSON object; the old one stays.

        The version that was current is then read at ``NAME:AWSPREVIOUS``. A field is
        written by check-and-set: AWSCURRENT moves only from the version that was read.

        Raises:
            InvalidRefError: It is no name, or names a version.
            MissingSecretError: It is not there, and `create` was not asked for.
            ConflictError: Somebody else wrote in between.
            MalformedSecretError: The text is empty, or there is no JSON object to
                write the field into.
        """
        place = secret_place(location)
        if not place.is_current:
            raise InvalidRefError(
                location, reason="it names a version, and a write makes a new one"
            )
        write = SecretWrite(self._client, place.id, self._create, self._kms_key)
        if field is not None:
            await write.field(field, value)
        elif value:
            await write.text(value)
        else:
            raise MalformedSecretError(
                self._client.where, ref=location, expected="a text that is not empty"
            )

    # --- reading ---------------------------------------------------------------------

    async def _read(self, location: str, place: SecretPlace) -> dict[str, Any]:
        request: dict[str, str] = {"SecretId": place.id}
        if place.version is not None:
            request["VersionId"] = place.version
        if place.stage is not None or place.version is None:
            request["VersionStage"] = place.stage or _CURRENT
        return await self._client.demand(location, "get_secret_value", **request)

    async def _together(
        self, locations: Sequence[str]
    ) -> Mapping[str, Secret | SecretScopeError]:
        answer = await self._client.ask(
            "batch_get_secret_value", SecretIdList=list(locations)
        )
        where = self._client.where
        if isinstance(answer, Fault):
            if not answer.is_everybodys:
                return {}
            return {location: answer.error(location, where) for location in locations}
        told: dict[str, Any] = {}
        for value in answer.get("SecretValues", ()):
            arn = str(value["ARN"])
            told |= dict.fromkeys((value["Name"], arn, arn[:-7]), value)
        wrong = {e["SecretId"]: e for e in answer.get("Errors", ())}
        found: dict[str, Secret | SecretScopeError] = {}
        for location in locations:
            if location in told:
                found[location] = self._secret_or_error(location, told[location])
            elif location in wrong:
                said = wrong[location]
                fault = fault_of(said["ErrorCode"], said.get("Message", ""))
                found[location] = fault.error(location, where)
        return found

    def _secret_or_error(
        self, location: str, answer: Mapping[str, Any]
    ) -> Secret | SecretScopeError:
        try:
            return self._secret(location, answer)
        except SecretScopeError as error:
            return error

    def _secret(self, location: str, answer: Mapping[str, Any]) -> Secret:
        text: str | None = answer.get("SecretString")
        if text is None and "SecretBinary" not in answer:
            raise UNREADABLE.error(location, self._client.where)
        if text is None and self._binary == "base64":
            text = b64encode(answer["SecretBinary"]).decode()
        if text is None:
            raise MalformedSecretError(
                self._client.where,
                ref=location,
                expected="a text, and it is kept as bytes",
                cure="store it as SecretString, or set aws.binary to base64",
            )
        return Secret(text, version=answer.get("VersionId"))


class AwsSecrets(CachedSecrets):
    """Reads secrets from AWS Secrets Manager, and keeps them fresh.

    ``db#password`` reads one field of a secret that is a JSON object.

    Args:
        access: how AWS is reached, and as whom.
        policy: how long what was fetched is good.
        create: whether a write makes a secret that is not there.
        binary: what is made of a secret that is kept as bytes.
        kms_key: the key that new secrets are encrypted with.
    """

    def __init__(
        self,
        access: AwsAccess | None = None,
        *,
        policy: Policy | None = None,
        create: bool = False,
        binary: Binary = "refuse",
        kms_key: str | None = None,
    ) -> None:
        source = AwsSource(access, create=create, binary=binary, kms_key=kms_key)
        super().__init__(source, policy, name=str(source))
