"""The section ``cache``: all of a policy, for a store and for single refs."""

from typing import Any

import pytest

from secretscope import ConfigurationError, Policy
from secretscope.cache import Backoff
from secretscope.providers.settings import read_settings


def policy(cache: dict[str, Any], **settings: Any) -> Policy | None:
    raw = {"backend": "files", "files": {"directory": "x"}, "cache": cache, **settings}
    return read_settings(raw).policy


def test_every_option_is_taken() -> None:
    made = policy(
        {
            "ttl": 60,
            "refresh_ahead": 0.5,
            "jitter": 0.1,
            "max_stale": 10,
            "negative_ttl": 1,
            "backoff": {"first": 2, "most": 9},
            "attempts": 3,
            "idle": 100,
            "timeout": 4,
            "refresh_gap": 7,
            "concurrency": 8,
            "close_timeout": 6,
            "refs": {"A": {"ttl": 5, "max_stale": 0}},
        }
    )
    assert made is not None
    assert (made.ttl, made.refresh_ahead, made.jitter) == (60, 0.5, (0.1, 0.1))
    assert (made.max_stale, made.attempts, made.idle) == (10, 3, 100)
    assert made.backoff == Backoff(2, 9)
    assert (made.of("A").ttl, made.of("A").max_stale, made.of("A").idle) == (5, 0, 100)


def test_a_ttl_may_have_no_end_and_a_null_counts_as_not_set() -> None:
    made = policy({"ttl": "never", "idle": None})
    assert made is not None
    assert (made.ttl, made.idle) == (None, Policy().idle)
    assert policy({"ttl": None}) is None


def test_a_stores_own_section_goes_before_the_shared_one() -> None:
    made = policy(
        {"ttl": 60, "idle": 5, "refs": {"A": {"ttl": 1, "idle": 2}}},
        files={"directory": "x", "cache": {"ttl": 30, "refs": {"A": {"ttl": 3}}}},
    )
    assert made is not None
    assert (made.ttl, made.idle) == (30, 5)
    assert (made.of("A").ttl, made.of("A").idle) == (3, 2)


def test_single_refs_are_named_as_the_application_and_its_tenants_keep_them() -> None:
    made = policy(
        {"refs": {"KEY": {"ttl": 5}, "DB": {"ttl": 6}, "X#user": {"ttl": 7}}},
        path="prod/{ref}",
        refs={"DB": "arn/db#password"},
        tenants={"path": "tenants/{tenant}/{ref}"},
    )
    assert made is not None
    assert made.of("prod/KEY").ttl == made.of("tenants/acme/KEY").ttl == 5
    assert made.of("arn/db").ttl == made.of("tenants/globex/DB").ttl == 6
    assert made.of("prod/X").ttl == 7
    assert made.of("prod/OTHER").ttl == 300
    apart = policy({"refs": {"KEY": {"ttl": 5}}}, tenants={"namespace": "c/{tenant}"})
    assert apart is not None
    assert apart.of("KEY").ttl == 5


@pytest.mark.parametrize(
    ("cache", "told"),
    [
        ({"ttl": "always"}, "secrets.cache.ttl: expected a number"),
        ({"jitter": [2, 1]}, "secrets.cache.jitter: expected two shares"),
        ({"backoff": {"fist": 1}}, "cache.backoff.fist: unknown option; .* 'first'"),
        ({"attempts": 0}, "must be at least 1"),
        ({"refs": []}, "a mapping of ref to options"),
        ({"refs": {"A": {"concurrency": 1}}}, "cache.refs.A.concurrency: unknown"),
        ({"refs": {"../A": {"ttl": 1}}}, "cache.refs.../A: is no ref"),
    ],
)
def test_what_can_not_work_is_told_with_its_path(
    cache: dict[str, Any], told: str
) -> None:
    with pytest.raises(ConfigurationError, match=told):
        policy(cache)


def test_a_ref_that_is_a_field_of_one_document_has_no_options_of_its_own() -> None:
    with pytest.raises(ConfigurationError, match="fields of one document"):
        policy({"refs": {"KEY": {"ttl": 5}}}, tenants={"path": "t/{tenant}#{ref}"})
