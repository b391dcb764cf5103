"""AWS's part of the aws login: a signed GetCallerIdentity request is checked.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

_AUTHORIZATION = re.compile(
    r"AWS4-HMAC-SHA256 Credential=([^/]+)/(\d{8})/([^/]+)/sts/aws4_request, "
    r"SignedHeaders=([^,]+), Signature=([0-9a-f]{64})"
)


def is_signed(body: Mapping[str, Any], role: Mapping[str, Any]) -> bool:
    """Tell whether the request was signed with the role's ``access`` and ``secret``."""
    url = _decoded(body["iam_request_url"])
    payload = _decoded(body["iam_request_body"])
    given = json.loads(_decoded(body["iam_request_headers"]))
    headers = {name.lower(): value for name, value in given.items()}
    if headers.get("x-vault-aws-iam-server-id") != role.get("server_id"):
        return False
    found = _AUTHORIZATION.fullmatch(headers["authorization"])
    if found is None or found[1] != role["access"]:
        return False
    canonical = "\n".join(
        [
            body["iam_http_request_method"],
            urlsplit(url).path,
            "",
            *[f"{name}:{headers[name].strip()}" for name in found[4].split(";")],
            "",
            found[4],
            hashlib.sha256(payload.encode()).hexdigest(),
        ]
    )
    scope = f"{found[2]}/{found[3]}/sts/aws4_request"
    to_sign = "\n".join(
        [
            "AWS4-HMAC-SHA256",
            headers["x-amz-date"],
            scope,
            hashlib.sha256(canonical.encode()).hexdigest(),
        ]
    )
    key = f"AWS4{role['secret']}".encode()
    for part in scope.split("/"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return hmac.new(key, to_sign.encode(), hashlib.sha256).hexdigest() == found[5]


def _decoded(text: str) -> str:
    return base64.b64decode(text).decode()
