"""The words: secrets never show, refs and tenants' names keep to their grammar."""

import copy
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secretscope import (
    ConfigurationError,
    DictSecrets,
    InvalidRefError,
    InvalidTenantError,
    MalformedSecretError,
    MissingSecretError,
    Secret,
)
from secretscope.values import TenantNames, called, field_of, parse_ref, split_location

VALUES = st.text(min_size=12, alphabet="abcdefghijklmnop0123456789")


@given(VALUES)
def test_a_secret_never_prints_formats_pickles_or_copies_its_value(value: str) -> None:
    secret = Secret(value, version="3")
    shown = f"{secret} {secret!r} {secret!s:>40} {[secret]}"
    assert value not in shown
    assert "version=3" in shown
    with pytest.raises(TypeError, match="never pickled"):
        pickle.dumps(secret)
    assert copy.deepcopy(secret) is copy.copy(secret) is secret
    assert secret.reveal() == value
    assert repr(Secret(value)) == "<Secret>"


def test_a_secret_of_several_fields_is_one_snapshot() -> None:
    pair = Secret({"user": "anna", "password": "geheim-1234"})
    assert (pair.reveal("user"), pair.reveal("password")) == ("anna", "geheim-1234")
    assert pair.fields == ("user", "password")
    assert not pair.is_text
    with pytest.raises(MissingSecretError, match="user, password") as caught:
        pair.reveal()
    assert "geheim" not in str(caught.value)
    assert Secret({"value": "x", "other": "y"}).reveal() == "x"
    assert Secret({"only": "z"}).reveal() == "z"
    with pytest.raises(MissingSecretError):
        Secret("text").reveal("field")
    assert Secret("text").fields == ("value",)
    document = Secret('{"user": "anna", "password": "geheim-1234"}')
    assert document.reveal("user") == "anna"
    assert document.reveal().startswith("{")


def test_two_secrets_are_compared_by_all_that_they_hold() -> None:
    assert Secret({"a": "1"}).same_as(Secret({"a": "1"}))
    assert Secret({"a": "1", "b": "2"}).same_as(Secret({"b": "2", "a": "1"}))
    assert not Secret({"a": "1", "b": "2"}).same_as(Secret({"a": "2", "b": "1"}))
    assert not Secret({"a": "1"}).same_as(Secret({"b": "1"}))
    assert not Secret({"value": "1"}).same_as(Secret("1"))
    assert not Secret("1").same_as(Secret("2"))


@pytest.mark.parametrize(
    "ref",
    ["", "..", ".", "a//b", "/a", "a/", "a/../b", "a/./b", "%2e%2e", "a\\b", "a\0b", "a?b",
     "a#b#c", "a:b", "a#", "#a", "Α_KEY", "a b", "x" * 513, "a\n"],
)  # fmt: skip
def test_a_ref_outside_the_grammar_is_refused(ref: str) -> None:
    with pytest.raises(InvalidRefError):
        parse_ref(ref)


def test_a_ref_that_is_no_string_is_refused() -> None:
    with pytest.raises(InvalidRefError, match="no string"):
        parse_ref(7)


def test_a_ref_has_a_base_and_may_name_a_field() -> None:
    assert parse_ref("db#password") == parse_ref("db#password")
    assert (parse_ref("prod/db").base, parse_ref("prod/db").field) == ("prod/db", None)
    assert split_location("arn:aws:x#f") == ("arn:aws:x", "f")


@pytest.mark.parametrize("name", ["", "-a", "a/b", "..", "a b", "é", "x" * 129, "a#b"])
def test_a_tenants_name_outside_the_grammar_is_refused(name: str) -> None:
    with pytest.raises(InvalidTenantError):
        TenantNames().check(name)


def test_a_narrower_grammar_of_names_holds() -> None:
    names = TenantNames("[a-z][a-z0-9-]{0,62}")
    assert names.check("acme-2") == "acme-2"
    with pytest.raises(InvalidTenantError):
        names.check("Acme")
    with pytest.raises(InvalidTenantError):
        names.check(7)  # type: ignore[arg-type]
    assert names.can_hold("-")
    assert not names.can_hold("_")
    assert not names.can_hold("/")
    assert TenantNames("(a|b)+").can_hold("_")
    assert TenantNames("a+b").can_hold("a")
    with pytest.raises(ConfigurationError, match="regular expression"):
        TenantNames("[")


def test_a_field_is_read_from_a_json_object() -> None:
    assert field_of('{"a": "1"}', "db#a", store="s") == "1"
    document = '{"user": "anna", "port": 5432, "tls": true, "hosts": ["a", "b"]}'
    for name, value in (("port", "5432"), ("tls", "true"), ("hosts", '["a", "b"]')):
        assert field_of(document, f"db#{name}", store="s") == value
    for text in ('{"a": "1"}', '{"a": "1", "b": null}'):
        with pytest.raises(MissingSecretError, match="its fields are a$"):
            field_of(text, "db#b", store="s")
    for text in ("no json", "[1]", "5", "[" * 100_000):
        with pytest.raises(MalformedSecretError, match="JSON object"):
            field_of(text, "db#a", store="s")


class Shown(dict[str, str]):
    """A user's store, whose repr shows what it holds."""


def test_what_a_user_wrote_is_called_by_its_name_alone() -> None:
    assert called(Shown(KEY="value-for-tests-1")) == "Shown"
    assert called(DictSecrets({"KEY": "value-for-tests-1"})) == "DictSecrets(KEY)"
