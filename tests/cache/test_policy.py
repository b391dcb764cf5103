"""Policies: options that can't work are told by name, and single refs have their own."""

from typing import Any

import pytest

from secretscope import ConfigurationError, Policy
from secretscope.cache import LOCAL, Backoff


def test_the_defaults_are_safe() -> None:
    policy = Policy()
    assert (policy.ttl, policy.max_stale, policy.negative_ttl) == (300, 3600, 5)
    assert policy.backoff == Backoff(first=1, most=60)
    assert policy.jitter == (0.1, 0.2)
    assert LOCAL.ttl is None


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"ttl": -1}, "cache.ttl: expected a number of at least 0"),
        ({"ttl": "5 min"}, "cache.ttl: expected a number of at least 0"),
        ({"ttl": True}, "cache.ttl: expected a number"),
        ({"timeout": 0}, "cache.timeout: expected a number above 0"),
        ({"concurrency": 1.5}, "cache.concurrency: expected a whole number"),
        ({"refresh_ahead": 1.1}, "above 0 and at most 1"),
        ({"jitter": [0.3, 0.1]}, "cache.jitter: expected two shares"),
        ({"jitter": [0.1, 0.2, 0.3]}, "cache.jitter: expected two shares"),
        ({"jitter": "x"}, "cache.jitter: expected two shares"),
        ({"backoff": 3}, "cache.backoff: expected seconds"),
        ({"backoff": {"fist": 3}}, "cache.backoff.fist: unknown option; .* 'first'"),
        ({"backoff": {"first": 0}}, "first: expected a number above 0"),
        ({"refs": ["A"]}, "cache.refs: expected a mapping"),
        ({"refs": {"A": 5}}, "cache.refs.A: expected a mapping"),
        ({"refs": {"A": {"tll": 5}}}, "cache.refs.A.tll: unknown option; .* 'ttl'"),
        ({"refs": {"A": {"ttl": -5}}}, "cache.refs.A.ttl: expected a number"),
        ({"refs": {"A": {"concurrency": 5}}}, "it holds for a whole store"),
    ],
)
def test_an_option_that_can_not_work_is_told_by_name(
    options: dict[str, Any], told: str
) -> None:
    with pytest.raises(ConfigurationError, match=told):
        Policy(**options)


def test_a_ref_has_the_options_that_differ_by_name_or_by_pattern() -> None:
    policy = Policy(
        ttl=100,
        jitter=0.1,
        refs={"t/*/KEY": {"ttl": 10}, "t/acme/KEY": {"ttl": 5, "backoff": {"most": 9}}},
    )
    assert policy.of("A") is policy
    assert policy.of("t/globex/KEY").ttl == 10
    assert policy.of("t/acme/KEY").ttl == 5
    assert policy.of("t/acme/KEY").backoff.most == 9
    assert policy.of("t/acme/KEY").jitter == (0.1, 0.1)
    assert policy.of("t/acme/OTHER") is policy
    assert Policy().of("A").ttl == 300
