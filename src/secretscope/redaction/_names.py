"""Which names say that their value is a secret: ``api_key``, ``dbPassword``, ..."""

from __future__ import annotations

import re
from functools import lru_cache

_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_PASSWORDS = frozenset(
    ("password", "passwd", "passphrase", "passcode", "pwd", "pass", "psswd")
)
_TOKENS = frozenset(("token", "jwt", "pat", "bearer", "authtoken"))
_SECRETS = frozenset(("secret", "secrets", "credential", "credentials", "creds"))
_KEY_OF = frozenset(
    [
        "access",
        "account",
        "admin",
        "api",
        "app",
        "application",
        "auth",
        "authorization",
        "client",
        "connection",
        "crypto",
        "customer",
        "deploy",
        "dev",
        "developer",
        "encrypt",
        "encryption",
        "function",
        "functions",
        "hmac",
        "host",
        "ingest",
        "insert",
        "integration",
        "lic",
        "license",
        "live",
        "master",
        "merchant",
        "prod",
        "private",
        "read",
        "root",
        "sas",
        "secret",
        "server",
        "service",
        "session",
        "shared",
        "sign",
        "signing",
        "ssh",
        "stage",
        "staging",
        "storage",
        "subscription",
        "sub",
        "test",
        "user",
        "webhook",
        "write",
    ]
)
_NO_TOKEN = frozenset(
    [
        "ai",
        "begin",
        "bos",
        "cancel",
        "cancellation",
        "class",
        "cls",
        "completion",
        "concurrency",
        "continuation",
        "count",
        "cursor",
        "delta",
        "device",
        "end",
        "eos",
        "first",
        "image",
        "input",
        "invalidation",
        "key",
        "last",
        "list",
        "lock",
        "mask",
        "max",
        "min",
        "next",
        "nextpage",
        "num",
        "number",
        "output",
        "pad",
        "page",
        "pageno",
        "pagination",
        "per",
        "prev",
        "previous",
        "prompt",
        "resume",
        "sep",
        "shift",
        "skip",
        "special",
        "start",
        "stop",
        "sync",
        "tag",
        "total",
        "type",
        "unk",
        "unknown",
        "used",
        "usage",
        "watch",
    ]
)
"""What a token is of where it is no credential: a page, a sequence, a count."""
_NO_SECRET = frozenset(("pull", "tls", "generate", "image"))
_NO_PASSWORD = frozenset(
    ("has", "is", "no", "by", "bypass", "forgot", "reset", "change", "min", "max")
)
_GLUED = (
    "apikey",
    "secretkey",
    "accesskey",
    "privatekey",
    "authkey",
    "accountkey",
    "sharedkey",
    "encryptionkey",
    "signingkey",
    "masterkey",
    "subscriptionkey",
    "accesstoken",
    "refreshtoken",
    "authtoken",
    "sessiontoken",
    "bearertoken",
    "apitoken",
    "idtoken",
    "clientsecret",
    "appsecret",
    "apisecret",
    "secretaccess",
    "password",
    "passwd",
    "passphrase",
    "dbpass",
)
"""Written in one word, and all the same clear."""


@lru_cache(maxsize=4096)
def kind_of(name: str) -> str:
    """Return what a name promises: ``password``, ``secret``, ``token``, ``key`` or "".

    Args:
        name: a variable's, field's, option's or header's name, in any style.
    """
    words = [word.lower() for word in _WORDS.findall(name)]
    if not words:
        return ""
    last, before = words[-1], words[-2] if len(words) > 1 else ""
    if last in _PASSWORDS:
        return "" if before in _NO_PASSWORD else "password"
    if last in _SECRETS:
        return "" if before in _NO_SECRET else "secret"
    if last in _TOKENS:
        return "" if before in _NO_TOKEN else "token"
    if last == "key":
        return "key" if before in _KEY_OF else ""
    return _glued(last, before)


def _glued(last: str, before: str) -> str:
    if last.endswith(("password", "passwd", "passphrase", "dbpass")):
        return "password"
    if last.endswith(_GLUED):
        return "key"
    return ""


def is_sensitive(name: str) -> bool:
    """Tell whether a field of this name holds a secret, whatever it looks like."""
    return bool(kind_of(name)) or name.lower() in _BY_NAME


_BY_NAME = frozenset(
    ("auth", "_auth", "authorization", "proxy-authorization", "cookie", "set-cookie")
)
