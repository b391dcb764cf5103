"""Shapes of no single maker: headers, URLs, keys in PEM, assignments."""

import re
from collections.abc import Iterator

from secretscope.redaction._context import Context
from secretscope.redaction._marker import OPENS
from secretscope.redaction._plausible import placeholder, user_and_password
from secretscope.redaction._shape import Shape, Span
from secretscope.redaction.catalogue._alphabets import URL
from secretscope.redaction.catalogue._given import DASHES, GIVEN

_RFC6750 = "https://www.rfc-editor.org/rfc/rfc6750"
_RFC7617 = "https://www.rfc-editor.org/rfc/rfc7617"
_RFC7519 = "https://www.rfc-editor.org/rfc/rfc7519"
_RFC7468 = "https://www.rfc-editor.org/rfc/rfc7468"
_RFC3986 = "https://www.rfc-editor.org/rfc/rfc3986#section-3.2.1"


_FARTHEST = 600
_USER = re.compile(
    r"[A-Za-z0-9]://([^\s/?#:@\"'<>\\]{0,256}):([^\s/?#\"'<>\\]{1,256})@"
    r"(?=[\w.%-]|\[(?!REDACTED))"
)


def _in_url(text: str, at: int) -> Iterator[Span]:
    begins = text.rfind("://", max(0, at - _FARTHEST), at)
    found = _USER.match(text, begins - 1) if begins > 0 else None
    if found is None or OPENS in found.group(1):
        return
    if not placeholder(found.group(2)):
        yield found.span(2)


_SPACE = r"(?: |%20|\+|\\u0020)"
_KIND = rf"(?:[A-Z0-9]+{_SPACE}){{0,4}}PRIVATE{_SPACE}KEY(?:{_SPACE}BLOCK)?"
_PEM = re.compile(
    rf"-{{4,5}} ?BEGIN{_SPACE}{_KIND} ?-{{4,5}}"
    r"(?:\s|\\+[nrt]|\\+u000(?:[aA]|[dD])|%0(?:[aA]|[dD])|%20|<br ?/?>|&\#1[03];|[\"'+,>|#*]){0,64}"
    r"(?:[A-Za-z][A-Za-z-]{3,20}: |[A-Za-z0-9+/=]{16})"
)
_PEM_END = re.compile(rf"-{{4,5}} ?END{_SPACE}{_KIND} ?-{{4,5}}")


def _pem(text: str, at: int) -> Iterator[Span]:
    if _PEM.match(text, at):
        end = _PEM_END.search(text, at)
        yield at, end.end() if end else len(text)


_PUTTY = re.compile(
    r"(?<=Private)-Lines: [0-9]{1,4}(?:\s|\\+[nr]){1,8}(?=[A-Za-z0-9+/=]{4})"
)
_PUTTY_END = re.compile(r"(?:\s|\\+[nr]){1,8}Private-(?:MAC|Hash): ")


def _putty(text: str, at: int) -> Iterator[Span]:
    begin = _PUTTY.match(text, at)
    if begin:
        end = _PUTTY_END.search(text, begin.end())
        yield begin.end(), end.start() if end else len(text)


GENERAL: tuple[Shape | Context, ...] = (
    Shape(
        "jwt",
        ("eyJ", "eyA", "ewog"),
        rf"{URL}{{8,}}+={{0,2}}\.(?:(?:ey[JA]|ewo){URL}{{4,}}+={{0,2}}(?:\.{URL}++={{0,2}})?"
        rf"|{URL}*+\.{URL}{{8,}}+\.{URL}{{8,}}+\.{URL}{{8,}}+)",
        _RFC7519,
        left="A-Za-z0-9_-",
        right="",
    ),
    Shape(
        "jwt-in-base64",
        ("ZXlKaGJHY2lPaU", "ZXlKMGVYQWlPaUp", "ZXlKcmFXUWlP"),
        "[A-Za-z0-9+/_-]{40,}+={0,2}",
        _RFC7519,
        left="A-Za-z0-9_-",
        right="",
    ),
    Shape(
        "bip32-private-key",
        ("xprv", "yprv", "zprv", "tprv"),
        "[1-9A-HJ-NP-Za-km-z]{100,112}",
        "https://github.com/bitcoin/bips/blob/master/bip-0032.mediawiki",
        opt_in=True,
    ),
    Shape(
        "django-secret-key",
        "django-insecure-",
        r"(?:[a-z0-9!@#$%^*(\-_=+)]|&(?![a-z_]{1,16}=)){40,60}",
        "https://docs.djangoproject.com/en/stable/ref/settings/#secret-key",
        right="",
    ),
    Shape(
        "bearer",
        ("Bearer ", "bearer ", "BEARER "),
        r" {0,3}(?P<secret>(?!https?:)(?=[A-Za-z._~+/=|:-]*[0-9])[A-Za-z0-9._~+/|:-]{15,}[A-Za-z0-9_~+/|-]={0,2})",
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
        check=user_and_password,
        right="",
        examples=("Basic " + "ZmFrZTpmYWtlcGFzc3dvcmQx",),
        counter_examples=("Basic authentication is off", "Basic understanding"),
    ),
    Context(
        "pem-private-key",
        _RFC7468,
        _pem,
        gates=DASHES,
        sieve=(r"----[ -]?BEGIN[ %+\x5c][A-Z0-9 %+\x5cu]{0,60}PRIVATE",),
        width=84,
        bracketed=True,
    ),
    Context(
        "putty-private-key",
        "https://tartarus.org/~simon/putty-snapshots/htmldoc/AppendixC.html",
        _putty,
        gates={"-": r"(?<=Private-)(?=Lines: [0-9])"},
        sieve=("Private-Lines: [0-9]",),
        width=20,
        bracketed=True,
        examples=("Private-Lines: 2\nAAAAfake\nAAAAfake\nPrivate-MAC: 0f",),
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
    *GIVEN,
)
