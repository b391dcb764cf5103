"""What a server is asked, and what it answers."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Mapping
from contextlib import suppress
from email.utils import parsedate_to_datetime
from typing import Any

from attrs import field, frozen


@frozen
class Ask:
    """One request, before it is known which address will answer it.

    Attributes:
        method: such as ``GET``.
        path: below ``/v1/``, in the grammar of refs: nothing in it needs quoting.
        token: what it is asked with; None leaves that to the client.
        namespace: which part of the server is meant.
        body: sent as JSON.
        version: the version that is asked for, where it is not the newest.
        once: whether each read makes something new, such as a credential.
    """

    method: str
    path: str
    token: str | None = field(default=None, repr=False)
    namespace: str | None = None
    body: Mapping[str, Any] | None = field(default=None, repr=False)
    version: int | None = None
    once: bool = False

    @property
    def target(self) -> str:
        """The path and query of the request's URL."""
        query = "" if self.version is None else f"?version={self.version}"
        return f"/v1/{self.path}{query}"

    @property
    def repeatable(self) -> bool:
        """Whether asking twice is as good as asking once."""
        return self.method == "GET" and not self.once

    def headers(self) -> dict[str, str]:
        """Return the headers that Vault reads."""
        found = {"X-Vault-Request": "true", "Accept-Encoding": "identity"}
        if self.token is not None:
            found["X-Vault-Token"] = self.token
        if self.namespace:
            found["X-Vault-Namespace"] = self.namespace
        return found

    def content(self) -> bytes | None:
        """Return the body as it is sent."""
        return None if self.body is None else json.dumps(dict(self.body)).encode()


@frozen
class Fault:
    """An address that did not answer.

    Attributes:
        reason: why, in words of ours: an SDK's error carries the request's headers.
        sent: whether the server may have got the request.
        seconds: how long was waited, where time ran out.
    """

    reason: str
    sent: bool = True
    seconds: float | None = None


@frozen
class Reply:
    """An answer; its body may be a secret, and is in no repr."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)

    def document(self) -> dict[str, Any] | None:
        """Return the JSON object that was answered; None where it is none."""
        found: Any = None
        with suppress(ValueError):  # its error carries the whole payload
            found = json.loads(self.body)
        return found if isinstance(found, dict) else None

    def part(self, name: str) -> dict[str, Any] | None:
        """Return an object of the answer, such as ``data``; None where there is none."""
        found = (self.document() or {}).get(name)
        return found if isinstance(found, dict) else None

    def complaints(self) -> str:
        """Return what the server complained of; for matching, never for showing."""
        found = (self.document() or {}).get("errors")
        return " ".join(map(str, found)) if isinstance(found, list) else ""

    def retry_after(self) -> float | None:
        """Return how many seconds the server asks us to wait (RFC 9110, 10.2.3)."""
        text = self.headers.get("retry-after", "")
        seconds: float | None = None
        with suppress(ValueError):
            seconds = float(text)
        if seconds is None:
            with suppress(ValueError, TypeError):
                seconds = parsedate_to_datetime(text).timestamp() - time.time()
        if seconds is None or not math.isfinite(seconds):
            return None
        return max(seconds, 0.0)


def seconds(value: object) -> float | None:
    """Return a lifetime; 0 is how Vault writes "for ever"."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if value > 0 else None
