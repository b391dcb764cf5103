"""AWS IAM: a signed request that the server sends on to AWS, to learn who we are.

https://developer.hashicorp.com/vault/api-docs/auth/aws#login
"""

from __future__ import annotations

import base64
import json
from importlib import import_module
from typing import Any

import anyio
import anyio.to_thread
from attrs import field, frozen

from secretscope.backends.vault._login import Door, Grant
from secretscope.errors import AccessDeniedError, MissingExtraError

_BODY = "Action=GetCallerIdentity&Version=2011-06-15"
_HEADER = "X-Vault-AWS-IAM-Server-ID"


@frozen
class AwsIam:
    """The aws method, type iam; botocore finds the credentials and signs.

    Attributes:
        role: which role is asked for.
        region: whose STS the request is meant for.
        server_id: the value of ``X-Vault-AWS-IAM-Server-ID`` that the server expects.
        mount: where the method is enabled.
        session: a botocore session to take the credentials from.
    """

    role: str
    region: str = "us-east-1"
    server_id: str | None = None
    mount: str = "aws"
    session: Any = field(default=None, repr=False)

    async def login(self, door: Door) -> Grant:
        """Log in with a request that is signed anew.

        Raises:
            MissingExtraError: botocore is not installed.
            AccessDeniedError: No credentials were found, or they are not taken.
        """
        signed = await anyio.to_thread.run_sync(self._signed)
        if signed is None:
            raise AccessDeniedError(
                door.name, reason="botocore found no AWS credentials for the aws login"
            )
        return await door.login(f"{self.mount}/login", signed, by="aws")

    def _signed(self) -> dict[str, str] | None:
        session = self.session or _botocore("session").get_session()
        credentials = session.get_credentials()
        if credentials is None:
            return None
        url = f"https://sts.{self.region}.amazonaws.com/"
        headers = {
            "Content-Type": "application/x-www-form-urlencoded; charset=utf-8",
            "Host": f"sts.{self.region}.amazonaws.com",
        }
        if self.server_id is not None:
            headers[_HEADER] = self.server_id
        request = _botocore("awsrequest").AWSRequest(
            method="POST", url=url, data=_BODY, headers=headers
        )
        _botocore("auth").SigV4Auth(credentials, "sts", self.region).add_auth(request)
        return {
            "role": self.role,
            "iam_http_request_method": "POST",
            "iam_request_url": _coded(url),
            "iam_request_body": _coded(_BODY),
            "iam_request_headers": _coded(json.dumps(dict(request.headers.items()))),
        }


def _coded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _botocore(part: str) -> Any:  # noqa: ANN401 - a package without types
    """Return a module of botocore, which is of another extra.

    Raises:
        MissingExtraError: It is not installed.
    """
    try:
        return import_module(f"botocore.{part}")
    except ModuleNotFoundError as absent:
        if (absent.name or "").partition(".")[0] != "botocore":
            raise
    raise MissingExtraError("the aws login of Vault", extra="aws")
