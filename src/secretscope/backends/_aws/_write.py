"""Writing to Secrets Manager: whole texts, and single fields by check-and-set."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any
from uuid import uuid4

from attrs import frozen

from secretscope.backends._aws._client import AwsClient
from secretscope.backends._aws._fault import Fault, Kind
from secretscope.errors import ConflictError, MalformedSecretError

_CURRENT = "AWSCURRENT"


@frozen
class SecretWrite:
    """One write of one secret.

    Attributes:
        client: asks Secrets Manager.
        id: the secret's name or ARN.
        create: whether to make a secret that is not there.
        kms_key: the key that a new one is encrypted with; AWS's own otherwise.
    """

    client: AwsClient
    id: str
    create: bool
    kms_key: str | None

    async def text(self, value: str) -> None:
        """Write a new version.

        Raises:
            MissingSecretError: It is not there, and is not to be made.
            ConflictError: Somebody else made it in between.
        """
        token = str(uuid4())
        answer = await self.client.ask(
            "put_secret_value",
            SecretId=self.id,
            SecretString=value,
            ClientRequestToken=token,
        )
        if isinstance(answer, Fault):
            await self._make_instead(answer, value)

    async def field(self, name: str, value: str) -> None:
        """Write one field of a JSON object; the others stay as they are.

        Raises:
            MissingSecretError: It is not there, and is not to be made.
            ConflictError: Somebody else wrote in between.
            MalformedSecretError: It is no JSON object.
        """
        before = await self.client.ask(
            "get_secret_value", SecretId=self.id, VersionStage=_CURRENT
        )
        if isinstance(before, Fault):
            await self._make_instead(before, json.dumps({name: value}))
            return
        fields: Any = None
        with suppress(ValueError, RecursionError):  # the error carries the payload
            fields = json.loads(before.get("SecretString", ""))
        if not isinstance(fields, dict):
            raise MalformedSecretError(
                self.client.where,
                ref=f"{self.id}#{name}",
                expected="a JSON object to write the field into",
            )
        document = json.dumps({**fields, name: value})
        await self._swap(document, before["VersionId"])

    async def _make_instead(self, fault: Fault, value: str) -> None:
        if fault.kind is not Kind.MISSING or not self.create:
            raise fault.error(self.id, self.client.where)
        key = {"KmsKeyId": self.kms_key} if self.kms_key else {}
        made = await self.client.ask(
            "create_secret",
            Name=self.id,
            SecretString=value,
            ClientRequestToken=str(uuid4()),
            **key,
        )
        if isinstance(made, Fault):
            self._tell(made, overtaken=Kind.EXISTS)

    async def _swap(self, document: str, old: str) -> None:
        """Make the document current if the old version still is."""
        new = str(uuid4())
        label = f"secretscope-{new}"
        await self.client.demand(
            self.id,
            "put_secret_value",
            SecretId=self.id,
            SecretString=document,
            ClientRequestToken=new,
            VersionStages=[label],
        )
        moved = await self._move(_CURRENT, RemoveFromVersionId=old, MoveToVersionId=new)
        # a version without a label is AWS's to clear away
        await self._move(label, RemoveFromVersionId=new)
        if isinstance(moved, Fault):
            self._tell(moved, overtaken=Kind.INVALID)

    async def _move(self, label: str, **versions: str) -> object:
        return await self.client.ask(
            "update_secret_version_stage",
            SecretId=self.id,
            VersionStage=label,
            **versions,
        )

    def _tell(self, fault: Fault, *, overtaken: Kind) -> None:
        if fault.kind is overtaken:
            raise ConflictError(self.client.where, ref=self.id)
        raise fault.error(self.id, self.client.where)
