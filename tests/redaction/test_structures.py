"""Documents, records and exceptions are masked as a whole, and none is changed."""

import copy
import dataclasses
import json
from collections import namedtuple
from typing import Any

import attrs
import pytest

from secretscope.redaction import Redactor, redact_value
from secretscope.redaction._structures import RedactedError

PAT = "ghp_" + "aB3dE5gH7jK9mN1pQ3sT5vW7yZ9bC1eF3hJ5"
R = "[REDACTED]"


@attrs.frozen
class Login:
    user: str
    password: str
    note: str = ""
    tries: list[str] = attrs.field(factory=list)


@dataclasses.dataclass(slots=True)
class Call:
    url: str
    api_key: str


Pair = namedtuple("Pair", "left right")  # noqa: PYI024 - untyped ones are about too


class Odd:
    def __init__(self, text: str) -> None:
        self.text = text

    def __repr__(self) -> str:
        return f"Odd({self.text})"


class Mute:
    def __repr__(self) -> str:
        raise ValueError(PAT)


DOCUMENT: dict[Any, Any] = {
    "user": "anna",
    "password": "hunter22",
    "text": f"see {PAT}",
    f"key {PAT}": 1,
    "nested": [{"api_key": "k", "n": 7}, (PAT, 2.5), {PAT}, frozenset(("a",))],
    "raw": PAT.encode() + b"\xff",
    "credentials": {
        "user": "anna",
        "port": 5432,
        "on": True,
        "none": None,
        "raw": b"x",
    },
    "authorization": "anything",
    "empty": {"password": "", "token": None},
    3: Pair("a", PAT),
}


def test_a_document_is_masked_by_content_and_by_name() -> None:
    before = copy.deepcopy(DOCUMENT)
    assert redact_value(DOCUMENT) == {
        "user": "anna",
        "password": R,
        "text": f"see {R}",
        f"key {R}": 1,
        "nested": [{"api_key": R, "n": 7}, (R, 2.5), {R}, {"a"}],
        "raw": R.encode() + b"\xff",
        "credentials": {
            "user": R,
            "port": R,
            "on": True,
            "none": None,
            "raw": R.encode(),
        },
        "authorization": R,
        "empty": {"password": "", "token": None},
        3: Pair("a", R),
    }
    assert before == DOCUMENT


def test_labels_say_what_it_was() -> None:
    assert Redactor().redact_value([PAT], label=True) == ["[REDACTED:github-pat]"]


def test_records_stay_what_they_are() -> None:
    login = Login("anna", "hunter22", f"n {PAT}", [PAT])
    assert redact_value(login) == Login("anna", R, f"n {R}", [R])
    assert login.password == "hunter22"
    assert redact_value(Call("https://x", "k")) == Call("https://x", R)
    assert redact_value({"secret": Login("a", "b")}) == {"secret": Login(R, R, "", [])}


def test_other_things_stay_unless_their_text_holds_a_secret() -> None:
    plain, odd = Odd("plain"), Odd(PAT)
    assert redact_value(plain) is plain
    assert redact_value(odd) == f"Odd({R})"
    assert redact_value({"password": plain}) == {"password": R}
    mute = Mute()
    assert redact_value(mute) is mute
    assert redact_value(Login) is Login
    assert redact_value(Call) is Call


class Fussy:
    """A record whose repr shows more than its fields."""

    def __attrs_post_init__(self) -> None:
        self.seen = PAT


@attrs.define(slots=False, repr=False)
class Shown(Fussy):
    name: str

    def __repr__(self) -> str:
        return f"Shown({self.name}, {PAT})"


@attrs.define
class Half:
    name: str = attrs.field(init=False)


def test_a_record_that_shows_more_than_its_fields_becomes_its_text() -> None:
    assert redact_value(Shown("x")) == f"Shown(x, {R})"
    half = Half()
    assert redact_value(half) is half


def test_what_holds_itself_and_what_is_deep_has_an_end() -> None:
    ring: list[Any] = [PAT]
    ring.append(ring)
    assert redact_value(ring) == [R, "[CYCLE]"]
    deep: list[Any] = []
    for _ in range(5000):
        deep = [deep, PAT]
    masked = json.dumps(redact_value(deep))
    assert "[DEEPER]" in masked
    assert PAT not in masked
    shared: list[Any] = ["x"]
    for _ in range(40):
        shared = [shared, shared]
    masked = redact_value(shared)
    assert masked[0] is masked[1]


def raised(error: BaseException) -> BaseException:
    try:
        raise error
    except BaseException as caught:  # noqa: BLE001 - any kind
        return caught


class PickyError(Exception):
    def __init__(self, *, code: int, body: str) -> None:
        super().__init__(f"{code}: {body}")
        self.body = body
        self.api_key = "k"


class SaidError(Exception):
    def __str__(self) -> str:
        return f"always {PAT}"


def test_an_exception_keeps_its_type_its_chain_and_its_notes() -> None:
    error = raised(ValueError(f"bad {PAT}", 7))
    error.__cause__ = raised(KeyError(PAT))
    error.__context__ = raised(OSError(2, "no such file", f"/run/{PAT}"))
    error.add_note(f"try {PAT}")
    masked = redact_value(error)
    assert isinstance(masked, ValueError)
    assert masked.args == (f"bad {R}", 7)
    assert masked.__notes__ == [f"try {R}"]
    assert masked.__traceback__ is error.__traceback__
    assert repr(masked.__cause__) == f"KeyError('{R}')"
    assert PAT not in str(masked.__context__)
    assert PAT in str(error)


def test_an_exception_with_a_constructor_of_its_own_is_masked_too() -> None:
    masked = redact_value(PickyError(code=401, body=f"x {PAT}"))
    assert isinstance(masked, PickyError)
    assert str(masked) == f"401: x {R}"
    assert masked.body == f"x {R}"
    assert masked.api_key == R
    said = redact_value(SaidError())
    assert isinstance(said, RedactedError)
    assert str(said) == f"SaidError: always {R}"
    broken = redact_value(UnicodeDecodeError("utf-8", PAT.encode(), 0, 1, "why"))
    assert PAT not in f"{broken!r}"


def test_a_group_of_exceptions_is_masked_one_by_one() -> None:
    plain = redact_value(ExceptionGroup("two", [ValueError(PAT), KeyError("x")]))
    assert isinstance(plain, ExceptionGroup)
    assert [repr(one) for one in plain.exceptions] == [
        f"ValueError('{R}')",
        "KeyError('x')",
    ]
    named = redact_value(ExceptionGroup(f"all {PAT}", [ValueError("x")]))
    assert named.message == f"all {R}"


def test_a_chain_that_bites_its_tail_has_an_end() -> None:
    first, second = ValueError("a"), KeyError("b")
    first.__cause__, second.__cause__ = second, first
    masked = redact_value(first)
    assert isinstance(masked.__cause__, KeyError)
    assert masked.__cause__.__cause__ is None


@pytest.mark.parametrize("value", [None, True, 3, 2.5, "text", b"raw", ()])
def test_plain_things_come_back(value: object) -> None:
    assert redact_value(value) == value


Named = namedtuple("Named", "user password")  # noqa: PYI024 - as above


def test_tuples_are_masked_by_their_fields_and_pairs_by_their_first() -> None:
    assert redact_value(Named("anna", "hunter")) == Named("anna", R)
    headers = [("authorization", "Basic x"), (b"x-api-key", b"k"), ("host", "a")]
    masked = [("authorization", R), (b"x-api-key", R.encode()), ("host", "a")]
    assert redact_value(headers) == masked
    assert redact_value(("api_key", "client_secret")) == ("api_key", "client_secret")
    assert redact_value({(PAT, 1): 2, PAT.encode(): 3}) == {(R, 1): 2, R.encode(): 3}


def test_what_fails_in_its_own_code_stays_or_becomes_its_text() -> None:
    class Broken(dict[str, str]):
        def items(self) -> Any:
            raise RuntimeError(PAT)

    broken = Broken(a="b")
    assert redact_value([broken]) == [broken]
    assert redact_value({"password": broken}) == {"password": R}
    assert redact_value([Broken(a=PAT)]) == [f"{{'a': '{R}'}}"]


def test_notes_that_are_no_list_are_left_out() -> None:
    error = ValueError("x")
    error.__notes__ = None  # type: ignore[assignment]
    assert not hasattr(redact_value(error), "__notes__")
