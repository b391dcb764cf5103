"""Secrets that commands are given: ``--password x``, ``curl -u user:x``, ``sshpass -p x``."""

from __future__ import annotations

import re
from collections.abc import Iterator

from secretscope.redaction._marker import OPENS, since_marker
from secretscope.redaction._names import kind_of
from secretscope.redaction._plausible import placeholder, plausible
from secretscope.redaction._shape import Span

_FLAG = re.compile(
    r"(?<![A-Za-z0-9\]-])--([a-z][a-z0-9-]{1,40})[ \t]{1,4}([\"']?)([^\s\"'`]{6,512})"
)
_LOOKBACK = 200
"""How far before an option its command may stand, in characters, on the same line."""
_USER = re.compile(
    r"-(?:u|-user|-proxy-user)(?:[ \t]{1,4}|=)?[\"']?[^\s:\"'/]{1,128}:([^\s\"'`]{3,256})"
)
_PASSWORD = re.compile(r"-[pa][ \t]{1,4}[\"']?([^\s\"'`-][^\s\"'`]{3,255})")
_GLUED = re.compile(r"-p[\"']?([^\s\"'`]{4,256})")
_WHO = {
    command: re.compile(rf"(?<![\w\]-])(?:{names})(?=[ \t])[^\n;|]*\Z")
    for command, names in (
        (_USER, "curl|wget|https?|xh|httpie"),
        (
            _PASSWORD,
            "sshpass|redis-cli|(?:docker|podman|nerdctl|buildah|skopeo|helm|oras)[^\\n;|]{1,80}login",
        ),
        (_GLUED, "mysql|mysqldump|mysqladmin|mysqlimport|mariadb|mariadb-dump"),
    )
}


def option(text: str, at: int) -> Iterator[Span]:
    """Yield the secret that an option, which begins at `at`, is given."""
    found = _FLAG.match(text, at)
    if found is not None:
        kind = kind_of(found.group(1))
        quoted = bool(found.group(2))
        if kind and plausible(found.group(3), kind, quoted=quoted, literal=True):
            yield found.span(3)
            return
    if text[at - 1 : at] not in ("", " ", "\t"):
        return
    before = since_marker(text, max(0, at - _LOOKBACK), at)
    for command, who in _WHO.items():
        given = command.match(text, at)
        if (
            given
            and who.search(before)
            and OPENS not in given.group()
            and not placeholder(given.group(1))
        ):
            yield given.span(1)
