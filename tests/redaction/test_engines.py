"""Two engines, one result; and masking twice is masking once."""

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from secretscope.redaction import CATALOGUE, KnownValues, Redactor, Shape
from tests.redaction.grammar import drawn

KNOWN = KnownValues()
KNOWN.add("known-value-000001", ref="KEY")
KNOWN.add("other value, with 2 spaces", ref="KEY")
PURE = Redactor(engine="pure", known=KNOWN)
FAST = Redactor(engine="fast", known=KNOWN)
FORMATS = [
    shape
    for shape in CATALOGUE
    if isinstance(shape, Shape) and not shape.opt_in and shape.name != "basic"
]


@st.composite
def credentials(draw: st.DrawFn) -> str:
    shape = draw(st.sampled_from(FORMATS))
    return drawn(shape, random.Random(draw(st.integers(0, 50))))


PIECES = st.one_of(
    credentials(),
    st.sampled_from(
        [anchor for shape in FORMATS for anchor in shape.anchors]
        + [
            text
            for shape in CATALOGUE
            for text in shape.examples + shape.counter_examples
        ]
        + [
            "known-value-000001",
            "other value, with 2 spaces",
            "[REDACTED]",
            "[REDACTED:x]",
        ]
        + list(" \n\t\"'`=:;,&?@/\\-_.%+~<>()[]{}|")
        + ["eyJ", "-----BEGIN ", "password", "é", "😀", "\0", "\ud800"]
    ),
    st.text(max_size=12),
    st.text(alphabet="abcdefABCDEF0123456789", max_size=40),
)
TEXTS = st.lists(PIECES, max_size=8).map("".join)


@settings(max_examples=400)
@given(TEXTS)
def test_both_engines_find_the_same(text: str) -> None:
    assert FAST.redact(text, label=True) == PURE.redact(text, label=True)


@settings(max_examples=400)
@given(TEXTS)
def test_masking_twice_is_masking_once(text: str) -> None:
    once = PURE.redact(text)
    assert PURE.redact(once) == once


@settings(max_examples=300)
@given(TEXTS)
def test_nothing_but_secrets_is_taken_away(text: str) -> None:
    masked = PURE.redact(text)
    kept = masked.split("[REDACTED]")
    at = 0
    for part in kept:
        at = text.index(part, at) + len(part)
    assert masked != text or "[REDACTED]" not in masked.replace(text, "")
