"""How a server says that it is.

https://developer.hashicorp.com/vault/api-docs/system/health
"""

from __future__ import annotations

from secretscope.backends.vault._reply import Reply

HEALTH = "sys/health"
_STATES = {
    200: None,
    429: None,  # a standby: it forwards what it is asked, or redirects
    472: "it is a disaster recovery secondary, and answers no reads",
    473: None,  # a performance standby: it answers reads itself
    501: "it has not been initialised",
    503: "it is sealed",
}


def told(reply: Reply) -> str | None:
    """Return what is wrong by an answer of ``sys/health``; None where nothing is."""
    if reply.status in _STATES:
        return _STATES[reply.status]
    return f"it answered with status {reply.status} when asked how it is"
