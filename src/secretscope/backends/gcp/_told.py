"""What Google said instead of an answer, as our own errors: its own hold requests."""

from __future__ import annotations

from typing import Any

from google.api_core import exceptions as api
from google.auth import exceptions as auth
from google.rpc.error_details_pb2 import RetryInfo

from secretscope.errors import (
    AccessDeniedError,
    ConfigurationError,
    DeletedSecretError,
    DestroyedSecretError,
    MissingSecretError,
    SecretScopeError,
    StoreTimeoutError,
    StoreUnavailableError,
)

EXPECTED = (api.GoogleAPIError, auth.GoogleAuthError)
"""What Google's client raises."""

_ROLES = "a role with secretmanager.versions.access, or .add to write"


def told(  # noqa: PLR0911 - a kind each
    error: Exception, ref: str, *, where: str, timeout: float
) -> SecretScopeError:
    """Return the error that tells it, of one ref and without any of Google's text.

    Args:
        error: what the client raised.
        ref: what was asked for.
        where: what errors call the store.
        timeout: seconds that were waited, at most.
    """
    if isinstance(error, api.NotFound):
        return MissingSecretError(ref, where=where)
    if isinstance(error, api.FailedPrecondition):
        return _state(str(error.message), ref, where)
    if isinstance(error, api.Forbidden):
        reason = f"the credentials need {_ROLES}"
        return AccessDeniedError(where, ref=ref, reason=reason)
    if isinstance(error, api.Unauthorized | auth.RefreshError):
        return AccessDeniedError(
            where, ref=ref, reason="the credentials were not accepted"
        )
    if isinstance(error, api.InvalidArgument):
        return ConfigurationError(
            f"{where} takes no request for {ref!r}: check gcp.project and gcp.location"
        )
    if isinstance(error, api.GatewayTimeout):
        return StoreTimeoutError(where, ref=ref, seconds=timeout)
    return StoreUnavailableError(
        where, ref=ref, reason=_outage(error), retry_after=_retry_after(error)
    )


def _state(message: str, ref: str, where: str) -> SecretScopeError:
    if "DESTROYED" in message:
        return DestroyedSecretError(ref, where=where)
    if "DISABLED" in message:
        return DeletedSecretError(
            ref,
            where=where,
            cure="its version is disabled; enable it or store a new one",
        )
    return AccessDeniedError(
        where, ref=ref, reason="it can't be used as it is (is its KMS key enabled?)"
    )


def _outage(error: Exception) -> str:
    if isinstance(error, api.TooManyRequests):
        return "it was asked too often"
    if isinstance(error, api.GoogleAPICallError) and error.grpc_status_code:
        return f"it answered {error.grpc_status_code.name}"
    return f"it could not be asked ({type(error).__name__})"


def _retry_after(error: Exception) -> float | None:
    details: Any = getattr(error, "details", None) or ()
    for detail in details:
        if isinstance(detail, RetryInfo):
            return float(detail.retry_delay.ToTimedelta().total_seconds())
    return None
