"""Messages: what is written is read, and nothing else is."""

import json
import string
from base64 import urlsafe_b64encode
from hashlib import sha256
from hmac import digest

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secretscope import ConfigurationError
from secretscope.fleet._notice import Drop, Envelope, Kind, Notice
from secretscope.fleet._replay import Replays
from secretscope.fleet._seal import MOST_BYTES, Keys, Seal

KEY = "0123456789abcdef0123456789abcdef"
NOTICE = Notice(Kind.ROTATED, "db", "acme", "v7", "Vault")


def keys(*values: str) -> Keys:
    made = Keys()
    made.use("FLEET_KEY", *(values or (KEY,)))
    return made


def seal(name: str = "bus", *values: str) -> Seal:
    return Seal(name, keys(*values))


def signed(text: bytes, name: str = "bus") -> bytes:
    """Sign whatever text with the true key, as a faulty peer might."""
    context = f"secretscope.fleet.1\0{name}\0".encode()
    mac = digest(KEY.encode(), context + text, sha256)
    return urlsafe_b64encode(mac)[:43] + b"." + text


def envelope(number: int = 1, *, sender: str = "a", sent_at: float = 100.0) -> Envelope:
    return Envelope(NOTICE, sender, number, sent_at)


parts = st.text(string.ascii_letters + string.digits + "_.-", min_size=1, max_size=40)
notices = st.builds(
    Notice,
    st.just(Kind.ROTATED),
    parts.filter(lambda ref: ref.strip(".")),
    st.none() | st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,60}", fullmatch=True),
    st.none() | st.text(st.characters(codec="utf-8"), min_size=1, max_size=30),
)


@given(notices, st.integers(1, 2**60))
def test_what_is_sealed_is_opened_and_fits_the_bound(notice: Notice, n: int) -> None:
    sent = Envelope(notice, "0123456789abcdef", n, 1_700_000_000.125)
    message = seal().close(sent)
    assert len(message) <= MOST_BYTES
    assert seal().open(message) == sent


def test_the_longest_names_fit_and_what_is_longer_is_not_told() -> None:
    longest = Notice(Kind.ROTATED, "r" * 512, "t" * 128, "\u2603" * 40, "s" * 254)
    message = seal().close(Envelope(longest, "f" * 64, 2**63, 1_700_000_000.125))
    assert len(message) <= MOST_BYTES
    too_long = Notice(Kind.ROTATED, "r", "t", "\u2603" * 99, "s" * 999)
    opened = seal().open(seal().close(Envelope(too_long, "a", 1, 1.0)))
    assert isinstance(opened, Envelope)
    assert opened.notice == Notice(Kind.ROTATED, "r", "t", None, "")


@given(st.data())
def test_a_message_that_was_changed_anywhere_is_not_opened(data: st.DataObject) -> None:
    message = bytearray(seal().close(envelope()))
    at = data.draw(st.integers(0, len(message) - 1))
    message[at] ^= data.draw(st.integers(1, 255))
    assert isinstance(seal().open(bytes(message)), Drop)


@given(st.integers(0, 500))
def test_a_message_that_was_cut_off_is_not_opened(length: int) -> None:
    message = seal().close(envelope())
    cut = message[: min(length, len(message) - 1)]
    assert seal().open(cut) in {Drop.MALFORMED, Drop.FORGED}


@given(st.binary(max_size=3000))
def test_noise_is_dropped(noise: bytes) -> None:
    assert isinstance(seal().open(noise), Drop)


def test_a_message_fits_its_channel_alone() -> None:
    assert seal("other").open(seal().close(envelope())) is Drop.FORGED


def test_another_key_opens_nothing() -> None:
    assert seal("bus", "x" * 32).open(seal().close(envelope())) is Drop.FORGED


def test_what_is_too_long_is_not_even_looked_at() -> None:
    assert seal().open(signed(b" " * MOST_BYTES)) is Drop.OVERSIZED


GOOD: dict[str, object] = {"v": 1, "s": "a", "n": 1, "t": 1.5, "k": "stale"}


@pytest.mark.parametrize(
    "change",
    [
        {"s": ""},
        {"s": 5},
        {"s": "a" * 65},
        {"n": 0},
        {"n": True},
        {"n": "1"},
        {"t": None},
        {"t": "now"},
        {"t": True},
        {"t": 10**400},
        {"t": -(10**400)},
        {"k": None},
        {"k": "explode"},
        {"k": 3},
        {"k": "rotated"},
        {"k": "forget"},
        {"r": "../x"},
        {"r": ["x"]},
        {"u": "a/b"},
        {"u": "acme "},
        {"w": 7},
        {"d": {}},
    ],
)
def test_a_genuine_message_of_a_faulty_peer_is_dropped(
    change: dict[str, object],
) -> None:
    assert isinstance(seal().open(signed(json.dumps(GOOD).encode())), Envelope)
    text = json.dumps({**GOOD, **change}).encode()
    assert seal().open(signed(text)) is Drop.MALFORMED


@pytest.mark.parametrize("text", [b"", b"{", b"[1]", b"\xff", b"[" * 1900, b"null"])
def test_a_genuine_message_that_is_no_object_is_dropped(text: bytes) -> None:
    assert seal().open(signed(text)) is Drop.MALFORMED


def test_a_message_of_another_protocol_version_is_told_apart() -> None:
    text = json.dumps({**GOOD, "v": 2}).encode()
    assert seal().open(signed(text)) is Drop.FOREIGN


def test_the_key_before_is_accepted_and_the_one_before_that_is_not() -> None:
    first, second, third = ("a" * 32, "b" * 32, "c" * 32)
    followed = keys(first)
    reader = Seal("bus", followed)
    old = seal("bus", first).close(envelope())
    assert followed.use("FLEET_KEY", first) is False
    assert followed.use("FLEET_KEY", second) is True
    assert isinstance(reader.open(old), Envelope)
    assert followed.use("FLEET_KEY", second) is False
    assert isinstance(reader.open(old), Envelope)
    followed.use("FLEET_KEY", third)
    assert reader.open(old) is Drop.FORGED
    assert isinstance(reader.open(seal("bus", second).close(envelope())), Envelope)


def test_keys_named_as_previous_are_accepted_too_and_do_not_sign() -> None:
    both = Seal("bus", keys("n" * 32, "o" * 32))
    assert isinstance(both.open(seal("bus", "o" * 32).close(envelope())), Envelope)
    assert isinstance(seal("bus", "n" * 32).open(both.close(envelope())), Envelope)


def test_a_short_key_is_refused_without_showing_it() -> None:
    with pytest.raises(ConfigurationError, match="FLEET_KEY is shorter than 16") as e:
        keys("hunter2")
    assert "hunter2" not in str(e.value)
    assert KEY not in repr(keys())


def test_a_number_is_listened_to_once() -> None:
    replays = Replays(window=60)
    assert replays.admit(envelope(1), 100.0) is False
    assert replays.admit(envelope(1), 100.0) is Drop.REPLAYED
    assert replays.admit(envelope(2), 100.0) is False
    assert replays.admit(envelope(1), 100.0) is Drop.REPLAYED
    assert replays.admit(envelope(1, sender="b"), 100.0) is False


def test_messages_that_are_missing_are_told_and_may_still_come() -> None:
    replays = Replays(window=60)
    assert replays.admit(envelope(1), 100.0) is False
    assert replays.admit(envelope(4), 100.0) is True
    assert replays.admit(envelope(3), 100.0) is False
    assert replays.admit(envelope(3), 100.0) is Drop.REPLAYED
    assert replays.admit(envelope(2), 100.0) is False
    assert replays.admit(envelope(500), 100.0) is True
    assert replays.admit(envelope(4), 100.0) is Drop.REPLAYED
    assert replays.admit(envelope(437), 100.0) is False
    assert replays.admit(envelope(436), 100.0) is Drop.REPLAYED


@pytest.mark.parametrize("sent_at", [39.0, 161.0, float("nan"), float("inf")])
def test_a_message_from_another_time_is_dropped(sent_at: float) -> None:
    replays = Replays(window=60)
    assert replays.admit(envelope(sent_at=sent_at), 100.0) is Drop.UNTIMELY


def test_a_sender_that_was_dropped_for_room_is_not_replayed() -> None:
    replays = Replays(window=60, most=2)
    assert replays.admit(envelope(sender="a", sent_at=90), 100.0) is False
    assert replays.admit(envelope(sender="b", sent_at=91), 100.0) is False
    assert replays.admit(envelope(sender="c", sent_at=92), 100.0) is False
    assert replays.admit(envelope(sender="a", sent_at=90), 100.0) is Drop.REPLAYED
    assert replays.admit(envelope(2, sender="a", sent_at=93), 100.0) is False


@given(st.lists(st.integers(1, 200), max_size=300))
def test_no_order_of_messages_lets_one_in_twice(numbers: list[int]) -> None:
    replays = Replays(window=60)
    admitted = [
        number for number in numbers if replays.admit(envelope(number), 100.0) in (0, 1)
    ]
    assert len(admitted) == len(set(admitted))
