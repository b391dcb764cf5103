"""Whether what is assigned to a sensitive name can be the secret itself."""

from __future__ import annotations

import binascii
import re

_DIGIT = re.compile(r"[0-9]")
_TEMPLATE = re.compile(
    r"\$\(|\$\{|\{\{|%\(|<|\$[A-Za-z_][A-Za-z0-9_.]*$|%[A-Za-z_]+%$|%[sdrv]$"
    r"|\{[A-Za-z0-9_.:!\[\]'\"]*\}$|@[A-Za-z_]+@$|\[[A-Z]|\(\?|[\w.-]*\*[\w.*-]*$"
    r"|[aA]-[zZ]"
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
_IDENTIFIER = re.compile(
    r"_*[A-Za-z]+(?:[._][A-Za-z]*)*[0-9]{0,2}|[A-Z][a-z]+[0-9]{0,5}(?:[A-Z][a-z]{2,})+"
    r"|[A-Za-z_]+(?:\$\w+)+"
)
_WORD = re.compile(r"[a-z]+|[A-Z]?[a-z]+")
_PLAIN_WORDS = re.compile(
    r"_*[a-z]+(?:[-_.][a-z]+)+_*|[A-Z]+(?:[-_.][A-Z]+)+|[a-z]+[A-Z][A-Za-z]*"
    r"|(?:[A-Z][a-z]{2,}){2,}"
)
_NUMBER = re.compile(r"[-+]?[0-9][0-9_,.]*(?:[smhd]|ms|[kKMG]i?B?)?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ].*)?")
_SHORTEST = {"password": 6}
_USUAL = 8
_PIECES = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_LONG, _CHOPPED = 16, 2.8
_TOKEN = re.compile(r"[A-Za-z0-9+/=_-]{20,512}")
_HEX = re.compile(
    r"(?i)(?=[a-f]*[0-9])(?:[a-f0-9]{32,128}|[a-f0-9]{8}(?:-[a-f0-9]{4}){3}-[a-f0-9]{12})"
)
_WITHIN = re.compile(r"[A-Za-z][0-9]+[A-Za-z]")


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
        return (quoted and _letters(value, kind)) or _jumbled(value)
    if _NUMBER.fullmatch(value):
        return kind == "password" and value.isdigit()
    return quoted or literal or _IDENTIFIER.fullmatch(value) is None


def drawn(value: str, *, hexadecimal: bool = False) -> bool:
    """Tell whether a value was drawn at random, whatever its name promises.

    Args:
        value: of 20 characters and more.
        hexadecimal: whether digests and UUIDs count as drawn.
    """
    if _TOKEN.fullmatch(value) is None or _stands_for(value):
        return False
    if hexadecimal and _HEX.fullmatch(value):
        return True
    cases = any(map(str.isupper, value)) and any(map(str.islower, value))
    return cases and _DIGIT.search(value) is not None and _chopped(value)


def told(value: str) -> bool:
    """Tell whether a word of prose, "the token is ...", is a secret and no word."""
    return (
        len(value) >= _LONG
        and _WITHIN.search(value) is not None
        and not value.lower().startswith(("base64", "base32", "http"))
        and not _stands_for(value)
    )


def _chopped(value: str) -> bool:
    """Tell what was drawn at random from words by its pieces: capitals, digits, the rest."""
    pieces = _PIECES.findall(value)
    size = sum(map(len, pieces))
    return size >= _LONG and size < _CHOPPED * len(pieces)


def _jumbled(value: str) -> bool:
    """Tell whether letters alone were drawn at random, and are no words."""
    return value.isalpha() and value.isascii() and _chopped(value)


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
        return not _chopped(_PLACEHOLDER.sub("", value))
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
        or (
            _WORDY.fullmatch(value) is not None
            and bool(_PLACEHOLDER.search(value))
            and not _chopped(_PLACEHOLDER.sub("", value))
        )
    )


_STANDS_FOR = frozenset(
    ("password", "passwd", "pass", "pwd", "pw", "secret", "token", "xxx", "...", "key")
)


def user_and_password(found: str) -> bool:
    """Tell whether it decodes to ``user:password``, and is no word of prose."""
    try:
        plain = binascii.a2b_base64(found + "=" * (-len(found) % 4))
    except binascii.Error:
        return False
    return b":" in plain and len(plain) > 2 and plain.isascii()  # noqa: PLR2004 - a:b
