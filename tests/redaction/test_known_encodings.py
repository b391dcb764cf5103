"""A known value is masked in every writing that a log meets."""

import base64
import json
import re
import shlex
import urllib.parse

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from secretscope.redaction import KnownValues, Redactor

WIDE = st.text(
    alphabet=st.characters(codec="utf-8", exclude_characters="\0"),
    min_size=10,
    max_size=40,
)
ASCII = st.text(
    alphabet=st.characters(min_codepoint=33, max_codepoint=126),
    min_size=10,
    max_size=40,
)


def knows(*values: str, engine: str = "pure") -> tuple[Redactor, list[str]]:
    known = KnownValues()
    for value in values:
        known.add(value, ref="KEY")
    return Redactor(known=known, engine=engine), known.values()  # type: ignore[arg-type]


def writings(value: str, before: str = "") -> list[str]:
    data = (before + value + "!?").encode()
    return [
        value,
        base64.b64encode(data).decode(),
        base64.urlsafe_b64encode(data).decode().rstrip("="),
        value.encode().hex(),
        value.encode().hex().upper(),
        urllib.parse.quote(value, safe=""),
        urllib.parse.quote_plus(value),
        json.dumps(value)[1:-1],
        json.dumps(json.dumps(value))[1:-1],
        json.dumps(value, ensure_ascii=False)[1:-1],
        shlex.quote(value),
    ]


def reads(text: str) -> list[str]:
    """Everything a curious person would decode the text to."""
    found = [text, urllib.parse.unquote_plus(text), urllib.parse.unquote(text)]
    for run in re.findall(r"[A-Za-z0-9+/]+", text.translate({45: "+", 95: "/"})):
        for start in range(4):
            part = run[start : start + (len(run) - start) // 4 * 4]
            found.append(base64.b64decode(part).decode("utf-8", "replace"))
    return found


@pytest.mark.parametrize("engine", ["pure", "fast"])
@pytest.mark.parametrize("before", ["", "a", "ab", "abc"])
def test_each_writing_is_masked_at_every_alignment(before: str, engine: str) -> None:
    value = "s3cr\"t v@lue'with\\all&sorts=of/things"
    redactor, _ = knows(value, engine=engine)
    for written in writings(value, before):
        masked = redactor.redact(f"x {written} y")
        assert masked.startswith("x ")
        assert masked.endswith(" y")
        assert "[REDACTED]" in masked, written
        assert all(value not in said for said in reads(masked))


@given(ASCII)
@example("00000000aB3dE5gH")
@example("----------------x1")
def test_no_ascii_value_survives_in_any_writing(value: str) -> None:
    redactor, kept = knows(value)
    if value in kept:
        for written in writings(value):
            masked = redactor.redact(f"({written})")
            assert "[REDACTED]" in masked, written
            assert value not in masked
            assert redactor.redact(masked) == masked


@given(WIDE)
def test_no_wide_value_survives_in_any_writing(value: str) -> None:
    redactor, kept = knows(value)
    if value in kept:
        for written in writings(value):
            assert "[REDACTED]" in redactor.redact(f"({written})"), written


def test_a_crowd_of_values_is_found_all_the_same() -> None:
    many = [f"crowd-{number:05d}-vAlue" for number in range(2500)]
    redactor, kept = knows(*many)
    assert len(kept) == len(many)
    for value in many[::100]:
        for written in writings(value):
            assert "[REDACTED]" in redactor.redact(f"x {written} y"), written


def test_a_value_is_no_longer_masked_in_parts_of_others() -> None:
    redactor, _ = knows("prefix-value-0001", "prefix-value-0001-and-more")
    assert redactor.redact("prefix-value-0001-and-more") == "[REDACTED]"
    assert redactor.redact("prefix-value-0001-and") == "[REDACTED]-and"


def test_broken_text_is_text_too() -> None:
    redactor, _ = knows("value with \x01 0001")
    assert redactor.redact("a value with \\x01 0001") == "a [REDACTED]"
    redactor, _ = knows("value-\ud800-surrogate-1", "plain-value-0001")
    assert redactor.redact("a value-\ud800-surrogate-1 \udfff") == "a [REDACTED] \udfff"
    assert redactor.redact("\0é plain-value-0001 é\0") == "\0é [REDACTED] é\0"
    assert redactor.redact("%ff%fe " + "ff" * 40) == "%ff%fe " + "ff" * 40


def test_escapes_within_escapes_and_letters_beyond_ascii() -> None:
    value = 'a "quoted" välue 01'
    redactor, _ = knows(value)
    written = value
    for _ in range(6):
        written = json.dumps(written)[1:-1]
        if written.count("\\") < 60:
            assert "[REDACTED]" in redactor.redact(f"x {written} y")
    assert redactor.redact(f"x {written} y")
    for before in ("", "a", "ab", "abc"):
        assert "[REDACTED]" in redactor.redact(writings(value, before)[1])


def test_base64_that_is_glued_to_other_digits_is_found() -> None:
    redactor, _ = knows("glued-value-00001!")
    for glued in ("~", "~~", "zzzz~~", "~~~"):
        written = base64.b64encode(b"glued-value-00001!").decode()
        text = glued.replace("~", "z") + written
        assert "[REDACTED]" in redactor.redact(text)
