"""A model's key: also from a bare store whose value has run out."""

import pytest

from secretscope import CachedSecrets, DictSecrets, MissingKeyError, Policy
from secretscope.agent._key import Key
from secretscope.testing import HandClock, ScriptedSource
from tests.plain import PlainStore


async def test_a_bare_store_that_has_run_out_is_asked_again() -> None:
    clock = HandClock()
    source = ScriptedSource({"KEY": "bare-store-key-1"}, clock=clock)
    secrets = CachedSecrets(source, Policy(ttl=60), clock=clock)
    key = Key("KEY", model="m")
    assert await key.read(secrets) == "bare-store-key-1"
    source.hold("KEY", "bare-store-key-2")
    assert await key.read(secrets) == "bare-store-key-1"
    clock.now += 60
    assert secrets.lookup_sync("KEY") is None
    assert await key.read(secrets) == "bare-store-key-2"


async def test_what_a_store_does_not_have_is_looked_for_in_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = HandClock()
    cached = CachedSecrets(ScriptedSource(clock=clock), clock=clock)
    monkeypatch.setenv("KEY", "environment-key1")
    for secrets in (cached, cached, DictSecrets(), PlainStore()):
        assert await Key("KEY", model="m").read(secrets) == "environment-key1"
    monkeypatch.delenv("KEY")
    with pytest.raises(MissingKeyError):
        await Key("KEY", model="m").read(cached)
