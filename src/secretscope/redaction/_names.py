"""Which names say that their value is a secret: ``api_key``, ``dbPassword``, ..."""

from __future__ import annotations

import re
from functools import lru_cache

from secretscope.redaction._words import (
    GLUED,
    KEY_OF,
    NO_KEY,
    NO_PASSWORD,
    NO_SECRET,
    NO_TOKEN,
    PASSWORDS,
    SECRETS,
    TOKENS,
)

_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


@lru_cache(maxsize=4096)
def kind_of(name: str) -> str:
    """Return what a name promises: ``password``, ``secret``, ``token``, ``key`` or "".

    Args:
        name: a variable's, field's, option's or header's name, in any style.
    """
    words = [word.lower() for word in _WORDS.findall(name)]
    if not words:
        return ""
    if words[-2:] in (["key", "base"], ["key", "data"]):
        words.pop()  # Rails, and what kubectl's configuration holds
    last, before = words[-1], words[-2] if len(words) > 1 else ""
    if last in PASSWORDS:
        return "" if before in NO_PASSWORD else "password"
    if last in SECRETS:
        return "" if before in NO_SECRET else "secret"
    if last in TOKENS:
        return "" if before in NO_TOKEN else "token"
    if last == "key":
        return "key" if before in KEY_OF else ""
    return _glued(last, before)


def _glued(last: str, before: str) -> str:
    if last.endswith(("password", "passwd", "passphrase", "dbpass")):
        return "password"
    if last.endswith(GLUED):
        return "key"
    return ""


def may_be_key(name: str) -> bool:
    """Tell whether it is some key, ``ACME_KEY``: then its value decides."""
    words = [word.lower() for word in _WORDS.findall(name)]
    return len(words) > 1 and words[-1] == "key" and words[-2] not in NO_KEY


def is_sensitive(name: str) -> bool:
    """Tell whether a field of this name holds a secret, whatever it looks like."""
    return bool(kind_of(name)) or name.lower() in _BY_NAME


_BY_NAME = frozenset(
    ("auth", "_auth", "authorization", "proxy-authorization", "cookie", "set-cookie")
)
