"""What AWS or its SDK said instead of an answer: facts, never the SDK's own error.

botocore's errors carry requests and answers, values included, so none of them leaves
the worker thread.
"""

from __future__ import annotations

import re
from enum import Enum

from attrs import frozen

from secretscope.errors import (
    AccessDeniedError,
    ConfigurationError,
    DeletedSecretError,
    MalformedSecretError,
    MissingSecretError,
    SecretScopeError,
    StoreTimeoutError,
    StoreUnavailableError,
)


class Kind(Enum):
    """What went wrong."""

    MISSING = "it is not there"
    DELETED = "it is marked for deletion"
    DENIED = "AWS says no"
    OUTAGE = "an outage, or too many requests"
    TIMEOUT = "it took too long"
    INVALID = "AWS does not take such a request"
    EXISTS = "somebody else has made it"
    SETTINGS = "the settings cannot work"


_UNKNOWN_KEY = "AWS does not know these credentials, or not in this region"
_EXPIRED = "the credentials have expired"
_KMS = "its KMS key may not be used, it needs kms:Decrypt"
_THROTTLED = "it was asked too often"

_CODES: dict[str, tuple[Kind, str]] = {
    "ResourceNotFoundException": (Kind.MISSING, ""),
    "ParameterNotFound": (Kind.MISSING, ""),
    "ParameterVersionNotFound": (Kind.MISSING, ""),
    "ResourceExistsException": (Kind.EXISTS, ""),
    "ParameterAlreadyExists": (Kind.EXISTS, ""),
    "DecryptionFailure": (Kind.DENIED, _KMS),
    "DecryptionFailureException": (Kind.DENIED, _KMS),
    "EncryptionFailure": (Kind.DENIED, _KMS),
    "InvalidKeyId": (Kind.DENIED, _KMS),
    "UnrecognizedClientException": (Kind.DENIED, _UNKNOWN_KEY),
    "InvalidClientTokenId": (Kind.DENIED, _UNKNOWN_KEY),
    "InvalidSignatureException": (Kind.DENIED, _UNKNOWN_KEY),
    "SignatureDoesNotMatch": (Kind.DENIED, _UNKNOWN_KEY),
    "IncompleteSignature": (Kind.DENIED, _UNKNOWN_KEY),
    "MissingAuthenticationToken": (Kind.DENIED, _UNKNOWN_KEY),
    "ExpiredToken": (Kind.DENIED, _EXPIRED),
    "ExpiredTokenException": (Kind.DENIED, _EXPIRED),
    "RequestExpired": (Kind.DENIED, _EXPIRED),
    "Throttling": (Kind.OUTAGE, _THROTTLED),
    "ThrottlingException": (Kind.OUTAGE, _THROTTLED),
    "ThrottledException": (Kind.OUTAGE, _THROTTLED),
    "TooManyRequestsException": (Kind.OUTAGE, _THROTTLED),
    "RequestLimitExceeded": (Kind.OUTAGE, _THROTTLED),
    "TooManyUpdates": (Kind.OUTAGE, _THROTTLED),
    "InternalServiceError": (Kind.OUTAGE, "it failed within"),
    "InternalServerError": (Kind.OUTAGE, "it failed within"),
}
"""The error codes that Secrets Manager, Systems Manager and STS document."""

_ACTION = re.compile(r"not authorized to perform:? ([\w-]+:\w+)")
_DELETED = re.compile(r"marked (?:for deletion|deleted)|scheduled for deletion")
_TOO_MANY, _BROKEN = 429, 500
_DENIALS = (401, 403)


@frozen
class Fault:
    """What was said instead of an answer.

    Attributes:
        kind: what went wrong.
        reason: in words, without a value.
        retry_after: seconds that AWS asked us to wait, if it did.
        seconds: how long was waited, where it took too long.
    """

    kind: Kind
    reason: str = ""
    retry_after: float | None = None
    seconds: float = 0

    @property
    def is_everybodys(self) -> bool:
        """Whether no other request would fare better."""
        return self.kind in (Kind.OUTAGE, Kind.TIMEOUT, Kind.SETTINGS)

    def error(self, ref: str, where: str) -> SecretScopeError:
        """Return the error that tells it, of one ref."""
        if self.kind is Kind.MISSING:
            return MissingSecretError(ref, where=where)
        if self.kind is Kind.DELETED:
            return DeletedSecretError(ref, where=where)
        if self.kind is Kind.DENIED:
            return AccessDeniedError(where, ref=ref, reason=self.reason)
        if self.kind is Kind.TIMEOUT:
            return StoreTimeoutError(where, ref=ref, seconds=self.seconds)
        return self._other(ref, where)

    def _other(self, ref: str, where: str) -> SecretScopeError:
        if self.kind is Kind.OUTAGE:
            return StoreUnavailableError(
                where, ref=ref, reason=self.reason, retry_after=self.retry_after
            )
        if self.kind is Kind.SETTINGS:
            return ConfigurationError(
                f"{where} cannot be asked for {ref!r}: {self.reason}"
            )
        return MalformedSecretError(
            where,
            ref=ref,
            expected=f"a request that it takes ({self.reason})",
            cure="check the name, and a written value's length",
        )


UNREADABLE = Fault(Kind.OUTAGE, "its answer could not be read")
"""What is said of an answer without what was asked for: the SDK lets it pass."""


def fault_of(
    code: str, message: str, *, status: int = 400, retry_after: str | None = None
) -> Fault:
    """Return what an error code of AWS says.

    Args:
        code: such as ``ResourceNotFoundException``.
        message: its text, which is only searched: it may repeat what was sent.
        status: the answer's HTTP status.
        retry_after: the answer's header of that name.
    """
    found = _CODES.get(code)
    if found is not None:
        return Fault(*found, retry_after=_seconds(retry_after))
    if _DELETED.search(message):
        return Fault(Kind.DELETED)
    if status in _DENIALS or code.startswith("AccessDenied"):
        return Fault(Kind.DENIED, _denial(message))
    if status == _TOO_MANY or status >= _BROKEN:
        reason = f"it answered {status} ({code})"
        return Fault(Kind.OUTAGE, reason, retry_after=_seconds(retry_after))
    return Fault(Kind.INVALID, code)


def _denial(message: str) -> str:
    if "KMS" in message:
        return _KMS
    action = _ACTION.search(message)
    return f"not authorized to perform {action[1]}" if action else "permission denied"


def _seconds(header: str | None) -> float | None:
    return float(header) if header is not None and header.isdecimal() else None
