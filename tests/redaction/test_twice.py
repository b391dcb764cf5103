"""Texts that a fuzzer found: masked twice as once, split as whole, by both engines alike."""

from collections.abc import Iterator

import pytest

from secretscope.redaction import KnownValues, Redactor

KNOWN = KnownValues()
for value in (
    "known-value-000001",
    "other value, with 2 spaces",
    's3cr3t;"v@lue" with\nlines',
    'a "quoted" välue 01',
    "'begun' by a quote 01",
    "ends with a colon 01:",
    "wide 😀 välue 0001",
):
    KNOWN.add(value, ref="KEY")
ENGINES = {name: Redactor(engine=name, known=KNOWN) for name in ("pure", "fast")}
KEY = "ghp_" + "aB3dE5gH7jK9mN1pQ3sT5vW7yZ9bC1eF3hJ5"
PASS = "f4ke-Pl41n_s3cr3t"
LONG = "known-value-000001 " * 12

FOUND = [
    # escaped more than once, and hurt
    'a \\\\\\\\\\\\"quoted\\\\\\" v\\\\u00e4lue 01 end',
    '%22\\"a \\\\\\"quoted\\\\\\\\\\" v\\\\u00e4lue 01\\"[REDACTED]',
    "wide \\\\ud83d\\\\ude00 v\\\\u00e4lue 0001",
    "wide+%F0%9F%98%80+v%C3%A4lue+0001",
    "x '\\''begun'\\'' by a quote 01 y",
    "x '\"'\"'begun'\"'\"' by a quote 01 y",
    # a value in quotes that holds other quotes
    "password: ')\"ȵ\x9fʊ1ab[6f746865' bookies",
    'password="a\\"b\'c12345" and',
    "{\"k\":'v\",\"password\":\"a'b12345678\"}",
    # what stands behind a marker is told by nothing before it
    f"curl -H 'x: {LONG}' -u anna:{PASS} https://a.example",
    f'curl -u s3cr3t;"v@lue" with\nlines:{PASS} https://a.example',
    f'mysql s3cr3t;"v@lue" with\nlines -p{PASS} db',
    f'https://s3cr3t;"v@lue" with\nlines:{PASS}@a.example/',
    f"https://anna:{PASS}@'begun' by a quote 01/",
    f'Cookie: a=s3cr3t;"v@lue" with\nlines; sid={PASS}',
    f'Cookie: a=b "quoted" s3cr3t;"v@lue" with\nlines; sid={PASS}',
    f'machine a login a "quoted" välue 01 password {PASS}',
    f"ends with a colon 01::password: {PASS}",
    f"GET /?client_secret={PASS}.known-value-000001[REDACTED] y",
    f"GET /?token={PASS}.example-known-value-000001 y",
    f"dckr_oat_{'aB3' * 11}docker login -u anna -p {PASS} a.example",
    f"ghs_{'aB3' * 12}.known-value-000001 x",
    f"{KEY} = {PASS}",
    f"{KEY}known-value-000001[REDACTED]",
    f"_{KEY}_ known-value-000001_{KEY}_known-value-000001",
]  # fmt: skip


def pieces(text: str, size: int) -> Iterator[str]:
    return (text[at : at + size] for at in range(0, len(text), size))


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("text", FOUND)
def test_masked_twice_as_once_and_split_as_whole(text: str, engine: str) -> None:
    redactor = ENGINES[engine]
    once, labelled = redactor.redact(text), redactor.redact(text, label=True)
    assert once == ENGINES["pure"].redact(text)
    assert redactor.redact(once) == once
    assert redactor.redact(labelled, label=True) == labelled
    for size in (1, 2, 7):
        stream = redactor.stream()
        said = [stream.feed(piece) for piece in pieces(text, size)]
        assert "".join([*said, stream.close()]) == once


def test_a_key_in_pem_is_masked_though_a_marker_stands_in_it() -> None:
    key = "-----BEGIN PRIVATE KEY-----\n" + "MIIEvQIBADANBgkqhkiG9w0B\n"
    for redactor in ENGINES.values():
        assert redactor.redact(f"a {key}[REDACTED] cut off") == "a [REDACTED]"
        whole = f"{key}[REDACTED]\n-----END PRIVATE KEY----- z"
        assert redactor.redact(whole) == "[REDACTED] z"
        assert redactor.redact(f"[REDACTED]{key}") == f"[REDACTED]{key}"


def test_what_ends_in_no_open_quote_goes_out_at_once() -> None:
    stream = ENGINES["pure"].stream()
    assert stream.feed('{"a":"b","c": "d\'e"} ') == '{"a":"b","c": "d\'e"} '
    assert stream.feed("it's ") == "it's "
