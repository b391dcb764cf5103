"""Shapes of no single maker: headers, URLs, keys in PEM, assignments."""

import binascii
import re
from collections.abc import Callable, Iterator

from secretscope.redaction._assigned import assigned, authorization, cookies, flag
from secretscope.redaction._context import Context
from secretscope.redaction._plausible import placeholder
from secretscope.redaction._shape import Shape, Span
from secretscope.redaction.catalogue._alphabets import URL

_RFC6750 = "https://www.rfc-editor.org/rfc/rfc6750"
_RFC7617 = "https://www.rfc-editor.org/rfc/rfc7617"
_RFC9110 = "https://www.rfc-editor.org/rfc/rfc9110#name-authorization"
_RFC6265 = "https://www.rfc-editor.org/rfc/rfc6265"
_RFC7519 = "https://www.rfc-editor.org/rfc/rfc7519"
_RFC7468 = "https://www.rfc-editor.org/rfc/rfc7468"
_RFC3986 = "https://www.rfc-editor.org/rfc/rfc3986#section-3.2.1"

_BETWEEN = r"(?:[ \t]{0,8}:[ \t]{0,2}str)?[\x22'`\x5c\]]{0,9}[ \t]{0,32}[:=>]"
"""What may stand between a name's last letter and the sign that assigns."""
_ENDINGS = {
    "k": "(?:ey|en|EY|EN)",
    "w": "(?:or)?d|t|(?:OR)?D|T",
    "c": "ode|red(?:ential)?s?|rets?|ODE|RED(?:ENTIAL)?S?|RETS?",
    "p": "ass(?:phrase)?|at|ASS(?:PHRASE)?|AT",
    "b": "earer|EARER",
}
"""How the names that `kind_of` knows end, from their rarest letter on."""
_HEADERS = {"z": "ation|ATION", "k": "ies?|IES?"}


def _gates(endings: dict[str, str]) -> dict[str, str]:
    """Write the gates for names: the rest of the name, and the sign that assigns."""
    return {
        pivot: f"(?=(?:{ending}){_BETWEEN})"
        for small, ending in endings.items()
        for pivot in (small, small.upper())
    }


def _by_name(
    find: Callable[[str, int], Iterator[Span]], endings: dict[str, str]
) -> Callable[[str, int], Iterator[Span]]:
    """Let `find`, which begins at the sign, begin at the pivot of the name."""
    to_sign = re.compile(
        "|".join(
            f"[{small}{small.upper()}](?:{ending}){_BETWEEN}"
            for small, ending in endings.items()
        )
    )

    def at_name(text: str, at: int) -> Iterator[Span]:
        reached = to_sign.match(text, at)
        if reached is not None:
            yield from find(text, reached.end() - 1)

    return at_name


_DASHES = {"-": "(?=-(?:---BEGIN |[a-z]))(?<!--)"}
"""A key in PEM and an option both begin with dashes: one look for the two."""
_QUERY = re.compile(r"[&?](?:sig|X-(?:Amz|Goog)-Signature)=([A-Za-z0-9%+/=_-]{16,512})")
_NPM_AUTH = re.compile(r"_auth[ \t]{0,4}[=:][ \t]{0,4}\"?([A-Za-z0-9+/]{8,512}={0,2})")


def _matched(expression: re.Pattern[str]) -> Callable[[str, int], Iterator[Span]]:
    def find(text: str, at: int) -> Iterator[Span]:
        found = expression.match(text, at)
        if found is not None:
            yield found.span(1)

    return find


def _basic(found: str) -> bool:
    """Tell whether it decodes to ``user:password``, and is no word of prose."""
    try:
        plain = binascii.a2b_base64(found + "=" * (-len(found) % 4))
    except binascii.Error:
        return False
    return b":" in plain and len(plain) > 2 and plain.isascii()  # noqa: PLR2004 - a:b


_FARTHEST = 600
_USER = re.compile(
    r"[A-Za-z0-9]://[^\s/?#:@\"'<>\\]{0,256}:([^\s/?#\"'<>\\]{1,256})@(?=[\w\[.%-])"
)


def _in_url(text: str, at: int) -> Iterator[Span]:
    begins = text.rfind("://", max(0, at - _FARTHEST), at)
    found = _USER.match(text, begins - 1) if begins > 0 else None
    if found is not None and not placeholder(found.group(1)):
        yield found.span(1)


_PEM = re.compile(
    r"-----BEGIN (?:[A-Z0-9]+ ){0,4}PRIVATE KEY(?: BLOCK)?-----"
    r"(?:\s|\\+[nr]|[\"'+,]){1,64}(?:[A-Za-z][A-Za-z-]{3,20}: |[A-Za-z0-9+/=]{8})"
)
_PEM_END = re.compile(r"-----END (?:[A-Z0-9]+ ){0,4}PRIVATE KEY(?: BLOCK)?-----")


def _pem(text: str, at: int) -> Iterator[Span]:
    if _PEM.match(text, at):
        end = _PEM_END.search(text, at)
        yield at, end.end() if end else len(text)


GENERAL: tuple[Shape | Context, ...] = (
    Shape(
        "jwt",
        "eyJ",
        rf"{URL}{{8,}}+\.(?:eyJ{URL}{{4,}}+(?:\.{URL}*+)?|{URL}*+\.{URL}{{8,}}+\.{URL}{{8,}}+\.{URL}{{8,}}+)",
        _RFC7519,
        left="A-Za-z0-9_-",
        right="",
    ),
    Shape(
        "bearer",
        ("Bearer ", "bearer ", "BEARER "),
        r" {0,3}(?P<secret>(?=[A-Za-z._~+/=|:-]*[0-9])[A-Za-z0-9._~+/|:-]{16,}+={0,2})",
        _RFC6750,
        right="",
        examples=("Bearer " + "fake0Token1fake2Token3",),
        counter_examples=("Bearer authentication-is-required", "bearer tokens expire"),
    ),
    Shape(
        "basic",
        ("Basic ", "basic ", "BASIC "),
        r" {0,3}(?P<secret>[A-Za-z0-9+/]{8,}+={0,2})",
        _RFC7617,
        check=_basic,
        right="",
        examples=("Basic " + "ZmFrZTpmYWtlcGFzc3dvcmQx",),
        counter_examples=("Basic authentication is off", "Basic understanding"),
    ),
    Context(
        "pem-private-key",
        _RFC7468,
        _pem,
        gates=_DASHES,
        sieve=("-----BEGIN [A-Z0-9 ]{0,48}PRIVATE KEY",),
        width=72,
    ),
    Context(
        "url-password",
        _RFC3986,
        _in_url,
        gates={"@": r"(?=[\w\[.%-])"},
        sieve=(
            r":\x2f\x2f[^\s\x2f?#@\x22'<>\x5c]{0,512}:[^\s\x2f?#\x22'<>\x5c]{1,256}@",
        ),
        width=600,
        examples=("postgres://" + "app:fake0pass1word" + "@db.internal/app",),
        counter_examples=(
            "https://user@example.com/",
            "postgres://user:password@localhost/db",
            "http://10.0.0.1:8080/a@b",
        ),
    ),
    Context(
        "authorization",
        _RFC9110,
        _by_name(authorization, _HEADERS),
        gates=_gates({"z": _HEADERS["z"]}),
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
        gates=_gates({"k": _HEADERS["k"]}),
        sieve=(rf"(?i)ookies?{_BETWEEN}",),
        width=80,
        examples=("Cookie: session=" + "fake0session1; theme=dark",),
        counter_examples=("Cookie: none", "cookies: a story"),
    ),
    Context(
        "assignment",
        "https://cwe.mitre.org/data/definitions/798.html",
        _by_name(assigned, _ENDINGS),
        gates=_gates(_ENDINGS),
        sieve=(
            rf"(?i)(?:key|ken|word|wd|jwt|code|creds?|credentials?|rets?|pass|passphrase|pat|bearer){_BETWEEN}",
        ),
        width=80,
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
    Context(
        "npm-auth",
        "https://docs.npmjs.com/cli/configuring-npm/npmrc#auth-related-configuration",
        _matched(_NPM_AUTH),
        gates={"_": "(?=auth[ =:])"},
        sieve=(r"_auth[ \t]{0,4}[=:]",),
        width=16,
        examples=("//registry.example.com/:_auth=" + "ZmFrZTpmYWtl",),
    ),
    Context(
        "option",
        "https://cwe.mitre.org/data/definitions/214.html",
        flag,
        gates=_DASHES,
        sieve=(r"--[a-z][a-z0-9-]{1,40}[ \t]",),
        width=64,
        examples=("--password " + "fake0pass1",),
        counter_examples=("--token-file secrets/token1.txt", "--password-stdin"),
    ),
)
