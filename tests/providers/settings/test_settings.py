"""Settings: kinds of options, sections that go before others, and tenants' own stores."""

from pathlib import Path
from typing import Any

import pytest

from secretscope import (
    ConfigurationError,
    DictSecrets,
    FileSecrets,
    Policy,
    UnknownTenantError,
)
from secretscope.providers.settings import Settings, read_settings
from secretscope.providers.settings._faults import Faults
from secretscope.providers.settings._options import (
    Check,
    anything,
    each,
    flag,
    listed,
    number,
    one_of,
    options,
    text,
    whole,
)

DIRECTORY = {"directory": "secrets"}


@pytest.mark.parametrize(
    ("check", "value", "fault"),
    [
        (text, "a", None),
        (text, 1, "expected a text, got int"),
        (flag, True, None),
        (flag, 1, "expected true or false, got int"),
        (number(), True, "expected a number, got bool"),
        (number(), 0, None),
        (number(), -0.5, "can't be negative"),
        (number(above=True), 0, "must be above 0"),
        (number(least=1), 0.5, "must be at least 1"),
        (number(most=1), 2, "must be at most 1"),
        (whole(), 1.5, "expected a whole number, got float"),
        (one_of("a", "b"), "b", None),
        (one_of("token", "approle"), "aprole", "did you mean 'approle'"),
        (one_of("a", "b"), 1, "expected one of a, b, got int"),
        (listed(text, "a list"), ["a", 1], "option[1]: expected a text"),
        (listed(text, "a list"), "ab", "expected a list, got str"),
        (each(text), {"a": 1}, "option.a: expected a text"),
        (each(text), [], "expected a mapping, got list"),
        (options({"a": text}), {"a": None}, None),
        (options({"a": text}, a="is needed"), {"a": None}, "option.a: is not set; it"),
        (options({"mount": text}), {"muont": 1}, "did you mean 'mount'"),
        (options({}), [], "expected a mapping of options, got list"),
        (anything, object(), None),
    ],
)
def test_an_option_of_the_wrong_kind_is_named_with_its_path(
    check: Check, value: Any, fault: str | None
) -> None:
    faults = Faults()
    check(value, "option", faults)
    if fault is None:
        faults.tell()
        return
    assert fault in faults.found[0]
    with pytest.raises(ConfigurationError):
        faults.tell()


def read(**more: Any) -> Settings:
    return read_settings({"backend": "files", "files": DIRECTORY, **more})


def test_a_stores_own_cache_section_goes_before_the_shared_one() -> None:
    assert read().policy is None
    assert read(cache={"ttl": 5, "timeout": 2}).policy == Policy(ttl=5, timeout=2)
    own = {**DIRECTORY, "cache": {"ttl": 7}}
    settings = read(files=own, cache={"ttl": 5, "timeout": 2})
    assert settings.policy == Policy(ttl=7, timeout=2)


def test_a_fault_in_a_stores_own_cache_section_names_that_section() -> None:
    with pytest.raises(ConfigurationError, match=r"secrets\.files\.cache\.ttl"):
        read(files={**DIRECTORY, "cache": {"ttl": "long"}})


def test_the_stores_of_a_chain_have_their_own_sections() -> None:
    settings = read_settings(
        {
            "backend": "chain",
            "chain": {"of": ["env", "files"]},
            "files": {**DIRECTORY, "cache": {"ttl": 7}},
            "cache": {"timeout": 2},
        }
    )
    assert [link.policy for link in settings.chained] == [
        Policy(timeout=2),
        Policy(ttl=7, timeout=2),
    ]


def test_a_tenants_own_store_may_be_given_by_its_settings(tmp_path: Path) -> None:
    ready = DictSecrets()
    settings = read(
        tenants={
            "stores": {
                "acme": {"backend": "files", "files": {"directory": str(tmp_path)}},
                "globex": ready,
            }
        }
    )
    assert settings.tenants is not None
    assert settings.tenants.stores is not None
    assert isinstance(settings.tenants.stores("acme"), FileSecrets)
    assert settings.tenants.stores("globex") is ready
    with pytest.raises(UnknownTenantError):
        settings.tenants.stores("initech")


def test_faults_in_a_tenants_own_settings_are_named_with_their_path() -> None:
    with pytest.raises(ConfigurationError) as caught:
        read(tenants={"stores": {"acme": {"backend": "files"}}})
    assert "secrets.tenants.stores.acme.files.directory" in str(caught.value)
