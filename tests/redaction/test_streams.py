"""Split anywhere, a text comes out as if it had come as a whole."""

import base64
import json
import random
from collections.abc import AsyncIterator
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from secretscope.redaction import CATALOGUE, KnownValues, Redactor, redact_stream
from tests.redaction.test_assignments import ALIKE, KEY, MASKED
from tests.redaction.test_catalogue import FORMATS, samples
from tests.redaction.test_engines import TEXTS

KNOWN = KnownValues()
VALUES = [
    "known-value-000001",
    'a "spaced" value, with it\'s 2 quotes',
    "line one 01\nline two 02",
    "wide-välue-000001",
    '{"user": "anna-0001-user", "password": "a pass phrase 01"}',
]
for value in VALUES:
    KNOWN.add(value, ref="KEY")
REDACTOR = Redactor(engine="pure", known=KNOWN)
PEM = f"-----BEGIN RSA PRIVATE KEY-----\n{KEY}\n{KEY}\n-----END RSA PRIVATE KEY-----"


def streamed(text: str, cuts: list[int], redactor: Redactor = REDACTOR) -> str:
    stream = redactor.stream()
    edges = [0, *sorted(cut % (len(text) + 1) for cut in cuts), len(text)]
    pieces = [text[a:b] for a, b in pairwise(edges)]
    return "".join([*(stream.feed(piece) for piece in pieces), stream.close()])


def one_by_one(text: str) -> str:
    return streamed(text, list(range(len(text))))


WRITTEN = [
    "Cookie: a=b; theme=dark`sk-proj-4aCQ9gfZ6y1T9eWl56NgISIwGnzQ6itz; x=y",
    *MASKED,
    *ALIKE,
    PEM,
    f"a {PEM} z",
    f'{{"key": {json.dumps(PEM)}}}',
    *(f"x {value} y" for value in VALUES),
    *(f"x {json.dumps(value)} y" for value in VALUES),
    *(f"x {base64.b64encode(value.encode()).decode()} y" for value in VALUES),
    *(text for shape in CATALOGUE for text in shape.examples + shape.counter_examples),
]


@pytest.mark.parametrize("text", sorted(set(WRITTEN)))
def test_character_by_character_is_as_a_whole(text: str) -> None:
    assert one_by_one(text) == REDACTOR.redact(text)


@pytest.mark.parametrize("shape", FORMATS, ids=lambda shape: shape.name)
def test_a_credential_is_masked_wherever_it_is_split(shape: object) -> None:
    for sample in samples(shape)[:2]:  # type: ignore[arg-type]
        text = f"so {sample} it is"
        whole = REDACTOR.redact(text)
        assert one_by_one(text) == whole
        assert streamed(text, [len(text) // 2]) == whole


@settings(max_examples=300)
@given(TEXTS, st.lists(st.integers(0, 400), max_size=12))
def test_split_anywhere_equals_whole(text: str, cuts: list[int]) -> None:
    assert streamed(text, cuts) == REDACTOR.redact(text)


@settings(max_examples=100)
@given(
    TEXTS, st.sampled_from(VALUES), TEXTS, st.lists(st.integers(0, 400), max_size=12)
)
def test_no_known_value_slips_through_a_split(
    before: str, value: str, after: str, cuts: list[int]
) -> None:
    text = f"{before} {value} {after}"
    assert streamed(text, cuts) == REDACTOR.redact(text)


def test_what_can_be_no_secret_goes_out_at_once() -> None:
    stream = Redactor(engine="pure").stream()
    assert stream.feed("Hello, dear reader. ") == "Hello, dear reader. "
    assert stream.feed("A wo") == "A "
    assert stream.feed("rd more ") == "word more "
    assert stream.feed('{"n": 1}\n') == '{"n": 1}\n'
    assert stream.close() == ""


def test_a_stream_can_say_what_it_masked_and_be_used_again() -> None:
    stream = REDACTOR.stream(label=True)
    token = "ghp_" + "aB3dE5gH7jK9mN1pQ3sT5vW7yZ9bC1eF3hJ5"
    for _ in range(2):
        assert stream.feed(f"a {token[:9]}") + stream.feed(token[9:]) == "a "
        assert stream.close() == "[REDACTED:github-pat]"


@pytest.mark.parametrize("step", [1, 3, 7, 64])
def test_bytes_are_masked_and_otherwise_unchanged(step: int) -> None:
    text = (
        f"é {VALUES[0]} 😀 \u20ac {VALUES[3]} ".encode() + b"\xff\xc3(\xe2\x82 end \xe2"
    )
    stream = REDACTOR.stream()
    said = b"".join(
        stream.feed(text[at : at + step]) for at in range(0, len(text), step)
    )
    assert said + stream.close() == (
        "é [REDACTED] 😀 \u20ac [REDACTED] ".encode() + b"\xff\xc3(\xe2\x82 end \xe2"
    )


def test_only_text_and_bytes_flow() -> None:
    stream: Any = REDACTOR.stream()  # types say the same
    with pytest.raises(TypeError, match="int"):
        stream.feed(1)
    assert stream.feed(b"so ") == b"so "
    with pytest.raises(TypeError, match="bytearray"):
        stream.feed(bytearray(b"x"))
    with pytest.raises(TypeError, match="takes str, not bytes"):
        REDACTOR.stream_known(None).feed(b"x")  # type: ignore[arg-type]


def test_long_runs_neither_wait_for_ever_nor_leak() -> None:
    dice = random.Random(1)
    image = base64.b64encode(dice.randbytes(300_000)).decode()
    text = f"data:image/png;base64,{image} and key sk-proj-{'aB3d' * 40_000} end"
    stream = REDACTOR.stream()
    said, most = [], 0
    for at in range(0, len(text), 4096):
        said.append(stream.feed(text[at : at + 4096]))
        most = max(most, len(stream._texts._text))
    said.append(stream.close())
    assert "".join(said) == REDACTOR.redact(text)
    assert most < 200_000


def test_of_a_long_run_of_base64_little_waits() -> None:
    image = base64.b64encode(random.Random(1).randbytes(100_000)).decode()
    stream = Redactor(engine="pure").stream()
    waits = []
    for at in range(0, len(image), 200):
        stream.feed(image[at : at + 200])
        waits.append(len(stream._texts._text) - stream._texts._out)
    assert sorted(waits)[len(waits) * 9 // 10] <= 128


async def test_pieces_of_an_async_iterable_are_masked() -> None:
    closed = []

    class Pieces:
        def __init__(self) -> None:
            self.left = ["see k", "nown-value", "-000001", " and", " more"]

        def __aiter__(self) -> AsyncIterator[str]:
            return self

        async def __anext__(self) -> str:
            if not self.left:
                raise StopAsyncIteration
            return self.left.pop(0)

        async def aclose(self) -> None:
            closed.append(True)

    masked = [piece async for piece in REDACTOR.redact_stream(Pieces())]
    assert masked == ["see ", "[REDACTED] ", "and ", "more"]
    token = "ghp_" + "aB3dE5gH7jK9mN1pQ3sT5vW7yZ9bC1eF3hJ5"

    async def said() -> AsyncIterator[str]:
        yield f"a {token[:12]}"
        yield f"{token[12:]} b"

    assert [piece async for piece in redact_stream(said())] == [
        "a ",
        "[REDACTED] ",
        "b",
    ]
    left = REDACTOR.redact_stream(Pieces())
    assert await anext(left) == "see "
    await left.aclose()
    with pytest.raises(StopAsyncIteration):
        await anext(left)
    assert closed == [True]


def test_known_values_alone_are_masked_in_pieces() -> None:
    known = KnownValues()
    redactor = Redactor(known=known)
    assert redactor.stream_known("acme").feed("wor") == "wor"
    known.add("acme-value-000001", ref="K", tenant="acme")
    known.add("other-value-00001", ref="K", tenant="other")
    stream = redactor.stream_known("acme")
    text = "acme-value-000001 other-value-00001 end"
    said = "".join(map(stream.feed, text)) + stream.close()
    assert said == "[REDACTED] other-value-00001 end"


def test_the_begin_of_a_very_long_value_waits_until_it_is_another_text() -> None:
    known = KnownValues()
    known.add("begin " + "word " * 20_000 + "end-0001", ref="LONG")
    stream = Redactor(engine="pure", known=known).stream()
    text = "begin " + "word " * 15_000
    assert stream.feed(text) == ""
    assert stream.feed("other ") == f"{text}other "


async def test_what_cannot_be_closed_is_left() -> None:
    class Pieces:
        def __aiter__(self) -> AsyncIterator[str]:
            return self

        async def __anext__(self) -> str:
            return "more "

    pieces = REDACTOR.redact_stream(Pieces())
    assert await anext(pieces) == "more "
    await pieces.aclose()
