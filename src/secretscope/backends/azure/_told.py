"""What Azure said instead of an answer, as our own errors: its own hold requests."""

from __future__ import annotations

import json
from contextlib import suppress
from http import HTTPStatus
from typing import Any

from azure.core import exceptions as core

from secretscope.errors import (
    AccessDeniedError,
    ConfigurationError,
    ConflictError,
    DeletedSecretError,
    MalformedSecretError,
    MissingSecretError,
    SecretScopeError,
    StoreTimeoutError,
    StoreUnavailableError,
)

EXPECTED = (core.AzureError, ValueError)
"""What Azure's client raises; ValueError is a login challenge that it does not trust."""

_NO_CREDENTIALS = (
    "azure: this process has no credentials of Azure: set azure.auth, or AZURE_TENANT_ID "
    "with AZURE_CLIENT_ID and AZURE_CLIENT_SECRET, or run `az login`"
)
_DELETED = "it was deleted; recover it, or purge it and store a new one"
_REFUSED = {
    "ForbiddenByFirewall": "the vault's firewall does not let this address in",
    "ForbiddenByRbac": "the credentials need the role Key Vault Secrets User, or Officer "
    "to write",
    "ForbiddenByPolicy": "the vault's access policy must grant get (or set) on secrets",
}
_BROKEN = 500
_TIMEOUTS = (core.ServiceRequestTimeoutError, core.ServiceResponseTimeoutError)


def told(
    error: Exception, ref: str, *, where: str, timeout: float, logged_in: bool
) -> SecretScopeError:
    """Return the error that tells it, of one ref and without any of Azure's text.

    Args:
        error: what the client raised.
        ref: what was asked for.
        where: what errors call the store.
        timeout: seconds that were waited, at most.
        logged_in: whether the credentials have worked before.
    """
    if isinstance(error, core.ClientAuthenticationError):
        return _login(error, ref, where, logged_in=logged_in)
    if isinstance(error, _TIMEOUTS):
        return StoreTimeoutError(where, ref=ref, seconds=timeout)
    if isinstance(error, core.HttpResponseError) and error.response is not None:
        return _answered(error, ref, where)
    if isinstance(error, core.AzureError):
        kind = type(error).__name__
        return StoreUnavailableError(
            where, ref=ref, reason=f"it could not be reached ({kind})"
        )
    return AccessDeniedError(
        where, ref=ref, reason="it asks for a login at another service; check azure.url"
    )


def _login(
    error: core.ClientAuthenticationError, ref: str, where: str, *, logged_in: bool
) -> SecretScopeError:
    status = error.status_code or 0
    if status == HTTPStatus.TOO_MANY_REQUESTS or status >= _BROKEN:
        return StoreUnavailableError(
            where, ref=ref, reason=f"its login server answered {status}"
        )
    if status or "AADSTS" in str(error):
        return AccessDeniedError(
            where, ref=ref, reason="the credentials were not accepted"
        )
    # azure-identity found no way to log in, or none that can be reached
    if logged_in:
        return StoreUnavailableError(where, ref=ref, reason="it could not log in")
    return ConfigurationError(_NO_CREDENTIALS)


def _answered(error: core.HttpResponseError, ref: str, where: str) -> SecretScopeError:
    codes = _codes(error)
    match error.status_code:
        case HTTPStatus.NOT_FOUND:
            return MissingSecretError(ref, where=where)
        case HTTPStatus.FORBIDDEN:
            return _refused(codes, ref, where)
        case HTTPStatus.CONFLICT if "ObjectIsDeletedButRecoverable" in codes:
            return DeletedSecretError(ref, where=where, cure=_DELETED)
        case HTTPStatus.CONFLICT:
            return ConflictError(where, ref=ref)
        case HTTPStatus.BAD_REQUEST:
            return MalformedSecretError(
                where, ref=ref, expected="a request that it takes, with 25 kB at most"
            )
        case _:
            return StoreUnavailableError(
                where,
                ref=ref,
                reason=f"it answered {error.status_code}",
                retry_after=_retry_after(error),
            )


def _refused(codes: list[str], ref: str, where: str) -> SecretScopeError:
    if "SecretDisabled" in codes:
        return DeletedSecretError(
            ref, where=where, cure="it is disabled; enable it or store a new one"
        )
    known = [_REFUSED[code] for code in codes if code in _REFUSED]
    reason = known[0] if known else "permission denied"
    return AccessDeniedError(where, ref=ref, reason=reason)


def _codes(error: core.HttpResponseError) -> list[str]:
    """Return the codes of an answer's error, the outer one first."""
    found: list[str] = []
    with suppress(ValueError, TypeError, AttributeError):  # it holds the whole answer
        response: Any = error.response
        at = json.loads(response.text()).get("error")
        while isinstance(at, dict):
            found.append(str(at.get("code")))
            at = at.get("innererror")
    return found


def _retry_after(error: core.HttpResponseError) -> float | None:
    response: Any = error.response
    said = str(response.headers.get("Retry-After", ""))
    return float(said) if said.isdecimal() else None
