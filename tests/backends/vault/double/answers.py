"""How answers look: api-docs#http-status-codes, and the envelope of every success."""

import json
import uuid
from typing import Any

from attrs import field, frozen


@frozen
class Answer:
    status: int
    body: Any = None
    headers: dict[str, str] = field(factory=dict)

    def encoded(self) -> bytes:
        return b"" if self.body is None else json.dumps(self.body).encode() + b"\n"


class Refused(Exception):  # noqa: N818 - an answer, carried outwards
    def __init__(self, status: int, *errors: str, **more: Any) -> None:
        super().__init__(status)
        self.answer = Answer(status, {"errors": list(errors), **more})


def success(data: Any = None, *, auth: Any = None, **lease: Any) -> Answer:
    """The envelope: kv-v2#sample-response-1 and others."""
    return Answer(200, envelope(data, auth=auth, **lease))


def envelope(data: Any = None, *, auth: Any = None, **lease: Any) -> dict[str, Any]:
    return {
        "request_id": str(uuid.uuid4()),
        "lease_id": lease.get("lease_id", ""),
        "renewable": lease.get("renewable", False),
        "lease_duration": lease.get("lease_duration", 0),
        "data": data,
        "wrap_info": lease.get("wrap_info"),
        "warnings": lease.get("warnings"),
        "auth": auth,
        "mount_type": lease.get("mount_type", ""),
    }


NO_CONTENT = Answer(204)


def denied() -> Refused:
    """A policy or a dead token says no: api-docs#http-status-codes (403)."""
    return Refused(403, "1 error occurred:\n\t* permission denied\n\n")


def absent() -> Refused:
    """Nothing is there: api-docs#http-status-codes (404); the list of errors is empty."""
    return Refused(404)


def no_handler(path: str) -> Refused:
    return Refused(404, f'no handler for route "{path}". route entry not found.')
