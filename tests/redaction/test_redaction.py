"""What was handed out, and what looks like a credential, is masked."""

import logging
import string
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secretscope.redaction import (
    KNOWN,
    KnownValues,
    Redactor,
    _door,
    mask_known,
    prepare,
    redact,
    redactor,
    stream_known,
)

MIXED = "aB3dE5gH7jK9mN1pQ3sT5vW7yZ9bC1eF3hJ5"
UPPER = "ABCD1234EFGH5678"
CREDENTIALS = [
    f"sk-{MIXED}",
    f"sk-proj-{MIXED}",
    f"sk-ant-api03-{MIXED}",
    f"AKIA{UPPER}",
    f"ASIA{UPPER}",
    f"ghp_{MIXED}",
    f"gho_{MIXED}",
    f"github_pat_{MIXED}{MIXED}",
    f"xoxb-{MIXED}",
    f"AIza{MIXED[:35]}",
]


@pytest.mark.parametrize("secret", CREDENTIALS)
def test_a_credential_is_masked_wherever_it_stands(secret: str) -> None:
    for text in (
        f'{{"k": "{secret}"}}',
        f"it is {secret}, yes",
        f"at the end {secret}",
    ):
        masked = redact(text)
        assert secret not in masked
        assert "[REDACTED]" in masked
        assert redact(masked) == masked


def test_the_scheme_and_the_variables_name_stay() -> None:
    assert (
        redact(f"Authorization: Bearer {MIXED}") == "Authorization: Bearer [REDACTED]"
    )
    assert redact(f"MY_API_KEY={MIXED}") == "MY_API_KEY=[REDACTED]"
    assert redact(f"SOME_TOKEN = '{MIXED}'") == "SOME_TOKEN = '[REDACTED]'"
    assert "[REDACTED:" in redact(CREDENTIALS[0], label=True)


@pytest.mark.parametrize(
    "text",
    ["", "the token is short-lived", "sk-learn is a library", "a bearer of news",
     "3f786850e387550fdab836ed7e6dc881de23001b", "task-force-one"],
)  # fmt: skip
def test_plain_text_is_left_alone(text: str) -> None:
    assert redact(text) == text


def test_only_text_is_redacted() -> None:
    with pytest.raises(TypeError, match="bytes"):
        redact(b"secret")  # type: ignore[arg-type]

    class Text(str):
        __slots__ = ()

    assert redact(Text("plain")) == "plain"
    redactor().settle()
    with pytest.raises(TypeError, match="NoneType"):
        redactor().find(None)  # type: ignore[arg-type]


@given(st.text(alphabet=string.ascii_letters + string.digits, min_size=16, max_size=40))
def test_a_known_value_never_survives(value: str) -> None:
    known = KnownValues()
    known.add(value, ref="KEY")
    if value in known.values():
        assert value not in Redactor(known=known, engine="pure").redact(
            f"x{value}y {value}"
        )


def test_what_goes_back_masks_only_what_is_the_tenants_own() -> None:
    KNOWN.add("acme-private-value-77", ref="A", tenant="acme")
    KNOWN.add("globex-private-value-77", ref="A", tenant="globex")
    KNOWN.add("platform-value-0077", ref="P")
    text = (
        f"acme-private-value-77 globex-private-value-77 platform-value-0077 sk-{MIXED}"
    )
    assert mask_known(text, tenant="acme") == (
        f"[REDACTED] globex-private-value-77 [REDACTED] sk-{MIXED}"
    )
    assert redact(text) == "[REDACTED] [REDACTED] [REDACTED] [REDACTED]"
    stream = stream_known(tenant="acme")
    said = "".join(map(stream.feed, text)) + stream.close()
    assert said == mask_known(text, tenant="acme")


def test_of_two_values_the_longer_is_masked_first() -> None:
    known = KnownValues()
    known.add("prefix-value-0001", ref="A")
    known.add("prefix-value-0001-and-more", ref="B")
    assert Redactor(known=known).redact("prefix-value-0001-and-more") == "[REDACTED]"


def test_short_and_common_values_are_not_masked_blindly(
    caplog: pytest.LogCaptureFixture,
) -> None:
    known = KnownValues()
    with caplog.at_level(logging.WARNING):
        for value in ("true", "admin", "1234", "aaaaaaaaaaaa"):
            known.add(value, ref="WEAK_ONE")
    assert known.values() == []
    assert "WEAK_ONE" in caplog.text
    assert "admin" not in caplog.text


def test_the_fields_of_a_json_value_are_values_too() -> None:
    known = KnownValues()
    known.add(
        '{"user": "anna-the-user-1", "list": ["listed-value-001"], "n": 1}', ref="J"
    )
    assert "anna-the-user-1" in known.values()
    assert "listed-value-001" in known.values()
    known.add('{"broken', ref="B")


class Holder:
    def held_values(self) -> list[str]:
        return ["held-value-000001"]


def test_a_value_is_kept_for_a_day_after_nobody_held_or_read_it() -> None:
    now = 0.0
    known = KnownValues(clock=lambda: now)
    holder = Holder()
    known.hold_with(holder)
    entries = [
        known.add(f"{w}-value-000001", ref="R") for w in ("held", "free", "used")
    ]
    known.sweep()
    now = 24 * 3600 + 1.0
    known.add("used-value-000001", ref="R")
    known.sweep()
    assert sorted(known.values()) == ["held-value-000001", "used-value-000001"]
    del holder
    known.sweep()
    now *= 2
    known.add("late-value-000001", ref="R", tenant="acme")
    assert known.values() == ["late-value-000001"]
    assert "value-000001" not in repr(entries[0])


def test_the_set_is_bounded_and_what_is_held_goes_last() -> None:
    known = KnownValues(most=10)
    holder = Holder()
    known.hold_with(holder)
    known.add("held-value-000001", ref="R")
    redactor = Redactor(known=known)
    for number in range(50):
        known.add(f"bounded-value-{number:04d}", ref="R")
        masked = redactor.redact(f"a bounded-value-{number:04d} held-value-000001")
        assert masked == "a [REDACTED] [REDACTED]"
    assert len(known) <= 11
    assert "held-value-000001" in known.values()


def test_a_document_goes_with_its_fields() -> None:
    now = 0.0
    known = KnownValues(clock=lambda: now)
    known.add('{"user": "anna-the-user-1"}', ref="J")
    known.sweep()
    now = 24 * 3600 + 1.0
    known.sweep()
    assert len(known) == 0
    assert Redactor(known=known).redact("anna-the-user-1") == "anna-the-user-1"


def test_what_is_known_of_a_value_grows_and_goes(
    caplog: pytest.LogCaptureFixture,
) -> None:
    now = 0.0
    known = KnownValues(clock=lambda: now)
    known.add("shared-value-0001", ref="A", tenant="acme")
    known.add("shared-value-0001", ref="A", tenant="globex")
    deep = "[" * 40 + '"deep-value-000001"' + "]" * 40
    known.add(deep, ref="D")
    known.add('{"weak": "abc", "n": 7, "line": " lined-value-0001 \\n"}', ref="J")
    known.add("short", ref="W")
    assert "abc" not in caplog.text
    redactor = Redactor(known=known)
    assert redactor.mask_known("a shared-value-0001", "globex") == "a [REDACTED]"
    assert redactor.mask_known("a shared-value-0001", "other") == "a shared-value-0001"
    known.sweep()
    now = 24 * 3600 + 1.0
    known.sweep()
    assert known.values() == []


@pytest.mark.parametrize(
    "value", [" " * 12, "see [REDACTED] 1", "continuing", "2026-11-24", "10.0.0.1"]
)
def test_blanks_words_and_dates_are_too_common(value: str) -> None:
    known = KnownValues()
    known.add(value, ref="W")
    assert known.values() == []


def test_a_line_without_its_end_is_known_too() -> None:
    known = KnownValues()
    known.add("from-a-file-0001\n", ref="F")
    assert Redactor(known=known).redact("x from-a-file-0001 y") == "x [REDACTED] y"


def test_findings_say_which_shape_stands_where() -> None:
    known = KnownValues()
    known.add("a-known-value-0001", ref="KEY")
    token = "ghp_" + "a1B2c3D4e5F6" * 3
    text = f"see {token} and a-known-value-0001"
    found = Redactor(known=known).findings(text)
    assert [text[each.start : each.end] for each in found] == [
        token,
        "a-known-value-0001",
    ]
    assert found[0].name == "github-pat"
    assert Redactor().findings("nothing here") == []


def test_a_tenant_that_is_let_go_of_is_masked_for_one_more_day() -> None:
    now = 0.0
    known = KnownValues(clock=lambda: now)
    known.add("acme-value-000001", ref="A", tenant="acme")
    known.add("shared-value-0001", ref="A", tenant="acme")
    known.add("shared-value-0001", ref="A", tenant="globex")
    known.add("globex-value-0001", ref="A", tenant="globex")
    known.add("acme-value-000002", ref="B", tenant="acme")
    known.forget("acme")
    redactor = Redactor(known=known)
    assert redactor.redact("acme-value-000001") == "[REDACTED]"
    assert redactor.mask_known("shared-value-0001", "globex") == "[REDACTED]"
    now = 20 * 3600.0
    known.add("acme-value-000002", ref="B", tenant="acme")
    assert redactor.mask_known("shared-value-0001", "acme") == "shared-value-0001"
    now = 24 * 3600.0 + 1
    known.sweep()
    assert known.values() == [
        "shared-value-0001",
        "globex-value-0001",
        "acme-value-000002",
    ]


def test_a_tenant_that_comes_back_holds_what_it_reads_again() -> None:
    now = 0.0
    known = KnownValues(clock=lambda: now)
    for name in ("acme", "globex"):
        known.add(f"{name}-value-000001", ref="A", tenant=name)
        known.add(f"{name}-value-000002", ref="B", tenant=name)
        known.forget(name)
    now = 3600.0
    known.add("acme-value-000002", ref="B", tenant="acme")
    now = 24 * 3600.0 + 1
    known.sweep()
    assert known.values() == ["acme-value-000002"]


def test_a_value_that_thousands_have_takes_up_a_place_for_each_and_no_more() -> None:
    now = 0.0
    known = KnownValues(clock=lambda: now)
    for number in range(3000):
        known.add("the-value-of-all-001", ref="A", tenant=f"tenant-{number}")
    tags = len(known._tags)
    redactor = Redactor(known=known)
    for tenant in ("tenant-0", "tenant-2999"):
        assert redactor.mask_known("the-value-of-all-001", tenant) == "[REDACTED]"
    for number in range(2, 3000):
        known.forget(f"tenant-{number}")
    now = 3600.0
    known.add("another-value-0001", ref="A", tenant="tenant-5")
    assert tags < 10
    for tenant, seen in (
        ("tenant-0", "[REDACTED]"),
        ("tenant-2999", "the-value-of-all-001"),
    ):
        assert redactor.mask_known("the-value-of-all-001", tenant) == seen
    now = 26 * 3600.0
    known.sweep()
    now += 25 * 3600.0
    known.sweep()
    assert known.values() == []
    assert known._tags == {}


def test_forgetting_made_up_names_takes_up_no_room() -> None:
    known = KnownValues()
    known.add("acme-value-000001", ref="A", tenant="acme")
    for number in range(5000):
        known.forget(f"made-up-{number}")
    assert len(known._leaving) <= 1024
    assert known.values() == ["acme-value-000001"]


def test_the_first_text_is_masked_while_the_engine_is_built(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(_door, "_process", [])
    monkeypatch.setattr(_door, "_quick", [])
    with monkeypatch.context() as ending:
        ending.setattr(threading.Thread, "start", no_more_threads)
        assert redact(f"ghp_{MIXED}") == "[REDACTED]"
        assert redact(f"ghp_{MIXED}") == "[REDACTED]"
    assert _door._process == []
    prepare().join()
    assert redact(f"ghp_{MIXED}") == "[REDACTED]"
    assert redactor() is _door._process[0]


def no_more_threads(_thread: threading.Thread) -> None:
    raise RuntimeError("can't start new thread at interpreter shutdown")
