"""Each status as the error it means; a server's own words are matched, never shown.

Statuses: https://developer.hashicorp.com/vault/api-docs#http-status-codes and
https://openbao.org/api-docs/#http-status-codes
"""

from __future__ import annotations

from secretscope.backends.vault._reply import Fault, Reply
from secretscope.errors import (
    AccessDeniedError,
    MalformedSecretError,
    MissingSecretError,
    StoreError,
    StoreTimeoutError,
    StoreUnavailableError,
)

_OUTAGES = {
    412: "it has not caught up with a write of ours yet",
    429: "it limits how often it may be asked",
    472: "it is a disaster recovery secondary",
    473: "it is a performance standby",
    501: "it has not been initialised",
    503: "it is sealed or in maintenance",
}
_NO_ENGINE = ("no handler for route", "route entry not found", "namespace not found")


def refusal(reply: Reply, *, store: str, ref: str) -> StoreError | MissingSecretError:
    """Return the error for an answer that is no success."""
    if reply.status in {401, 403}:
        return AccessDeniedError(store, ref=ref)
    if reply.status == 404:
        return absent(reply, store=store, ref=ref)
    if reply.status in {400, 405}:
        return MalformedSecretError(
            store,
            ref=ref,
            expected="a path that answers to a read",
            cure="correct the ref, or the option vault.mount",
        )
    return outage(reply, store=store, ref=ref)


def absent(reply: Reply, *, store: str, ref: str) -> MissingSecretError:
    """Return the error for what is not there, or whose engine is not."""
    said = reply.complaints()
    if any(words in said for words in _NO_ENGINE):
        return MissingSecretError(
            ref,
            where=store,
            cure="no engine is mounted there; correct the option vault.mount",
        )
    return MissingSecretError(ref, where=store)


def outage(
    reply: Reply, *, store: str, ref: str | None = None
) -> StoreUnavailableError:
    """Return the error for an answer that says nothing about the secret."""
    if 300 <= reply.status < 400:
        reason = (
            "it sends us to another address, where the token is not taken; "
            "name that one in vault.addresses"
        )
    elif 200 <= reply.status < 300:
        reason = "its answer is broken or cut short"
    else:
        reason = _OUTAGES.get(reply.status, f"it answered with status {reply.status}")
    return StoreUnavailableError(
        store, ref=ref, reason=reason, retry_after=reply.retry_after()
    )


def unanswered(fault: Fault, *, store: str, ref: str | None = None) -> StoreError:
    """Return the error for an address that did not answer."""
    if fault.seconds is not None:
        return StoreTimeoutError(store, ref=ref, seconds=fault.seconds)
    return StoreUnavailableError(store, ref=ref, reason=fault.reason)


def naming(error: StoreError, ref: str | None) -> StoreError:
    """Return the error of a login, naming what the login was needed for."""
    if ref is None or error.ref is not None:
        return error
    if isinstance(error, StoreUnavailableError):
        return StoreUnavailableError(
            error.store, ref=ref, reason=error.reason, retry_after=error.retry_after
        )
    if isinstance(error, StoreTimeoutError):
        return StoreTimeoutError(error.store, ref=ref, seconds=error.seconds)
    if isinstance(error, AccessDeniedError):
        return AccessDeniedError(error.store, ref=ref, reason=error.reason)
    return error
