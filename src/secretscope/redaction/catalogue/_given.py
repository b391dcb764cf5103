"""Secrets that what is said beside them gives away: names, headers, options."""

import re
from collections.abc import Callable, Iterator

from secretscope.redaction._assigned import assigned, authorization, cookies
from secretscope.redaction._commands import option
from secretscope.redaction._context import Context
from secretscope.redaction._paired import ENCODED, NAMED, TUPLE, paired
from secretscope.redaction._plausible import drawn, user_and_password
from secretscope.redaction._shape import Span

_RFC9110 = "https://www.rfc-editor.org/rfc/rfc9110#name-authorization"
_RFC6265 = "https://www.rfc-editor.org/rfc/rfc6265"

_BETWEEN = r"(?:[ \t]{0,8}:[ \t]{0,2}str)?[\x22'`\x5c\]]{0,9}[ \t]{0,32}[:=>]"
"""What may stand between a name's last letter and the sign that assigns."""
_APART = (
    rf"(?:{TUPLE}|{NAMED}|{ENCODED}|[ \t]{{1,8}}is[ \t:]"
    r"|(?<=[A-Z])[ \t]{1,8}[^\s=:]|(?<=ssword)[ \t]{1,8}[^\s=:])"
)
"""What may stand between a name and its value without a sign that assigns."""
_EITHER = f"(?:{_BETWEEN}|{_APART})"
"""One gate for the two contexts: it is tried at every pivot."""
_ENDINGS = {
    "k": "e(?:y(?:_base|[_-]?data)?|n)",
    "w": "(?:or)?d|t|(?<=pw)",
    "c": "ode|re(?:d(?:ential)?s?|ts?)",
    "p": "a(?:ss(?:phrase)?|t)",
    "b": "earer",
}
"""How the names that `kind_of` knows end, from their rarest letter on."""
_NAMES = (
    "key(?:_base|[_-]?data)?|ken|word|wd|pw|jwt|code|creds?|credentials?|rets?|pass|passphrase"
    "|pat|bearer"
)
_HEADERS = {"z": "ation", "k": "ies?"}


def _by_pivot(endings: dict[str, str]) -> dict[str, str]:
    """Write how names end from a small letter on, and from a capital."""
    return endings | {
        pivot.upper(): f"(?:{ending}|{ending.upper()})"
        for pivot, ending in endings.items()
    }


def _gates(endings: dict[str, str], between: str) -> dict[str, str]:
    """Write the gates for names: the rest of the name, and what stands between."""
    return {
        pivot: f"(?:{ending}){between}" for pivot, ending in _by_pivot(endings).items()
    }


def _by_name(
    find: Callable[[str, int], Iterator[Span]],
    endings: dict[str, str],
    between: str = _BETWEEN,
) -> Callable[[str, int], Iterator[Span]]:
    """Let `find`, which begins at the sign, or at the name's end, begin at the pivot."""
    reach = re.compile(
        "|".join(
            f"{pivot}(?:{ending})(?={between})"
            for pivot, ending in _by_pivot(endings).items()
        )
    )
    to_sign = re.compile(between) if between == _BETWEEN else None

    def at_name(text: str, at: int) -> Iterator[Span]:
        reached = reach.match(text, at)
        if reached is not None:
            end = reached.end()
            sign = to_sign.match(text, end) if to_sign else None
            yield from find(text, sign.end() - 1 if sign else end)

    return at_name


DASHES = {"-": "(?:(?=-(?:--(?:-BEGIN|[ -]BEGIN)|[a-z]))(?<!--)|(?<=[ \\t]-)(?=[upa]))"}
"""A key in PEM and an option both begin with dashes: one look for the two."""
_QUERY = re.compile(r"[&?](?:sig|X-(?:Amz|Goog)-Signature)=([A-Za-z0-9%+/=_-]{16,512})")
_KEY = re.compile(r"[&?]key=([A-Za-z0-9_-]{20,512})(?![A-Za-z0-9%/.])")
_DOCKER_AUTH = re.compile(
    r"(?<=aut)h(\\{0,7})\"[ \t]?:[ \t]{0,4}\1\"([A-Za-z0-9+/]{8,512}={0,2})(?=\1\")"
)
_NPM_AUTH = re.compile(r"_auth[ \t]{0,4}[=:][ \t]{0,4}\"?([A-Za-z0-9+/]{8,512}={0,2})")


def _matched(
    expression: re.Pattern[str], check: Callable[[str], bool] = bool
) -> Callable[[str, int], Iterator[Span]]:
    def find(text: str, at: int) -> Iterator[Span]:
        found = expression.match(text, at)
        if found is not None and check(found.group(found.re.groups)):
            yield found.span(found.re.groups)

    return find


GIVEN = (
    Context(
        "authorization",
        _RFC9110,
        _by_name(authorization, _HEADERS),
        gates=_gates({"z": _HEADERS["z"]}, _BETWEEN),
        sieve=(rf"(?i)ization{_BETWEEN}",),
        width=80,
        examples=(
            "Authorization: Token " + "fake0token1fake2",
            "Authorization: " + "fake0token1fake2",
        ),
        counter_examples=("Authorization: required", "authorization: Bearer <token>"),
    ),
    Context(
        "cookie",
        _RFC6265,
        _by_name(cookies, _HEADERS),
        gates=_gates({"k": _HEADERS["k"]}, _BETWEEN),
        sieve=(rf"(?i)ookies?{_BETWEEN}",),
        width=80,
        examples=("Cookie: session=" + "fake0session1; theme=dark",),
        counter_examples=("Cookie: none", "cookies: a story"),
    ),
    Context(
        "assignment",
        "https://cwe.mitre.org/data/definitions/798.html",
        _by_name(assigned, _ENDINGS),
        gates=_gates(_ENDINGS, _EITHER),
        sieve=(rf"(?i)(?:{_NAMES}){_BETWEEN}",),
        width=88,
        examples=(
            "ACME_API_KEY=" + "fake0key1fake2",
            '"password": "' + "fake0pass1" + '"',
        ),
        counter_examples=(
            "token = next(tokens)",
            'api_key=os.environ["ACME_API_KEY"]',
            "password: ${DB_PASSWORD}",
            '"next_page_token": "abc123def456"',
            "api_key = settings.api_key",
            '"max_tokens": 4096',
        ),
    ),
    Context(
        "paired",
        "https://cwe.mitre.org/data/definitions/798.html",
        _by_name(paired, _ENDINGS, _APART),
        gates=_gates(_ENDINGS, _EITHER),
        sieve=(
            rf"(?i)(?:{_NAMES})[\x22'],",
            *(rf"alue{quote}[:=>]" for quote in ("", " ", r"[\x22']", r"[\x22'] ")),
            r"alue\x5c",
            rf"(?i)(?:{_NAMES})(?:(?:%22)?%3[ad]|&(?:quot|\x2334);:)",
            r"ssword[ \t]{1,8}[^\s=:]",
            rf"(?i)(?:{_NAMES})[ \t]{{1,8}}is[ \t:]",
            rf"(?:{_NAMES.upper()})[ \t]{{1,8}}[^\s=:]",
        ),
        width=128,
        examples=(
            "('x-api-key', '" + "f4ke0key1Fake2key3" + "')",
            '{"name": "DB_PASSWORD", "value": "' + "f4ke0pass1" + '"}',
            "%22password%22%3A%22" + "f4ke0pass1" + "%22",
            "machine a.example login me password " + "f4ke0pass1",
            "ENV API_KEY " + "f4ke0key1fake2",
            "the token is " + "f4ke0token1fake2token3.",
        ),
        counter_examples=(
            "the password is wrong",
            "your token is base64url-encoded-v2",
            '("api_key", "client_secret")',
            "token value: none",
        ),
    ),
    Context(
        "option",
        "https://cwe.mitre.org/data/definitions/214.html",
        option,
        gates=DASHES,
        sieve=(
            r"--[a-z][a-z0-9-]{1,40}[ \t]",
            r"[ \t]-(?:u|-user|-proxy-user)[ \t\x22'=]{0,5}[^\s:\x22'\x2f]{1,128}:",
            r"[ \t]-[pa][ \t\x22']{0,5}[^\s]",
        ),
        width=160,
        examples=(
            "--password " + "fake0pass1",
            "curl -u me:" + "fake0pass1 https://api.example",
            "sshpass -p " + "fake0pass1 ssh a.example",
            "mysql -u root -p" + "fake0pass1 db",
        ),
        counter_examples=(
            "--token-file secrets/token1.txt",
            "--password-stdin",
            "docker run -u 1000:1000 image",
            "cp -p a12345.txt b12345.txt",
            "curl -u me:$TOKEN https://api.example",
        ),
    ),
    Context(
        "npm-auth",
        "https://docs.npmjs.com/cli/configuring-npm/npmrc#auth-related-configuration",
        _matched(_NPM_AUTH, user_and_password),
        gates={"_": "(?=auth[ =:])"},
        sieve=(r"_auth[ \t]{0,4}[=:]",),
        width=16,
        examples=("//registry.example.com/:_auth=" + "ZmFrZTpmYWtl",),
    ),
    Context(
        "docker-auth",
        "https://docs.docker.com/reference/cli/docker/login/",
        _matched(_DOCKER_AUTH, user_and_password),
        gates={"h": r"(?<=auth)(?=\x5c{0,7}\x22)"},
        sieve=(r"auth\x5c{0,7}\x22[ \t]?:",),
        width=20,
        examples=(
            '{"auths":{"a.example":{"auth":"' + "ZmFrZTpmYWtlcGFzc3dvcmQx" + '"}}}',
        ),
        counter_examples=('{"auth":"required", "kind":"auth"}',),
    ),
    Context(
        "query-key",
        "https://cloud.google.com/docs/authentication/api-keys-use",
        _matched(_KEY, drawn),
        gates=dict.fromkeys("&?", "(?=key=)"),
        sieve=("[&?]key=[A-Za-z0-9_-]{12}",),
        width=20,
        examples=("/v1/maps?key=" + "f4Ke0kEy1Fa2KeY3keY4",),
        counter_examples=("/a?key=" + "d41d8cd98f00b204e9800998ecf8427e",),
    ),
    Context(
        "signed-url",
        "https://learn.microsoft.com/en-us/azure/storage/common/storage-sas-overview",
        _matched(_QUERY),
        gates=dict.fromkeys("&?", "(?=sig=|X-Amz-Signature=|X-Goog-Signature=)"),
        sieve=(r"[&?](?:sig|X-Amz-Signature|X-Goog-Signature)=",),
        width=24,
        examples=(
            "https://a.blob.core.windows.net/c?sv=1&sig=" + "fake0sig1fake2sig3",
        ),
    ),
)
