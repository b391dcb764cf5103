"""Secrets that are assigned to a name: in shell, JSON, YAML, code, queries, headers."""

from __future__ import annotations

import re
from collections.abc import Iterator

from secretscope.redaction._marker import OPENS, behind_marker
from secretscope.redaction._names import kind_of, may_be_key
from secretscope.redaction._plausible import drawn, placeholder, plausible
from secretscope.redaction._shape import Span

_FARTHEST = 144
"""How far before the ``=`` a name may begin, in characters."""
_NAME_BACKWARDS = re.compile(
    r"(?:[ \t]{0,8}rts[ \t]{0,2}(?=:):)?"  # `name: str = ...`, read from the right
    r"[ \t]{0,32}\]?(?:[\"'`]\\{0,7})?([A-Za-z0-9_.-]{2,64})(.{0,2})",
    re.DOTALL,
)
_OPENING = re.compile(
    r"(?::=|=>|[:=])[ \t]{0,16}(?:\[[ \t]{0,4}(?!REDACTED))?"  # a list of one
    r"(?:[bBrRuU]{1,2}(?=[\"']))?(?:(\\{0,7})([\"'`]))?"
)
_QUOTED = {
    quote: re.compile(rf"(?:[^{quote}\\\s]|\\[^\s]){{1,512}}")
    for quote in ('"', "'", "`")
}
_ESCAPED = re.compile(r"[^\"'`\\\s]{1,512}")
_BARE = re.compile(r"[^\s\"'`<>(){}\[\],;&|\\]{1,512}")
_SHELL = re.compile(r"(?:[^\s\"'`<>\\&|;]|&(?![&\s]|[\w.%-]{1,40}=)){1,512}")
_IN_QUERY = re.compile(r"[^\s\"'`<>\\&;#,()\[\]]{1,512}")
_LINE = re.compile(
    r"[^\s\"'`<>()\[\]{}\\]{5,511}[^\s\"'`<>()\[\]{}\\,;](?=[\r\n]|\\n|\Z)"
)
"""What fills the rest of a line, as in YAML."""
_REST = re.compile(r"[^\s\"'`\\&;,<>]+")
_LONG = 512
_CODE = frozenset("([{")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9-]{2,20})[ \t]{1,4}")
_CREDENTIAL = re.compile(r"[A-Za-z0-9._~+/=|:$%-]{8,512}")
_PAIR = re.compile(r"[ \t]*([^\s=;,\"'\\\[\]]{1,128})=([^\s;,\"'\\]{0,512})")
_NEXT = re.compile(r"(?:(?![Cc]ookie|COOKIE)[^;\"'\\\r\n]){0,512};")
"""Up to the next pair; another header of cookies is found for itself."""
_XML = re.compile(r">([^<>\s\"']{6,512})</")
_WORDS = re.compile(r"[A-Za-z]+(?:[/_.-][A-Za-z]+)*+")
_SHORTEST = 8
"""Cookies of fewer characters say how a page looks."""
_NOT_SECRET = frozenset(
    ("path", "domain", "expires", "max-age", "samesite", "version", "priority")
)


def name_before(text: str, at: int) -> tuple[str, str]:
    """Return the name that ends before `at`, and the character before it.

    What stands behind ``::`` names a type, and is no name of a value.
    """
    found = _NAME_BACKWARDS.match(text[max(0, at - _FARTHEST) : at][::-1])
    if found is None or found.group(2) == "::":
        return "", ""
    if _cut(text, at - found.end(1), at - found.start(1)):
        return "", ""
    return found.group(1)[::-1], found.group(2)[:1]


def _cut(text: str, start: int, end: int) -> bool:
    """Tell whether a name may be another: its begin was masked, or it is a marker's."""
    colon = text.endswith(":", 0, start)  # perhaps one of two
    return any(behind_marker(text, at) for at in (start, start - colon, end + 1))


def name_apart(text: str, end: int) -> str:
    """Return the name that ends before `end`: of ``API key``, both words."""
    name, before = name_before(text, end)
    if before != " " or name.lower() != "key":
        return name
    head = text[max(0, end - _FARTHEST) : end].rstrip(" \t\"'`]")[: -len(name)].rstrip()
    return f"{name_before(head, len(head))[0]}_key"


def assigned(text: str, at: int) -> Iterator[Span]:
    """Yield the secret that is assigned by the ``=``, ``:`` or ``>`` at `at`."""
    name, before = name_before(text, at)
    kind = kind_of(name) if name else ""
    if not kind:
        yield from _some_key(text, at, name, before)
        return
    if text[at] == ">":
        found = _XML.match(text, at)
        if found and before == "<" and plausible(found.group(1), kind, quoted=True):
            yield found.span(1)
        return
    opening = _OPENING.match(text, at)
    if opening is None or text.startswith(("==", "::", "=~"), at):
        return
    if before in ("/", ":") and text[at] == ":":
        return  # the user of a URL, whose password is another's matter; an ARN
    if opening.group(2):
        span = _quoted(text, opening, kind)
    else:
        shell = name.upper() == name and opening.end() == at + 1 and text[at] == "="
        value = _IN_QUERY if before in ("?", "&") else _SHELL if shell else _BARE
        span = _line(text, opening, kind) if value is _BARE else None
        span = span or _bare(text, opening.end(), kind, value)
    if span is not None:
        yield span


def _some_key(text: str, at: int, name: str, before: str) -> Iterator[Span]:
    """Yield the value of ``ACME_KEY=`` or ``API key:``, if it looks drawn at random."""
    opening = _OPENING.match(text, at)
    if opening is None or text.startswith(("==", "::", "=~"), at):
        return
    if before == " " and kind_of(name_apart(text, at)):
        bare = opening.group(2) is None
        span = (_apart if bare else _quoted)(text, opening, "key")
        if span is not None:
            yield span
        return
    value = _CREDENTIAL.match(text, opening.end()) if may_be_key(name) else None
    if value is not None and drawn(value.group(), hexadecimal=name.isupper()):
        yield value.span()


def _apart(text: str, opening: re.Match[str], kind: str) -> Span | None:
    return _bare(text, opening.end(), kind, _BARE)


def _line(text: str, opening: re.Match[str], kind: str) -> Span | None:
    """Return a password that fills the line after ``password:``; it is no code."""
    if kind != "password" or opening.group()[0] != ":":
        return None
    value = _LINE.match(text, opening.end())
    if value is None or not plausible(value.group(), kind, quoted=False, literal=True):
        return None
    return value.span()


def _quoted(text: str, opening: re.Match[str], kind: str) -> Span | None:
    escape, quote = opening.groups()
    value = (_ESCAPED if escape else _QUOTED[quote]).match(text, opening.end())
    if value is None:
        return None
    start, end = value.span()
    if end - start == _LONG:
        end = _to_the_end(text, end)
    whole = not text[end : end + 1].isspace()
    if plausible(value.group(), kind, quoted=whole):
        return start, end
    return None


def _bare(text: str, start: int, kind: str, value: re.Pattern[str]) -> Span | None:
    matched = value.match(text, start)
    if matched is None:
        return None
    found, end = matched.group(), matched.end()
    if text.startswith(OPENS, end):
        return None
    if value is _BARE:
        if text[end : end + 1] in _CODE:
            return None
        found = found.rstrip(".:!?")
    else:
        found = found.rstrip(".,)]}")
    if not plausible(found, kind, quoted=False, literal=value is not _BARE):
        return None
    if end - start == _LONG:
        return start, _to_the_end(text, end)
    return start, start + len(found)


def _to_the_end(text: str, end: int) -> int:
    rest = _REST.match(text, end)
    return rest.end() if rest else end


def authorization(text: str, at: int) -> Iterator[Span]:
    """Yield what follows ``Authorization:`` and its scheme."""
    name, _ = name_before(text, at)
    opening = _OPENING.match(text, at)
    if opening is None or not name.lower().endswith("authorization"):
        return
    start = opening.end()
    scheme = _SCHEME.match(text, start)
    if scheme is not None:
        if scheme.group(1).upper().startswith(("AWS4", "DIGEST", "HAWK", "OAUTH")):
            return
        start = scheme.end()
    value = _CREDENTIAL.match(text, start)
    if value is not None and _credential(value.group(), quoted=bool(opening.group(2))):
        yield value.span()


def _credential(value: str, *, quoted: bool) -> bool:
    return plausible(value, "token", quoted=quoted) and not placeholder(value)


def cookies(text: str, at: int) -> Iterator[Span]:
    """Yield the values of a ``Cookie`` or ``Set-Cookie`` header."""
    name, _ = name_before(text, at)
    opening = _OPENING.match(text, at)
    if opening is None or name.lower() not in ("cookie", "set-cookie", "cookies"):
        return
    start, end = opening.end(), opening.end() + 8 * _LONG
    while start < end and (pair := _PAIR.match(text, start)):
        name, value = pair.groups()
        if OPENS in pair.group():
            return
        if len(value) >= _SHORTEST and not (
            name.lower() in _NOT_SECRET
            or placeholder(value)
            or _WORDS.fullmatch(value.rstrip("`"))
        ):
            yield pair.span(2)
        following = _NEXT.match(text, pair.end())
        if following is None or OPENS in following.group():
            return
        start = following.end()
