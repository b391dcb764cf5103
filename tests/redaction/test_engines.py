"""Two engines, one result; and masking twice is masking once."""

import base64
import random
import threading
from typing import Any

import pytest
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


def test_the_fast_engine_takes_in_what_becomes_known() -> None:
    known = KnownValues()
    redactor = Redactor(known=known, engine="fast")
    values = [f"val-{number:06d}-Known" for number in range(2600)]
    for number, value in enumerate(values):
        known.add(value, ref="KEY")
        if number % 200 == 0:
            assert (
                redactor.redact(f"a {value} b {values[0]}")
                == "a [REDACTED] b [REDACTED]"
            )
        if number == 1000:
            redactor.settle()
            assert redactor.redact("clean text") == "clean text"
    for _ in range(300):  # until a thread compiles the next database
        assert redactor.redact(f"late {values[-1]}") == "late [REDACTED]"
    redactor.settle()
    for value in values[::400]:
        assert redactor.redact(f"x {value} y") == "x [REDACTED] y"
        written = base64.b64encode(value.encode()).decode()
        assert redactor.redact(f"x {written} y").startswith("x [REDACTED]")
        assert redactor.redact(f"x {value.encode().hex()} y") == "x [REDACTED] y"
    Redactor(known=KnownValues(), engine="pure").settle()


@pytest.mark.parametrize("engine", ["pure", "fast"])
def test_only_text_is_masked(engine: Any) -> None:
    with pytest.raises(TypeError, match="int"):
        Redactor(engine=engine).redact(7)  # type: ignore[arg-type]


@pytest.mark.parametrize("count", [1, 2600])
def test_few_values_and_many_are_found_where_they_stand(count: int) -> None:
    known = KnownValues()
    for number in range(count):
        known.add(f"val-{number:06d}-Known", ref="KEY")
    redactor = Redactor(known=known, engine="fast")
    redactor.settle()
    assert redactor.find("clean text") == []
    assert redactor.find("a val-000000-Known b") == [(2, 18, -1)]


def test_databases_that_change_in_the_midst_of_a_search_lose_nothing() -> None:
    known = KnownValues()
    redactor = Redactor(known=known, engine="fast")
    finder: Any = redactor._finder
    databases = finder._databases
    before = databases.base
    known.add("midst-value-000001", ref="KEY")
    redactor.settle()
    assert databases.tail(before) is redactor._search.index
    databases._compile_later()
    redactor.settle()  # waits for the thread
    databases._worker = other = threading.Thread(target=len, args=("",))
    databases._compile_later()  # one thread is enough
    assert databases._worker is other
    databases._worker = None
    assert redactor.redact("midst-value-000001") == "[REDACTED]"


def test_what_was_forgotten_is_no_longer_looked_for() -> None:
    now = 0.0
    known = KnownValues(clock=lambda: now)
    redactor = Redactor(known=known, engine="fast")
    for number in range(20):
        known.add(f"old-value-{number:06d}", ref="KEY")
    redactor.settle()
    known.sweep()
    now = 25 * 3600.0
    known.add("new value, 000001", ref="KEY")
    assert redactor.redact("old-value-000001") == "old-value-000001"
    assert redactor.redact("a new value, 000001 b") == "a [REDACTED] b"
    redactor.settle()
    assert redactor.redact("a new+value%2C+000001 b") == "a [REDACTED] b"
    known.add("newer-value-000002", ref="KEY")
    assert redactor.redact("newer-value-000002 é") == "[REDACTED] é"


@pytest.mark.parametrize("engine", ["pure", "fast"])
def test_many_threads_add_and_redact(engine: str) -> None:
    known = KnownValues()
    redactor = Redactor(known=known, engine=engine)  # type: ignore[arg-type]
    leaked: list[str] = []

    def work(which: int) -> None:
        for number in range(150):
            value = f"thread-{which}-{number:05d}-val"
            known.add(value, ref="KEY")
            if value in redactor.redact(f"see {value} there"):
                leaked.append(value)

    threads = [threading.Thread(target=work, args=(which,)) for which in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert leaked == []


def test_a_long_run_of_one_character_is_passed_over() -> None:
    token = "ghp_" + "aB3dE5gH7jK9mN1pQ3sT5vW7yZ9bC1eF3hJ5"
    for text in ("A" * 5000, "A" * 20_000, "-" * 200, "_" * 100):
        for redactor in (PURE, FAST):
            assert redactor.redact(f"{text} {token}") == f"{text} [REDACTED]"


HOSTILE = [
    "sk-" * 8000,
    "glpat-" * 4000,
    "eyJ" * 8000,
    "eyJ." * 6000,
    "a" * 20000,
    "A" * 20000,
    "=" * 20000,
    "password=" * 2400,
    "password='" * 2400,
    "Authorization: " * 1600,
    "Cookie: a=b; " * 1600,
    "://a:" * 4000,
    "://a:b@" * 2800,
    "-----BEGIN " * 2000,
    "-----BEGIN PRIVATE KEY-----\n" * 800,
    "--password " * 2000,
    "\\" * 20000,
    "%41" * 6000,
    "[REDACTED]" * 2000,
    " " * 20000,
    "\0" * 20000,
    "\ud800" * 8000,
    "<password>" * 2000,
    "Bearer " * 2800,
    'x-api-key: "' * 1600,
    "0123456789abcdef" * 1200,
]


@pytest.mark.parametrize("engine", [PURE, FAST], ids=["pure", "fast"])
@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: repr(text[:14]))
def test_hostile_text_ends_soon(text: str, engine: Redactor) -> None:
    masked = engine.redact(text)
    assert engine.redact(masked) == masked
