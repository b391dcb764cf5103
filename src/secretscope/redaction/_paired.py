"""Secrets apart from their name: pairs, attributes, encoded documents, netrc, prose."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from secretscope.redaction._assigned import name_apart
from secretscope.redaction._marker import since_marker
from secretscope.redaction._names import kind_of
from secretscope.redaction._plausible import plausible, told
from secretscope.redaction._shape import Span

_Q = r"\\{0,7}[\"']"
TUPLE = r"[\"'],[ \t]{0,8}b?[\"']"
"""A name and its value as two texts: ``("x-api-key", "...")``."""
NAMED = (
    rf"(?:{_Q})?(?:</name>)?(?:\s|,|\\[nrt]){{0,24}}<?(?:{_Q})?"
    rf"[vV]alue(?:{_Q})? ?[:=>][ \t]{{0,8}}"
)
"""A name that is a value itself: ``name="...", value=``, as Kubernetes has it."""
ENCODED = (
    r"(?:(?:%22)?%3(?:[aA]|[dD])(?:%20)?(?:%22)?|&(?:quot|\#34);: ?&(?:quot|\#34);)"
)
"""An assignment in a form or a page: ``%22password%22%3A%22``."""
APART = r"[ \t]{1,8}(?:is:?[ \t]{1,4})?"
"""As in netrc, in a Dockerfile's ``ENV``, and in prose."""

_VALUES: dict[str, re.Pattern[str]] = {
    TUPLE: re.compile(rf"{TUPLE}([^\"'\\\s]{{8,512}})(?=[\"'])"),
    NAMED: re.compile(
        rf"{NAMED}(?:({_Q})([^\"'\\\s<>]{{6,512}})|([^\s\"'\\<>,}}]{{6,512}}))"
    ),
    ENCODED: re.compile(
        rf"{ENCODED}((?:[A-Za-z0-9._~+/!*$@-]|%(?!22|26|2[cC]|7[dD]|3[bB]|0(?:[aA]|[dD])|20)[0-9A-Fa-f]{{2}}){{6,512}})"
    ),
    APART: re.compile(rf"{APART}([\"'`]?)([^\s\"'`<>]{{4,512}})"),
}
_LOGIN = re.compile(r"(?<![\w\]-])login\s{1,16}\S{1,128}\s{1,16}\Z")
_SET = re.compile(
    r"(?:\A|[\s\"'`])(?:ENV|ARG|setx|set[ \t]{1,4}-[A-Za-z]{1,4})[ \t]{1,8}\Z"
)
_LOOKBACK = 200
_LONG = 16
"""Shorter texts beside a name, unless it is a password's, are names themselves."""


def paired(text: str, end: int) -> Iterator[Span]:
    """Yield the secret whose name ends before `end`, and stands apart from it."""
    name = name_apart(text, end)
    kind = kind_of(name)
    if not kind:
        return
    for between, judge in _WAYS.items():
        found = _VALUES[between].match(text, end)
        span = judge(text, found, kind, end - len(name)) if found else None
        if span is not None:
            yield span
            return


def _tuple(_text: str, found: re.Match[str], kind: str, _start: int) -> Span | None:
    value = found.group(1)
    told_so = any(map(str.isdigit, value)) and plausible(value, kind, quoted=True)
    long = kind == "password" or len(value) >= _LONG
    return found.span(1) if long and told_so else None


def _named(_text: str, found: re.Match[str], kind: str, _start: int) -> Span | None:
    value = 2 if found.group(1) else 3
    quoted = value == 2  # noqa: PLR2004 - its number
    if plausible(found.group(value), kind, quoted=quoted, literal=True):
        return found.span(value)
    return None


def _encoded(_text: str, found: re.Match[str], kind: str, _start: int) -> Span | None:
    if plausible(found.group(1), kind, quoted="2" in found.group(), literal=True):
        return found.span(1)
    return None


def _apart(text: str, found: re.Match[str], kind: str, start: int) -> Span | None:
    value = found.group(2)
    before = since_marker(text, max(0, start - _LOOKBACK), start)
    if "is" in found.group()[: -len(value)]:
        value = value.rstrip(".,:;!?)]}")
        told_so = told(value)
    elif kind == "password" and _LOGIN.search(before):
        told_so = ")" not in value and plausible(value, kind, quoted=True)
    else:
        named = text[start : found.start()]
        told_so = (
            named.isupper()
            and _SET.search(before) is not None
            and plausible(value, kind, quoted=False, literal=True)
        )
    low = found.start(2)
    return (low, low + len(value)) if told_so else None


_WAYS: dict[str, Callable[[str, re.Match[str], str, int], Span | None]] = {
    TUPLE: _tuple,
    NAMED: _named,
    ENCODED: _encoded,
    APART: _apart,
}
