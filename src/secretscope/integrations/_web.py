"""What every web door decides in the same way: who is refused, and how."""

from __future__ import annotations

import math
import re
from http import HTTPStatus

from attrs import field, frozen, validators

from secretscope.errors import (
    InvalidTenantError,
    MissingSecretError,
    ScopeClosedError,
    StoreTimeoutError,
    StoreUnavailableError,
    UnknownTenantError,
)
from secretscope.scopes import LifetimeReader
from secretscope.values import parse_ref

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
"""A header's name (RFC 9110, 5.6.2)."""

_VALUE = re.compile(rb"[!-+\--~]+")
"""Visible ASCII but the comma, by which gateways join headers that came twice."""

_SHORTEST = 8
"""Characters: what is shorter could not be masked without masking half a log."""

_SOON = 5.0
"""Seconds after which to ask again where the store does not say."""

_LATEST = 3600.0
"""Seconds: no client is told to stay away for longer."""


@frozen
class Refusal:
    """An answer to a request that is not served; it says nothing about anybody.

    Attributes:
        status: 400, 404 or 503.
        retry_after: seconds after which to ask again.
    """

    status: HTTPStatus
    retry_after: int | None = None

    @property
    def body(self) -> bytes:
        """The status in words."""
        return f"{self.status.phrase}\n".encode()

    @property
    def headers(self) -> list[tuple[str, str]]:
        """What goes with it."""
        headers = [
            ("content-type", "text/plain; charset=utf-8"),
            ("content-length", str(len(self.body))),
            ("cache-control", "no-store"),
        ]
        if self.retry_after is not None:
            headers.append(("retry-after", str(self.retry_after)))
        return headers


MALFORMED = Refusal(HTTPStatus.BAD_REQUEST)
"""No tenant was named, or two, or none that is a name; or an override that is none."""

UNKNOWN = Refusal(HTTPStatus.NOT_FOUND)
"""A well-formed name that nobody has."""

REFUSED = (
    InvalidTenantError,
    UnknownTenantError,
    ScopeClosedError,
    ConnectionError,
    TimeoutError,
)
"""What entering a tenant raises that is the request's fault, or will pass.

A scope that closes meanwhile is a process's end, or a tenant that is being forgotten.
"""

OUTAGE = (StoreUnavailableError, StoreTimeoutError)
"""What a store that is down raises."""


TOLD = (*OUTAGE, MissingSecretError)
"""What passes out of an application and may be no fault of its."""


def answer_to(
    error: Exception, secrets: LifetimeReader, tenant: str | None
) -> Refusal | None:
    """Return the answer where an application met this; None where it is its fault.

    A tenant of whom no store has anything is one that nobody has.
    """
    if isinstance(error, OUTAGE):
        return refusal_of(error)
    return UNKNOWN if tenant is not None and secrets.is_unknown(tenant) else None


def refusal_of(error: BaseException) -> Refusal:
    """Return the answer to a request that could not be served for this error."""
    if isinstance(error, InvalidTenantError):
        return MALFORMED
    if isinstance(error, UnknownTenantError):
        return UNKNOWN
    seconds = getattr(error, "retry_after", None)
    wait = _SOON if seconds is None else min(max(float(seconds), 1.0), _LATEST)
    return Refusal(HTTPStatus.SERVICE_UNAVAILABLE, math.ceil(wait))


def is_token(name: str) -> bool:
    """Tell whether a text may be a header's name."""
    return bool(_TOKEN.fullmatch(name))


def _header(instance: object, attribute: object, name: str) -> None:
    if not isinstance(name, str) or not is_token(name):
        message = f"header={name!r} is no header's name: use letters, digits and '-'"
        raise ValueError(message)


def _ref(instance: object, attribute: object, ref: str) -> None:
    parse_ref(ref)


@frozen
class RequestOverride:
    """Lets a caller bring a key of its own for one request.

    The header is removed before the application, its logs and what it calls see it.
    A value is 8 to `longest` visible ASCII characters, and no comma.

    Attributes:
        header: where the value comes.
        ref: the one secret that it stands for.
        longest: how many characters it may have.
    """

    header: str = field(validator=_header)
    ref: str = field(validator=_ref)
    longest: int = field(default=512, validator=validators.ge(_SHORTEST))

    def accepts(self, value: bytes) -> bool:
        """Tell whether the text may be such a key."""
        if not _SHORTEST <= len(value) <= self.longest:
            return False
        return bool(_VALUE.fullmatch(value))
