"""AWS Systems Manager Parameter Store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from secretscope.backends._aws import (
    UNREADABLE,
    AwsAccess,
    AwsClient,
    AwsRole,
    AwsStore,
    Fault,
    Kind,
    in_groups,
    parameter_place,
)
from secretscope.cache import CachedSecrets, Policy
from secretscope.errors import (
    ConflictError,
    InvalidRefError,
    MalformedSecretError,
    MissingSecretError,
    SecretScopeError,
)
from secretscope.values import Secret

__all__ = ["AwsAccess", "AwsParameterSource", "AwsParameters", "AwsRole"]

_TITLE = "AWS Parameter Store"
_GROUP = 10
"""The most that one GetParameters takes."""


class AwsParameterSource(AwsStore):
    """Reads and writes parameters, SecureStrings decrypted.

    A location is ``NAME``, ``/path/NAME`` or an ARN, and after it ``:VERSION`` or
    ``:LABEL`` for another version than the newest.

    Args:
        access: how AWS is reached, and as whom.
        create: whether a write makes a parameter that is not there: a SecureString.
        kms_key: the key that new parameters are encrypted with; AWS's own otherwise.

    Raises:
        MissingExtraError: boto3 is not installed.
    """

    def __init__(
        self,
        access: AwsAccess | None = None,
        *,
        create: bool = False,
        kms_key: str | None = None,
    ) -> None:
        super().__init__(AwsClient("ssm", _TITLE, access or AwsAccess()))
        self._create = create
        self._kms_key = kms_key

    async def fetch(self, location: str) -> Secret:
        """Ask for one parameter.

        Raises:
            InvalidRefError: AWS has no such names; it was not asked.
            MissingSecretError: It is not there, or not in that version.
            AccessDeniedError: AWS says no, its KMS key does, or nobody is logged in.
            StoreUnavailableError: An outage, or too many requests.
            StoreTimeoutError: It took too long.
            ConfigurationError: The region or the profile cannot work.
        """
        parameter_place(location)
        answer = await self._client.demand(
            location, "get_parameter", Name=location, WithDecryption=True
        )
        if "Parameter" not in answer:
            raise UNREADABLE.error(location, self._client.where)
        return _secret(answer["Parameter"])

    async def fetch_many(
        self, locations: Sequence[str]
    ) -> Mapping[str, Secret | SecretScopeError]:
        """Ask for many, 10 a request; each location gets its secret or its own error.

        Named versions, and what a group could not give (AWS refuses all ten where it
        refuses one), are asked for one by one.
        """
        return await in_groups(
            locations,
            size=_GROUP,
            groups=_goes_with_others,
            together=self._together,
            alone=self.fetch,
        )

    async def put(self, location: str, value: str, *, field: str | None = None) -> None:
        """Write a new version; the old ones are read at ``NAME:VERSION``.

        Raises:
            InvalidRefError: It is no name, or names a version.
            MissingSecretError: It is not there, and `create` was not asked for.
            ConflictError: Somebody else made it in between.
            MalformedSecretError: The text is empty, or a field was named: Parameter
                Store has no check-and-set, so that a field could undo another's write.
        """
        place = parameter_place(location)
        if place.selector is not None:
            raise InvalidRefError(
                location, reason="it names a version, and a write makes a new one"
            )
        if field is not None or not value:
            raise MalformedSecretError(
                self._client.where,
                ref=location if field is None else f"{location}#{field}",
                expected="a whole text to write, and not an empty one",
                cure="fields that are written one by one are kept in Secrets Manager",
            )
        if await self._is_there(location):
            overwrite: dict[str, Any] = {"Overwrite": True}
        else:
            overwrite = {"Type": "SecureString", "Overwrite": False}
            if self._kms_key is not None:
                overwrite["KeyId"] = self._kms_key
        answer = await self._client.ask(
            "put_parameter", Name=location, Value=value, **overwrite
        )
        if isinstance(answer, Fault):
            if answer.kind is Kind.EXISTS:
                raise ConflictError(self._client.where, ref=location)
            raise answer.error(location, self._client.where)

    async def _is_there(self, location: str) -> bool:
        """Tell whether there is something to overwrite: its type then stays.

        Raises:
            MissingSecretError: There is not, and `create` was not asked for.
        """
        try:
            await self._client.demand(
                location, "get_parameter", Name=location, WithDecryption=False
            )
        except MissingSecretError:
            if not self._create:
                raise
            return False
        return True

    async def _together(
        self, locations: Sequence[str]
    ) -> Mapping[str, Secret | SecretScopeError]:
        where = self._client.where
        answer = await self._client.ask(
            "get_parameters", Names=list(locations), WithDecryption=True
        )
        if isinstance(answer, Fault):
            if not answer.is_everybodys:
                return {}
            return {location: answer.error(location, where) for location in locations}
        told = {
            parameter["Name"]: parameter for parameter in answer.get("Parameters", ())
        }
        absent = set(answer.get("InvalidParameters", ()))
        found: dict[str, Secret | SecretScopeError] = {}
        for location in locations:
            if location in told:
                found[location] = _secret(told[location])
            elif location in absent:
                found[location] = MissingSecretError(location, where=where)
        return found


def _goes_with_others(location: str) -> bool:
    place = parameter_place(location)
    return place.selector is None and not place.is_arn


def _secret(parameter: Mapping[str, Any]) -> Secret:
    return Secret(parameter["Value"], version=str(parameter["Version"]))


class AwsParameters(CachedSecrets):
    """Reads secrets from AWS Parameter Store, and keeps them fresh.

    ``/prod/db#password`` reads one field of a parameter that is a JSON object.

    Args:
        access: how AWS is reached, and as whom.
        policy: how long what was fetched is good.
        create: whether a write makes a parameter that is not there.
        kms_key: the key that new parameters are encrypted with.
    """

    def __init__(
        self,
        access: AwsAccess | None = None,
        *,
        policy: Policy | None = None,
        create: bool = False,
        kms_key: str | None = None,
    ) -> None:
        source = AwsParameterSource(access, create=create, kms_key=kms_key)
        super().__init__(source, policy, name=str(source))
