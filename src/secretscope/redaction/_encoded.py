"""What a text says in other writings: base64, hex, URL-encoded, escaped.

Nothing is stored for the encodings of a value. Runs of the text that could be one
are decoded, and what comes out is searched like the text itself.
"""

from __future__ import annotations

import binascii
import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator

from attrs import frozen

from secretscope.redaction._shape import Span

Decoded = tuple[bytes, Callable[[int, int], Span]]
"""What a run says, and how a span of it is found in the text, both in bytes."""

_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_URL_ALPHABET = bytes.maketrans(b"-_", b"+/")
_TO_URL = bytes.maketrans(b"+/", b"-_")
_BASE64_RUN = re.compile(rb"[A-Za-z0-9+/_-]++")
_HEX_RUN = re.compile(rb"[0-9A-Fa-f]++")
_DIGITS = bytes(c if chr(c) in "-_" or c in _ALPHABET else 32 for c in range(256))
"""A table that leaves digits of base64, and of hex, and makes a blank of the rest."""
_LEVELS = 4
"""Escapes within escapes: JSON in JSON in JSON, and one more."""


def _digits(zero: int) -> str:
    """Write the base64 digits in which this bit is 0, as it is in ASCII's bytes."""
    chosen = [chr(c) for place, c in enumerate(_ALPHABET) if not place & zero]
    return f"[{re.escape(''.join(chosen))}]"


_GROUP = f"{_digits(32)}{_digits(8)}{_digits(2)}[A-Za-z0-9+/_-]"
"""Four digits that decode to three bytes of ASCII."""


def hints(value: bytes) -> set[bytes]:
    """Return what the text holds if it holds the value in base64 or in hex.

    Of base64, what does not depend on what stands beside the value.
    """
    found = {binascii.b2a_hex(value), binascii.b2a_hex(value).upper()}
    for before in range(3):
        whole = binascii.b2a_base64(b"\0" * before + value, newline=False)
        first = -(-before * 4 // 3)
        digits = whole[first : (before + len(value)) * 4 // 3]
        found |= {digits, digits.translate(_TO_URL)}
    return found


def base64_sieve(shortest: int, *, ascii_only: bool) -> str:
    """Write what every base64 of so many bytes matches; it is closer for ASCII."""
    if ascii_only:
        return f"(?:{_GROUP}){{{(shortest - 2) // 3}}}"
    return f"[A-Za-z0-9+/_-]{{{shortest * 4 // 3}}}"


def hex_sieve(shortest: int, *, ascii_only: bool) -> str:
    """Write what the hex of so many bytes matches; it is closer for ASCII."""
    if ascii_only:
        return f"(?:[0-7][0-9A-Fa-f]){{{shortest}}}"
    return f"[0-9A-Fa-f]{{{2 * shortest}}}"


@frozen
class Sieves:
    """Tell which runs may say a value of so many bytes."""

    base64: re.Pattern[bytes]
    hex: re.Pattern[bytes]
    digits: int
    """How long a run is at least, in characters."""

    @classmethod
    def of(cls, shortest: int, *, ascii_only: bool) -> Sieves:
        """Compile them; values beyond ASCII make for more candidates."""
        base64 = base64_sieve(shortest, ascii_only=ascii_only)
        pairs = hex_sieve(shortest, ascii_only=ascii_only)
        digits = (shortest - 2) // 3 * 4 if ascii_only else shortest * 4 // 3
        return cls(
            re.compile(base64.encode()),
            re.compile(pairs.encode()),
            digits,
        )

    def runs(self, data: bytes) -> Iterator[Decoded]:
        """Decode what may be base64 or hex."""
        longest = max(map(len, data.translate(_DIGITS).split()), default=0)
        if longest >= self.digits:
            yield from _runs(data, self.base64, _BASE64_RUN, _from_base64)
            yield from _runs(data, self.hex, _HEX_RUN, _from_hex)


def _runs(
    data: bytes,
    sieve: re.Pattern[bytes],
    run: re.Pattern[bytes],
    decode: Callable[[bytes, int], Iterator[Decoded]],
) -> Iterator[Decoded]:
    at = 0
    while (hit := sieve.search(data, at)) is not None:
        low = hit.start()
        while low > max(at, hit.start() - 4) and run.match(data, low - 1, low):
            low -= 1
        at = _end(run, data, hit.end())
        yield from decode(data[low:at], low)


def _end(run: re.Pattern[bytes], data: bytes, at: int) -> int:
    more = run.match(data, at)
    return more.end() if more else at


def _from_base64(digits: bytes, low: int) -> Iterator[Decoded]:
    """Decode from each of four places: the run may begin before the base64 does."""
    digits = digits.translate(_URL_ALPHABET)
    high = low + len(digits)
    for start in range(4):
        part = digits[start:]
        plain = binascii.a2b_base64(part + b"A" * (-len(part) % 4))
        yield plain, _Scaled(low + start, high, 4, 3).locate


def _from_hex(digits: bytes, low: int) -> Iterator[Decoded]:
    for start in range(2):
        even = len(digits) - (len(digits) - start) % 2
        part = digits[start:even]
        yield binascii.a2b_hex(part), _Scaled(low + start, low + even, 2, 1).locate


@frozen
class _Scaled:
    """Each so many characters of the text say so many bytes."""

    low: int
    high: int
    digits: int
    size: int

    def locate(self, start: int, end: int) -> Span:
        first = self.low + start * self.digits // self.size
        return first, min(self.high, self.low - (-end * self.digits // self.size))


_PERCENT = re.compile(rb"%([0-9A-Fa-f]{2})")
_FORM = re.compile(rb"%([0-9A-Fa-f]{2})|\+")
_ESCAPE = re.compile(
    rb"\\u([dD][89abAB][0-9A-Fa-f]{2}\\u[dD][c-fC-F][0-9A-Fa-f]{2}|[0-9A-Fa-f]{4})"
    rb"|\\x([0-9A-Fa-f]{2})|\\([^0-9A-Za-z]|[bfnrt0])"
)
_SHELL = re.compile(rb"'\\''|'\"'\"'")
_ESCAPED = {
    b"n": b"\n",
    b"t": b"\t",
    b"r": b"\r",
    b"b": b"\b",
    b"f": b"\f",
    b"0": b"\0",
}


def unquoted(data: bytes, *, form: bool) -> Iterator[Decoded]:
    """Decode URL-encoding; in a form, ``+`` stands for a space."""
    if b"%" in data or (form and b"+" in data):
        yield _replaced(data, _FORM if form else _PERCENT, _percent)


def unshelled(data: bytes) -> Iterator[Decoded]:
    """Take away what a shell's quotes need where they hold a quote (POSIX, 2.2.2)."""
    if _SHELL.search(data):
        yield _replaced(data, _SHELL, _quote)


def _quote(_found: re.Match[bytes]) -> bytes:
    return b"'"


def unescaped(data: bytes) -> Iterator[Decoded]:
    """Take away the escapes of JSON and of Python, level by level."""
    locates: list[Callable[[int, int], Span]] = []
    for _ in range(_LEVELS):
        if b"\\" not in data:
            return
        data, locate = _replaced(data, _ESCAPE, _escape)
        locates.append(locate)
        yield data, _through(tuple(locates))


def _through(
    locates: tuple[Callable[[int, int], Span], ...],
) -> Callable[[int, int], Span]:
    def locate(start: int, end: int) -> Span:
        for back in reversed(locates):
            start, end = back(start, end)
        return start, end

    return locate


def _percent(found: re.Match[bytes]) -> bytes:
    digits: bytes | None = found.group(1)
    return b" " if digits is None else binascii.a2b_hex(digits)


def _escape(found: re.Match[bytes]) -> bytes:
    unicode, byte, other = found.groups()
    if unicode is not None:
        halves = unicode.decode().split("\\u")
        units = b"".join(int(half, 16).to_bytes(2, "big") for half in halves)
        text = units.decode("utf-16-be", "surrogatepass")
        return text.encode("utf-8", "surrogatepass")
    if byte is not None:
        return chr(int(byte, 16)).encode()
    return _ESCAPED.get(other, other)


def _replaced(
    data: bytes, escape: re.Pattern[bytes], plain: Callable[[re.Match[bytes]], bytes]
) -> Decoded:
    """Replace each escape, and remember where each stood."""
    pieces: list[bytes] = []
    seams = _Seams([0], [0])
    last = size = 0
    for found in escape.finditer(data):
        said = plain(found)
        pieces += (data[last : found.start()], said)
        size += found.start() - last
        last = found.end()
        seams.plain.extend((size, size + len(said)))
        seams.text.extend((found.start(), last))
        size += len(said)
    pieces.append(data[last:])
    return b"".join(pieces), seams.locate


@frozen
class _Seams:
    """Where stretches and escapes begin, in turn, in what is said and in the text."""

    plain: list[int]
    text: list[int]

    def locate(self, start: int, end: int) -> Span:
        first = bisect_right(self.plain, start) - 1
        inside = 0 if first % 2 else start - self.plain[first]
        last = bisect_left(self.plain, end) - 1
        if last % 2:
            return self.text[first] + inside, self.text[last + 1]
        return self.text[first] + inside, self.text[last] + end - self.plain[last]
