"""Whether what is assigned to a sensitive name can be the secret itself."""

from __future__ import annotations

import re

_DIGIT = re.compile(r"[0-9]")
_TEMPLATE = re.compile(
    r"\$\(|\$\{|\{\{|%\(|<|\$[A-Za-z_][A-Za-z0-9_.]*$|%[A-Za-z_]+%$|%[sdrv]$"
    r"|\{[A-Za-z0-9_.:!\[\]'\"]*\}$|@[A-Za-z_]+@$|\[[A-Z]"
)
_ELSEWHERE = re.compile(
    r"(?i)(?:os\.|process\.env|env[.\[(:]|getenv|system\.getenv|config[.\[(]|settings\."
    r"|self\.|this\.|secrets?[.\[/]|vault:|op://|arn:|projects/|ref\+|https?://|file:"
    r"|vars\.|var\.|data\.|local\.|module\.|kms:|ssm:|sops:|enc\[|aws:|gcp:|azure:"
    r"|sha256:|\.{0,2}/[\w.-]+/|~/|/(?:run|var|etc|tmp|home|usr|opt|app|mnt)\b|[a-z]:\\)"
)
"""A place where the secret is kept, rather than the secret."""
_WORDY = re.compile(r"[A-Za-z][A-Za-z0-9_. /:-]*+[!?]*+")
_PLACEHOLDER = re.compile(
    r"(?i)your|example|placeholder|dummy|sample|change[-_]?(?:me|it)|replace|insert"
    r"|redacted|xxxx|todo|fixme|masked|hidden|(?:^|[-_ ])(?:my|the|some|fake|mock|test)[-_ ]"
)
_SAYING = re.compile(
    r"(?i)(?:^|[-_. /:])(?:required|invalid|missing|incorrect|wrong|expired|revoked|token|"
    r"tokens|password|passwd|pass|secret|secrets|key|keys|apikey|credential|credentials|"
    r"none|null|nil|true|false|undefined|unknown|default|optional|string|enabled|disabled|"
    r"empty|unset|auth|bearer|basic|oauth|access|refresh|blank|field|value|denied|"
    r"forbidden|changed|updated|encrypted|plaintext|sensitive|generated|manager|store)"
    r"(?:$|[-_. /:!?])"
)
_IDENTIFIER = re.compile(r"_*[A-Za-z]+(?:[._][A-Za-z]*)*[0-9]{0,2}")
_WORD = re.compile(r"[a-z]+|[A-Z]?[a-z]+")
_PLAIN_WORDS = re.compile(
    r"[a-z]+(?:[-_.][a-z]+)+|[A-Z]+(?:[-_.][A-Z]+)+|[a-z]+[A-Z][A-Za-z]*"
)
_NUMBER = re.compile(r"[-+]?[0-9][0-9_,.]*(?:[smhd]|ms|[kKMG]i?B?)?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ].*)?")
_SHORTEST = {"password": 6}
_USUAL = 8


def plausible(value: str, kind: str, *, quoted: bool, literal: bool = False) -> bool:
    """Tell whether the value can be a secret.

    Args:
        value: what is assigned, without its quotes.
        kind: what the name promises (`secretscope.redaction._names.kind_of`).
        quoted: whether it stands in quotes, so that it is no code.
        literal: whether it is unquoted and yet no code, as in a shell.
    """
    shortest = _SHORTEST.get(kind, _USUAL) if quoted or literal else _USUAL
    if len(value) < shortest or len(set(value)) <= 2:  # noqa: PLR2004 - xxxx, ****
        return False
    if _stands_for(value):
        return False
    if _DIGIT.search(value) is None:
        return quoted and _letters(value, kind)
    if _NUMBER.fullmatch(value):
        return kind == "password" and value.isdigit()
    return quoted or literal or _IDENTIFIER.fullmatch(value) is None


def _stands_for(value: str) -> bool:
    """Tell whether it is a template, a place, a date or a saying, not the secret."""
    return (
        "[REDACTED" in value
        or _TEMPLATE.match(value) is not None
        or _ELSEWHERE.match(value) is not None
        or _DATE.fullmatch(value) is not None
        or (_WORDY.fullmatch(value) is not None and _says_so(value))
    )


def _says_so(value: str) -> bool:
    if _PLACEHOLDER.search(value):
        return True
    return _SAYING.search(value) is not None and len(_DIGIT.findall(value)) <= 2  # noqa: PLR2004 - v2


def _letters(value: str, kind: str) -> bool:
    """Judge a quoted value without a digit: a word, a name, or a secret?"""
    if kind == "password":
        return True
    return not (_WORD.fullmatch(value) or _PLAIN_WORDS.fullmatch(value))


def placeholder(value: str) -> bool:
    """Tell whether a value stands for a secret, as in a manual's example."""
    return (
        len(set(value)) <= 1
        or value.lower() in _STANDS_FOR
        or "[REDACTED" in value
        or _TEMPLATE.match(value) is not None
        or (_WORDY.fullmatch(value) is not None and bool(_PLACEHOLDER.search(value)))
    )


_STANDS_FOR = frozenset(
    ("password", "passwd", "pass", "pwd", "pw", "secret", "token", "xxx", "...", "key")
)
